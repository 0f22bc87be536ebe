import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { secretFromCommand } from "../../core/adapters/secrets/command-source.ts";
import { fail } from "../../core/errors.ts";
import type { ClusterNode, SecretSource, SshSettings } from "../../core/model/cluster.ts";
import { SecretValue } from "../../core/model/secret.ts";
import type { Secret, SshTarget } from "../../core/ports.ts";
import type { Become } from "../../core/run/remote/node-link.ts";
import { keepOffScreen } from "../disclosure.ts";

/** Asks the person at the terminal for a value that is not echoed; `undefined` where nobody can be asked. */
export type AskSecret = (what: string) => Promise<Secret | undefined>;

/** What targets are made from. */
export interface TargetOptions {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly ask: AskSecret;
}

/** Reads a secret from where the cluster file says it comes from; `what` names it to people. Problems: `SECRET_MISSING`. */
export type SourceReader = (source: SecretSource, what: string) => Promise<Secret>;

/** Turns nodes of the cluster file into SSH targets; secrets are read once per source. */
export interface Targets {
  target(node: ClusterNode): Promise<SshTarget>;
  become(node: ClusterNode): Promise<Become>;
  readonly read: SourceReader;
  /** Answers that were asked from a person, to hand to an engine process over a pipe. */
  asked(): Readonly<Record<string, string>>;
}

/** Long enough for a password manager that asks for a PIN in a window of its own. */
const commandDeadlineMs = 60_000;

/** Default keys, in OpenSSH's order of preference. */
const defaultKeys = ["id_ed25519", "id_ecdsa", "id_rsa"];

/** Makes targets. `answers` are secrets that another process has asked for already. */
export function createTargets(options: TargetOptions, answers: Readonly<Record<string, string>> = {}): Targets {
  const known = new Map<string, Promise<Secret>>();
  const asked: Record<string, string> = { ...answers };

  function secret(source: SecretSource, what: string): Promise<Secret> {
    const key = source.kind === "ask" ? `ask:${what}` : `${source.kind}:${JSON.stringify(source)}`;
    let value = known.get(key);
    if (value === undefined) {
      value = read(source, what).then((found) => {
        keepOffScreen([{ name: what.replace(/^secret /u, ""), value: found }]);
        return found;
      });
      known.set(key, value);
    }
    return value;
  }

  async function read(source: SecretSource, what: string): Promise<Secret> {
    switch (source.kind) {
      case "env": {
        const value = options.environment[source.name];
        if (value === undefined)
          throw fail("SECRET_MISSING", { message: `The ${what} comes from the environment variable ${source.name}, which is not set.` });
        return new SecretValue(value);
      }
      case "file": {
        const path = expand(source.path, options.folder);
        try {
          return new SecretValue((await readFile(path, "utf8")).replace(/\r?\n$/u, ""));
        } catch (error) {
          throw fail("SECRET_MISSING", { message: `The ${what} comes from ${path}, which cannot be read.`, error });
        }
      }
      case "ask": {
        const before = asked[what];
        if (before !== undefined) return new SecretValue(before);
        const answer = await options.ask(what);
        if (answer === undefined)
          throw fail("SECRET_MISSING", {
            message: `The ${what} must be asked for, and there is nobody to ask.`,
            hint: what.startsWith("secret ")
              ? `Keep it with \`halligan secrets set ${what.slice(7)}\`, or run the command in a terminal.`
              : "Run the command in a terminal, or use env, file or command.",
          });
        asked[what] = answer.reveal();
        return answer;
      }
      case "command": {
        const { words } = source;
        return await secretFromCommand({
          words,
          folder: options.folder,
          environment: options.environment,
          deadlineMs: commandDeadlineMs,
          what,
        });
      }
      case "generate":
        throw fail("SECRET_MISSING", { message: `The ${what} cannot be generated: it belongs to the machines.` });
      default:
        return source satisfies never;
    }
  }

  async function target(node: ClusterNode): Promise<SshTarget> {
    const jumps = node.ssh.jump.map((hop) => ({
      ...base(node.name, node.ssh, options),
      user: hop.user,
      address: hop.address,
      port: hop.port,
      jumps: [],
    }));
    return {
      ...base(node.name, node.ssh, options),
      address: node.address,
      user: node.ssh.user,
      port: node.ssh.port,
      jumps,
      ...(node.ssh.password === undefined ? {} : { password: await secret(node.ssh.password, `SSH password of ${node.ssh.user}`) }),
      ...(node.ssh.passphrase === undefined ? {} : { passphrase: await secret(node.ssh.passphrase, "passphrase of the SSH key") }),
    };
  }

  return {
    target,
    read: secret,
    async become(node) {
      if (node.ssh.become === "none") return { kind: "none" };
      if (node.ssh.becomePassword === undefined) return { kind: "sudo" };
      return { kind: "sudo", password: await secret(node.ssh.becomePassword, `sudo password of ${node.ssh.user}`) };
    },
    asked: () => asked,
  };
}

function base(
  node: string,
  ssh: SshSettings,
  { folder, environment }: TargetOptions,
): Omit<SshTarget, "address" | "user" | "port" | "jumps"> {
  const keys =
    ssh.keys.length > 0
      ? ssh.keys.map((key) => expand(key, folder))
      : defaultKeys.map((name) => join(homedir(), ".ssh", name)).filter((path) => existsSync(path));
  const agent = environment["SSH_AUTH_SOCK"];
  return {
    node,
    transport: ssh.transport,
    keys,
    hostKeys: ssh.hostKeys,
    knownHosts: { file: join(folder, ".halligan", "known_hosts"), alsoRead: [join(homedir(), ".ssh", "known_hosts")] },
    connectTimeoutMs: ssh.connectTimeoutMs,
    ...(ssh.agent && agent !== undefined ? { agent } : {}),
  };
}

/** `~` is the home folder; relative paths start at the cluster folder. */
function expand(path: string, folder: string): string {
  if (path === "~" || path.startsWith("~/")) return join(homedir(), path.slice(2));
  return isAbsolute(path) ? path : resolve(folder, path);
}
