import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ChildProcess, spawn } from "node:child_process";
import type { TestLab } from "../../support/lab.ts";

const program = join(import.meta.dirname, "../../../src/cli/main.ts");

/** What a command came to. */
export interface Told {
  readonly code: number | null;
  /** Both outputs: nothing of either may leak or be a stack trace. */
  readonly text: string;
}

/** A command of ours that is going on. */
export interface Going {
  readonly child: ChildProcess;
  text(): string;
  readonly ended: Promise<Told>;
  /** Waits until the output matches. */
  until(what: RegExp): Promise<void>;
}

/** A cluster folder of one test, with its own store, on machines that tests share. */
export interface Place {
  readonly folder: string;
  /** Writes a file of the folder. */
  write(path: string, text: string): void;
  start(...args: readonly string[]): Going;
  run(...args: readonly string[]): Promise<Told>;
  dispose(): void;
}

/** Makes a cluster folder; `barclamp` is the text of the only one, named `faulty`. */
export function makePlace(
  cluster: string,
  barclamp: string,
  knownHosts?: string,
  environment: Readonly<Record<string, string>> = {},
): Place {
  const folder = mkdtempSync(join(tmpdir(), "halligan-faults-"));
  const write = (path: string, text: string): void => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  mkdirSync(join(folder, ".halligan"), { mode: 0o700 });
  if (knownHosts !== undefined) copyFileSync(knownHosts, join(folder, ".halligan/known_hosts"));
  write("cluster.yaml", cluster);
  write("barclamps/faulty/barclamp.yaml", barclamp);
  const start = (...args: readonly string[]): Going => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: folder,
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    const ended = new Promise<Told>((resolve) => child.once("close", (code) => resolve({ code, text })));
    return {
      child,
      text: () => text,
      ended,
      async until(what) {
        for (let waited = 0; !what.test(text); waited += 50) {
          if (waited > 60_000 || child.exitCode !== null) throw new Error(`${String(what)} did not come: ${text}`);
          await sleep(50);
        }
      },
    };
  };
  return { folder, write, start, run: (...args) => start(...args).ended, dispose: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A cluster file with nodes of a lab, how to reach them, and one deployment of roles of `faulty`. */
export function clusterText(lab: TestLab, name: string, nodes: readonly string[], roles: readonly string[], ssh = "user: root"): string {
  const lines = lab.targets.filter(({ node }) => nodes.includes(node)).map(({ node, address }) => `  ${node}: { address: ${address} }`);
  const place = roles.map((role) => `      ${role}: { on: all }`);
  return [
    "halligan: 1",
    `cluster: ${name}`,
    `ssh: { key: ${lab.status.key}, agent: false, ${ssh} }`,
    "nodes:",
    ...lines,
    ...(roles.length === 0 ? [] : ["deployments:", "  all:", "    place:", ...place]),
    "",
  ].join("\n");
}

/** True when a text shows where in our code something went wrong: that is for `--trace`. */
export function hasStackTrace(text: string): boolean {
  return /^\s+at .*(?:\.ts|node:)/mu.test(text);
}
