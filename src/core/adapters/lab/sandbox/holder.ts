import { type ChildProcessByStdio, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { identify, type ProcessIdentity, waitForEnd } from "../processes.ts";

/** A running node: namespaces kept by one process. */
export interface Holder {
  /** The process whose namespaces are the node. */
  readonly init: ProcessIdentity;
  /** Settles when the node is gone. */
  readonly ended: Promise<void>;
  /** Ends every process in the node. */
  stop(): Promise<void>;
}

/** Thrown when the kernel refused a part of the set-up; carries what the tools said. */
export class HolderFailure extends Error {
  override readonly name = "HolderFailure";
}

type Launcher = ChildProcessByStdio<Writable, Readable, Readable>;

function ownRanges(kind: "uid" | "gid"): readonly (readonly [first: number, count: number])[] {
  const lines = readFileSync(`/proc/self/${kind}_map`, "utf8").trim().split("\n");
  return lines.map((line) => {
    const [inside = "0", , count = "1"] = line.trim().split(/\s+/);
    return [Number(inside), Number(count)];
  });
}

/** True when this process is root over (nearly) all ids; root of a small user namespace is an ordinary user here. */
export function isFullRoot(uid: number): boolean {
  return uid === 0 && ownRanges("uid").some(([first, count]) => first === 0 && count > 65_000);
}

/** Root gives the node every id it has itself; an ordinary user only its own id, which the node sees as root. */
function mapIds(pid: number, ids: { readonly uid: number; readonly gid: number }): void {
  if (ids.uid !== 0) writeFileSync(`/proc/${pid}/setgroups`, "deny");
  for (const kind of ["uid", "gid"] as const) {
    const same = ownRanges(kind).map(([first, count]) => `${first} ${first} ${count}\n`);
    writeFileSync(`/proc/${pid}/${kind}_map`, ids.uid === 0 ? same.join("") : `0 ${ids[kind]} 1\n`);
  }
}

// The first shell runs before the ids are mapped and waits; it becomes root of the namespace with its next exec.
const GATE = `read -r pid rest </proc/self/stat; echo "$pid"; read -r go; exec /bin/sh -c "$1"`;

function launch(script: string): Launcher {
  const args = ["--user", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child=KILL", "/bin/sh", "-c", GATE, "sh", script];
  return spawn("unshare", args, {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
    cwd: "/",
    env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" },
  });
}

async function handshake(launcher: Launcher, ids: { readonly uid: number; readonly gid: number }): Promise<ProcessIdentity> {
  const lines = createInterface({ input: launcher.stdout });
  let init: ProcessIdentity | undefined;
  for await (const line of lines) {
    if (init === undefined) {
      init = identify(Number(line));
      mapIds(launcher.pid ?? 0, ids);
      launcher.stdin.write("go\n");
    } else if (line === "up") return init;
  }
  throw new HolderFailure("the node's first process ended");
}

/** Starts a node from its set-up script (`nodeScript`). @throws HolderFailure with the words of the tool that failed. */
export async function startHolder(script: string, ids: { readonly uid: number; readonly gid: number }): Promise<Holder> {
  const launcher = launch(script);
  let words = "";
  launcher.stderr.on("data", (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-2_000);
  });
  launcher.stdin.on("error", () => undefined);
  const ended = new Promise<void>((resolve) => {
    launcher.once("close", () => resolve());
    launcher.once("error", (error) => {
      words += error.message;
      resolve();
    });
  });
  try {
    const init = await handshake(launcher, ids);
    return { init, ended, stop: () => stopHolder(launcher, init, ended) };
  } catch (error) {
    launcher.kill("SIGKILL");
    await ended;
    throw new HolderFailure(words.trim() || String(error), { cause: error });
  }
}

async function stopHolder(launcher: Launcher, init: ProcessIdentity, ended: Promise<void>): Promise<void> {
  launcher.stdin.destroy();
  launcher.kill("SIGKILL");
  await ended;
  await waitForEnd([init], 5_000);
}
