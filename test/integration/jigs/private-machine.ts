import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A private copy-on-write view of this machine's /etc, /usr, /var and /home, as long as it is open: needs root. */
export class PrivateMachine {
  readonly #holder: ChildProcess;
  readonly #base: string;
  readonly #flags: readonly string[];

  private constructor(holder: ChildProcess, base: string, flags: readonly string[]) {
    this.#flags = flags;
    this.#holder = holder;
    this.#base = base;
  }

  /** `flags` name namespaces beside the one of mounts, such as `-u` for the host name: the same in unshare and nsenter. */
  static async open(flags: readonly string[] = []): Promise<PrivateMachine> {
    const base = mkdtempSync(join(tmpdir(), "hg-machine-"));
    const mounts = ["etc", "usr", "var", "home"].map(
      (name) =>
        `mkdir -p '${base}/${name}/u' '${base}/${name}/w' && mount -t overlay -o lowerdir=/${name},upperdir='${base}/${name}/u',workdir='${base}/${name}/w' overlay /${name}`,
    );
    const script = `mount -t tmpfs tmpfs '${base}' && ${mounts.join(" && ")} && echo ready && exec sleep 1000`;
    const holder = spawn("unshare", ["-m", ...flags, "--propagation", "private", "sh", "-c", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise<void>((resolve, reject) => {
      holder.stdout?.once("data", () => resolve());
      holder.once("exit", (code) => reject(new Error(`no private machine: exit code ${code}`)));
    });
    return new PrivateMachine(holder, base, flags);
  }

  /** Words that run a command in it. */
  get under(): readonly string[] {
    return ["nsenter", "-t", String(this.#holder.pid), "-m", ...this.#flags, "--"];
  }

  /** Output of a shell text run in it, both streams. */
  async sh(text: string): Promise<string> {
    const child = spawn("env", [...this.under, "sh", "-c", `exec 2>&1; ${text}`], { stdio: ["ignore", "pipe", "inherit"] });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    await new Promise((resolve) => child.once("close", resolve));
    return Buffer.concat(chunks).toString();
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#holder.once("exit", resolve));
    this.#holder.kill("SIGKILL");
    await ended;
    rmSync(this.#base, { recursive: true, force: true });
  }
}

/** Text that makes a flat apt repository of tiny packages in a folder; run it in the private machine. */
export function tinyRepository(folder: string): string {
  const make = (name: string, version: string, depends: string): string => {
    const root = join(folder, `${name}-${version}`);
    mkdirSync(join(root, "DEBIAN"), { recursive: true });
    mkdirSync(join(root, "etc"), { recursive: true });
    writeFileSync(join(root, "etc", `${name}.conf`), version);
    writeFileSync(join(root, "DEBIAN/conffiles"), `/etc/${name}.conf\n`);
    const control = `Package: ${name}\nVersion: ${version}\nArchitecture: all\nMaintainer: Test <test@example.org>\n${depends}Description: test\n`;
    writeFileSync(join(root, "DEBIAN/control"), control);
    const deb = `${name}_${version}_all.deb`;
    return `dpkg-deb --root-owner-group -b '${root}' '${folder}/${deb}' >/dev/null && { printf '%s' '${control}'; echo "Filename: ./${deb}"; echo "Size: $(wc -c <'${folder}/${deb}')"; echo "SHA256: $(sha256sum '${folder}/${deb}' | cut -d' ' -f1)"; echo; } >>'${folder}/Packages'`;
  };
  return [
    make("hgtest-main", "1.2-1", "Depends: hgtest-dep\n"),
    make("hgtest-main", "1.3-1", "Depends: hgtest-dep\n"),
    make("hgtest-other", "1.0-1", "Depends: hgtest-dep\n"),
    make("hgtest-dep", "1.0", ""),
    make("hgtest-script", "1.0-1", "Depends: hgtest-awk\n"),
    make("hgtest-awk", "1.0-1", "Depends: hgtest-dep\nProvides: awk\n"),
    "rm -rf /etc/apt/sources.list /etc/apt/sources.list.d /var/lib/apt/lists/*; mkdir -p /etc/apt/sources.list.d",
    `chmod 755 '${folder}'; echo 'deb [trusted=yes] file:${folder} ./' >/etc/apt/sources.list`,
  ].join(" && ");
}
