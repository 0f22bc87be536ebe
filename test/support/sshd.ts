import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Kinds of host keys that a test server can have. */
export type HostKeyKind = "ed25519" | "ecdsa" | "rsa";

/** How to start a test server. Everything is optional. */
export interface SshdOptions {
  /** An address of 127.0.0.0/8; default 127.0.0.1. */
  readonly address?: string;
  /** A fixed port; default: a free one. */
  readonly port?: number;
  /** Host keys to generate; default ed25519 only. */
  readonly hostKeys?: readonly HostKeyKind[];
  /** Existing private host key files to use in place of generated ones. */
  readonly hostKeyFiles?: readonly string[];
  /** Extra public key lines that may log in, beside the generated client key. */
  readonly authorizedKeys?: readonly string[];
  /** Directives of sshd_config, e.g. `{ MaxSessions: 2, AllowTcpForwarding: "no" }`; they win over the defaults. */
  readonly config?: Readonly<Record<string, string | number>>;
  /** Text of the banner that is sent before authentication. */
  readonly banner?: string;
}

/** A host key of a running test server. */
export interface TestHostKey {
  /** Private key file. */
  readonly file: string;
  /** `ssh-ed25519 AAAA...`, without a comment. */
  readonly publicKey: string;
  /** As OpenSSH prints it: `SHA256:...`. */
  readonly fingerprint: string;
}

/** A running OpenSSH server. */
export interface Sshd {
  readonly address: string;
  readonly port: number;
  /** The login user: the user who runs the test. */
  readonly user: string;
  /** Private temporary directory, removed by `stop`. */
  readonly dir: string;
  /** Private key file that may log in (ed25519, no passphrase). */
  readonly clientKey: string;
  readonly hostKeys: readonly TestHostKey[];
  /** A known_hosts file of its own that pins all its host keys. */
  readonly knownHosts: string;
  /** Process id of the listener. */
  readonly pid: number;
  /** What sshd has logged so far (LogLevel VERBOSE). */
  log(): string;
  /** Kills (SIGKILL) the server's side of all connections; the listener and the commands they ran stay. */
  dropConnections(): void;
  /** Stops the listener, all connections and every process below them, and removes `dir`. */
  stop(): Promise<void>;
}

/** Makes a key pair with ssh-keygen and returns its public key line. */
export function makeKey(file: string, kind: HostKeyKind = "ed25519", passphrase = ""): string {
  const size = kind === "rsa" ? ["-b", "2048"] : [];
  execFileSync("ssh-keygen", ["-q", "-t", kind, ...size, "-N", passphrase, "-C", "test", "-f", file]);
  return readFileSync(`${file}.pub`, "utf8").trim();
}

/** `SHA256:...` of a key file, as OpenSSH prints it. */
function fingerprintOf(file: string): string {
  const line = execFileSync("ssh-keygen", ["-l", "-E", "sha256", "-f", file], { encoding: "utf8" });
  return line.split(" ")[1] ?? "";
}

/** A TCP port of `address` that nobody listens on at the moment. */
export async function freePort(address = "127.0.0.1"): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, address, resolve));
  const bound = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (bound === null || typeof bound === "string") throw new Error("no port");
  return bound.port;
}

/**
 * Starts a real OpenSSH server in the foreground with its own configuration, host keys and authorized keys, and waits until it listens.
 * Works as root and as an ordinary user; the login user is the one who runs the test. Call `stop()` when done:
 *
 *     const sshd = await startSshd({ config: { MaxSessions: 2 } });
 *     // connect to sshd.address:sshd.port as sshd.user with sshd.clientKey and sshd.knownHosts
 *     await sshd.stop();
 */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const binary = findSshd();
  const address = options.address ?? "127.0.0.1";
  const dir = mkdtempSync(join(tmpdir(), "hg-sshd-"));
  const clientKey = join(dir, "client");
  const authorized = [makeKey(clientKey), ...(options.authorizedKeys ?? [])];
  writeFileSync(join(dir, "authorized_keys"), `${authorized.join("\n")}\n`, { mode: 0o600 });
  const hostKeys = hostKeysIn(dir, options);
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort(address));
    const config = join(dir, "sshd_config");
    writeFileSync(config, configText(dir, address, port, hostKeys, options));
    const started = await launch(binary, config);
    if ("child" in started) return running(started, { address, port, dir, clientKey, hostKeys });
    if (attempt === 3 || options.port !== undefined || !started.log.includes("Address already in use")) {
      rmSync(dir, { recursive: true, force: true });
      throw new Error(`sshd did not start:\n${started.log}`);
    }
  }
}

function findSshd(): string {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin", "/sbin"];
  const found = folders.map((folder) => join(folder, "sshd")).find((path) => path.startsWith("/") && existsSync(path));
  if (found === undefined) {
    throw new Error(
      "These tests need an OpenSSH server. Install it: `apt-get install openssh-server` (Debian), `dnf install openssh-server` (Fedora).",
    );
  }
  // sshd as root insists on this directory; the init script that usually makes it may never have run
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  return found;
}

function hostKeysIn(dir: string, options: SshdOptions): readonly TestHostKey[] {
  const made = (options.hostKeys ?? ["ed25519"]).map((kind) => {
    const file = join(dir, `host_${kind}`);
    if (options.hostKeyFiles === undefined) makeKey(file, kind);
    return file;
  });
  return (options.hostKeyFiles ?? made).map((file) => ({
    file,
    publicKey: readFileSync(`${file}.pub`, "utf8").split(" ").slice(0, 2).join(" ").trim(),
    fingerprint: fingerprintOf(`${file}.pub`),
  }));
}

function configText(dir: string, address: string, port: number, hostKeys: readonly TestHostKey[], options: SshdOptions): string {
  const directives = new Map<string, string | number>([
    ["ListenAddress", address],
    ["Port", port],
    ["PidFile", "none"],
    ["AuthorizedKeysFile", join(dir, "authorized_keys")],
    ["StrictModes", "no"],
    ["UsePAM", "no"],
    ["PasswordAuthentication", "no"],
    ["KbdInteractiveAuthentication", "no"],
    ["PermitRootLogin", "yes"],
    ["MaxStartups", "500:30:1000"],
    ["LogLevel", "VERBOSE"],
    ["PrintMotd", "no"],
    ["Subsystem", "sftp internal-sftp"],
  ]);
  // since OpenSSH 9.8 a source that fails often is locked out for a while; tests fail on purpose
  if (hasPenalties()) directives.set("PerSourcePenalties", "no");
  if (options.banner !== undefined) {
    writeFileSync(join(dir, "banner"), options.banner);
    directives.set("Banner", join(dir, "banner"));
  }
  for (const [key, value] of Object.entries(options.config ?? {})) directives.set(key, value);
  const lines = [...directives].map(([key, value]) => `${key} ${value}`);
  return `${[...hostKeys.map((key) => `HostKey ${key.file}`), ...lines].join("\n")}\n`;
}

function hasPenalties(): boolean {
  const [, major = "0", minor = "0"] = /OpenSSH_(\d+)\.(\d+)/.exec(sshVersion()) ?? [];
  return Number(major) > 9 || (Number(major) === 9 && Number(minor) >= 8);
}

function sshVersion(): string {
  return execFileSync("sh", ["-c", "ssh -V 2>&1"], { encoding: "utf8" });
}

type Launched = { readonly child: ChildProcess; readonly text: () => string } | { readonly log: string };

async function launch(binary: string, config: string): Promise<Launched> {
  const child = spawn(binary, ["-D", "-e", "-f", config], { stdio: ["ignore", "ignore", "pipe"] });
  let text = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const ended = new Promise<void>((resolve) =>
    child.once("error", (error) => resolve(void (text += error.message))).once("close", () => resolve()),
  );
  for (let waited = 0; waited < 10_000; waited += 10) {
    if (text.includes("Server listening on")) return { child, text: () => text };
    const over = await Promise.race([ended.then(() => true), sleep(10, false)]);
    if (over) return { log: text };
  }
  child.kill("SIGKILL");
  return { log: `${text}\n(not listening after 10 s)` };
}

interface Where {
  readonly address: string;
  readonly port: number;
  readonly dir: string;
  readonly clientKey: string;
  readonly hostKeys: readonly TestHostKey[];
}

function running(started: { child: ChildProcess; text: () => string }, where: Where): Sshd {
  const { child } = started;
  const pid = child.pid ?? 0;
  const knownHosts = join(where.dir, "known_hosts");
  writeFileSync(knownHosts, where.hostKeys.map((key) => `[${where.address}]:${where.port} ${key.publicKey}\n`).join(""));
  const closed = new Promise((resolve) => child.once("exit", resolve));
  return {
    ...where,
    user: userInfo().username,
    knownHosts,
    pid,
    log: started.text,
    dropConnections: () =>
      killAll(
        descendants(pid)
          .filter((each) => each.name.startsWith("sshd"))
          .map((each) => each.pid),
      ),
    async stop() {
      const below = descendants(pid);
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      killAll(below.map((each) => each.pid));
      await closed;
      child.stderr?.destroy();
      rmSync(where.dir, { recursive: true, force: true });
    },
  };
}

function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // it ended by itself in between
    }
  }
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
}

/** All processes below `root`, from /proc or, where there is none, from ps. */
function descendants(root: number): readonly Process[] {
  const all = existsSync("/proc/self/stat") ? fromProc() : fromPs();
  const found: Process[] = [];
  const queue = [root];
  for (let parent = queue.shift(); parent !== undefined; parent = queue.shift()) {
    const children = all.filter((each) => each.parent === parent);
    found.push(...children);
    queue.push(...children.map((each) => each.pid));
  }
  return found;
}

function fromProc(): readonly Process[] {
  return readdirSync("/proc").flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      // pid (name) state ppid ...; the name may itself hold spaces and parentheses
      const [, pid, name, parent] = /^(\d+) \((.*)\) \S+ (\d+)/s.exec(readFileSync(`/proc/${entry}/stat`, "utf8")) ?? [];
      return pid === undefined ? [] : [{ pid: Number(pid), name: name ?? "", parent: Number(parent) }];
    } catch {
      return []; // ended meanwhile
    }
  });
}

function fromPs(): readonly Process[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,comm="], { encoding: "utf8" }).split("\n");
  return lines.flatMap((line) => {
    const [, pid, parent, name] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), name: (name ?? "").split("/").pop() ?? "" }];
  });
}
