import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, readlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { programFile } from "../../core/adapters/files/package.ts";
import { processStat, startField } from "../../core/adapters/process-stat.ts";
import { fileMode, makePrivateFolder } from "../../core/adapters/store/private-folder.ts";
import { fail, type Problem } from "../../core/errors.ts";
import type { EngineInfo } from "../../core/house.ts";
import type { Clock, Store } from "../../core/ports.ts";
import { engineLease, leaseTtlMs } from "../../core/run/engine.ts";
import { withoutSecrets } from "../disclosure.ts";
import { systemClock } from "./clock.ts";
import { beatEveryMs, standbyWords } from "./standby.ts";

/** How an engine names itself in its lease: `host:pid:start:machine`. */
export function engineOwner(): string {
  return `${hostname()}:${process.pid}:${startTicks(process.pid) ?? "0"}:${machine()}`;
}

/** Tells apart the process tables in which a pid means something: two machines, or two containers, may have the same name. */
function machine(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
    return createHash("sha256")
      .update(`${boot} ${readlinkSync("/proc/self/ns/pid")}`)
      .digest("hex")
      .slice(0, 12);
  } catch {
    return ""; // no /proc: the name must do
  }
}

/** When a process of this machine was started, in clock ticks after boot; `undefined` when there is none. */
function startTicks(pid: number): string | undefined {
  const fields = processStat(pid); // where there is no /proc only the lease's time tells
  return fields?.[0] === "Z" ? undefined : fields?.[startField]; // dead, and its parent has not looked yet
}

/** What is needed to start an engine process. */
export interface EngineStart {
  readonly store: Store;
  readonly clock: Clock;
  readonly cluster: string;
  readonly clusterFile: string;
  readonly folder: string;
  readonly stateUrl: string | undefined;
  /** Secrets that a person typed; they reach the engine over a pipe, never by arguments or environment. */
  readonly answers: Readonly<Record<string, string>>;
}

/** How long a new engine may take to get the lease while its process lives: on a machine with too much to do that takes many times as long as it should. */
const startDeadlineMs = 60_000;
/** How long another front end's engine is waited for once that process has ended. */
const otherDeadlineMs = 15_000;
/** So many processes are started for one wish at most. */
const startsAtMost = 4;

/** The engine that holds the lease and is alive as far as can be told from here. A dead one on this machine loses its lease at once. */
export async function findEngine(store: Store, cluster: string): Promise<EngineInfo | undefined> {
  const holder = await store.holder(engineLease(cluster));
  if (holder === undefined) return undefined;
  const [host = "", pid = "0", ticks = "", where = ""] = holder.owner.split(":");
  const isHere = host === hostname() && where === machine();
  if (isHere && startTicks(Number(pid)) !== ticks) {
    await store.release(holder);
    return undefined;
  }
  const found = { host, pid: Number(pid), started: false, heardAt: holder.expiresAt - leaseTtlMs };
  return isHere ? found : { ...found, elsewhere: holder.owner };
}

/**
 * Starts an engine process unless a live one holds the lease, or has the standby begin that is there. The process is detached: it goes on when its starter leaves.
 * @throws `ENGINE_GONE` when it did not come up.
 */
export async function ensureEngine(start: EngineStart, standby?: Standby): Promise<EngineInfo> {
  const { store, clock, cluster } = start;
  const running = await findEngine(store, cluster);
  if (running !== undefined) return running;
  let until = 0;
  const begin = (child: ChildProcess): ChildProcess => {
    until = clock.now() + startDeadlineMs;
    const ended = (): void => void (until = Math.min(until, clock.now() + otherDeadlineMs));
    return child.once("exit", ended).once("error", ended);
  };
  let child = begin(standby?.begin() ?? spawnEngine(start));
  for (let starts = 1; clock.now() < until; ) {
    const engine = await findEngine(store, cluster);
    if (engine !== undefined) return { ...engine, started: engine.pid === child.pid };
    if (leftNoEngine(child) && starts < startsAtMost) {
      starts += 1;
      child = begin(spawnEngine(start));
    }
    await clock.sleep(25);
  }
  throw fail("ENGINE_GONE", { message: "The engine process did not come up." });
}

/** Whether a process was killed, or left the lease to another one, which may be gone by now. One that ended in trouble would do so again. */
function leftNoEngine(child: ChildProcess): boolean {
  return child.exitCode === 0 || child.signalCode !== null;
}

/** An engine process that waits for its turn while this process is the engine. It begins by itself when this one is gone or says nothing. */
export interface Standby {
  /** Has it begin, and gives it; `undefined` when it was dismissed or has ended. */
  begin(): ChildProcess | undefined;
  /** Nothing is left to do for it. */
  dismiss(): void;
}

/** Starts a standby of `owner`, the name that this process has in its lease. */
export function startStandby(start: EngineStart, owner: string): Standby {
  const child = spawnEngine(start, owner);
  const say = (word: string): void => void child.stdin?.write(`${word}\n`);
  const beat = setInterval(() => say(""), beatEveryMs).unref();
  let gone = false;
  const end = (): void => {
    gone = true;
    clearInterval(beat);
  };
  child.once("exit", end).once("error", end);
  return {
    begin() {
      if (gone) return undefined;
      say(standbyWords.begin);
      return child;
    },
    dismiss() {
      end();
      child.stdin?.end(`${standbyWords.dismiss}\n`);
    },
  };
}

function spawnEngine({ clusterFile, folder, stateUrl, answers }: EngineStart, starter?: string): ChildProcess {
  const home = join(folder, ".halligan");
  makePrivateFolder(home);
  const log = openSync(join(home, "engine.log"), "a", fileMode(home));
  const program = programFile("cli/main");
  const waits = starter === undefined ? [] : ["--standby", starter];
  const args = [
    ...process.execArgv,
    program,
    "engine",
    "-f",
    clusterFile,
    ...(stateUrl === undefined ? [] : ["--state", stateUrl]),
    ...waits,
  ];
  const child = spawn(process.execPath, args, { detached: true, stdio: ["pipe", log, log], cwd: folder });
  closeSync(log);
  child.stdin?.on("error", () => undefined); // it died at once; the deadline tells
  child.stdin?.write(`${JSON.stringify(answers)}\n`);
  if (starter === undefined) child.stdin?.end();
  child.unref();
  return child;
}

/** An engine's last words, for `engine.log`: whoever follows the run learns them from there or from the next engine. */
export function troubleWords(problems: readonly Problem[]): string {
  const at = new Date(systemClock.now()).toISOString();
  return problems
    .map(({ code, message, cause }) => withoutSecrets(`${at} ${process.pid} ${code} ${message}${cause === undefined ? "" : ` ${cause}`}\n`))
    .join("");
}

/** What the last engine of a cluster folder said when it ended in trouble. */
export async function engineLastWords(folder: string): Promise<string | undefined> {
  const text = await readFile(join(folder, ".halligan", "engine.log"), "utf8").catch(() => "");
  return text.trimEnd().split("\n").at(-1)?.slice(0, 400) || undefined;
}
