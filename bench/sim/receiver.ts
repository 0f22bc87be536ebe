import {
  checkReceiver,
  cleanCommand,
  jobReceiver,
  lookReceiver,
  nodeExit,
  standingReceiver,
} from "../../src/core/run/remote/node-shell.ts";
import { carryOut } from "./carry-out.ts";
import { probeAnswer } from "./facts.ts";
import { JobLog } from "./job-log.ts";
import type { Machine } from "./machine.ts";
import { readScript, Unsupported } from "./script.ts";

/** What a node says on a channel: whole at once, or the log of a job from a byte on. */
export type Answer =
  | { readonly kind: "whole"; readonly what: Asked; readonly out: Uint8Array; readonly err?: string; readonly exit: number }
  | {
      readonly kind: "job";
      readonly what: "job" | "attach";
      readonly preface: string;
      readonly log: JobLog;
      /** Bytes of the log that are not sent again. */
      readonly from: number;
      /** Past this the channel says nothing more. */
      readonly limit: number;
      readonly exit: number;
    };

/** What was asked of a node. */
export type Asked = "probe" | "check" | "job" | "attach" | "clean" | "other";

/** As in the script's prelude. */
const channelLimitBytes = 49_152;

/**
 * What a simulated machine answers to a command of the engine's with its input: the receivers and texts of src/core/run/remote/node-shell.ts and the
 * probe. `pauseMs`: between frames of a job.
 */
export function answer(machine: Machine, command: string, input: Uint8Array, pauseMs: number): Answer {
  const text = textOf(command);
  if (text === undefined) return unknown(`not one of the engine's commands: ${command.slice(0, 80)}`);
  return knowing(() => {
    if (text === checkReceiver || text === lookReceiver) return check(machine, input);
    if (text === jobReceiver) return job(machine, input, pauseMs);
    if (text.includes("HALLIGAN/1 probe")) return probe(machine, input);
    return attach(machine, text) ?? clean(machine, text) ?? unknown("no simulated node does that");
  });
}

/** True for the receiver that stays: what comes on its channel is answered one after another, by `answerTurn`. */
export function staysFor(command: string): boolean {
  return textOf(command) === standingReceiver;
}

/** What the receiver that stays answers to a bundle: a look, a text that cleans, or a job. */
export function answerTurn(machine: Machine, bundle: Uint8Array, pauseMs: number): Answer {
  return knowing(() => {
    const { scope, script } = delivered(bundle);
    if (scope !== "check") return job(machine, bundle, pauseMs);
    const text = script !== undefined && script.length < longestCleaning ? Buffer.from(script).toString("latin1") : "";
    return clean(machine, text.replace(/\nexit 0\n$/u, "")) ?? check(machine, bundle);
  });
}

/** A text that cleans names jobs, a look brings the functions that all scripts need. */
const longestCleaning = 16_384;

function textOf(command: string): string | undefined {
  return /^exec \/bin\/sh -c '([^']*)'$/u.exec(command)?.[1];
}

function knowing(work: () => Answer): Answer {
  try {
    return work();
  } catch (error) {
    if (error instanceof Unsupported) return unknown(error.message);
    throw error;
  }
}

function unknown(why: string): Answer {
  return { kind: "whole", what: "other", out: new Uint8Array(), err: `simulator: ${why}\n`, exit: 2 };
}

function said(what: Asked, text: string, exit: number): Answer {
  return { kind: "whole", what, out: Buffer.from(text), exit };
}

/** What was delivered: the header's words, and the script where it arrived whole. */
function delivered(input: Uint8Array): {
  readonly name: string;
  readonly scope: string;
  readonly fence: string;
  readonly script?: Uint8Array;
  readonly size: number;
} {
  let at = 0;
  for (;;) {
    const end = input.indexOf(10, at);
    const line = Buffer.from(input.subarray(at, end < 0 ? input.length : end)).toString("latin1");
    at = end < 0 ? input.length : end + 1;
    const words = line.split(" ");
    if (words[0] === "HALLIGAN/1" && words.length === 5) {
      const [, name = "", scope = "", fence = "0", size = "0"] = words;
      const rest = input.subarray(at);
      return { name, scope, fence, size: rest.length, ...(rest.length === Number(size) ? { script: rest } : {}) };
    }
    if (end < 0) return { name: "none", scope: "", fence: "0", size: 0 };
  }
}

function cut({ name, size }: { readonly name: string; readonly size: number }, what: Asked): Answer {
  return said(what, name === "none" ? "HALLIGAN/1 none cut\n" : `HALLIGAN/1 ${name} cut ${size}\n`, nodeExit.cut);
}

function check(machine: Machine, input: Uint8Array): Answer {
  const bundle = delivered(input);
  if (bundle.script === undefined) return cut(bundle, "check");
  const frames = carryOut(readScript(bundle.script), machine);
  return { kind: "whole", what: "check", out: Buffer.concat([Buffer.from(`HALLIGAN/1 ${bundle.name} started\n`), ...frames]), exit: 0 };
}

function job(machine: Machine, input: Uint8Array, pauseMs: number): Answer {
  const bundle = delivered(input);
  const { name, scope, fence, script } = bundle;
  if (script === undefined) return cut(bundle, "job");
  const refused = outdated(machine, scope, fence);
  if (refused !== undefined) return said("job", `HALLIGAN/1 ${name} fenced ${refused}\n`, nodeExit.fenced);
  for (const [other, log] of machine.jobs)
    if (other !== name && log.alive) return said("job", `HALLIGAN/1 ${name} busy ${other}\n`, nodeExit.busy);
  if (machine.jobs.has(name)) return said("job", `HALLIGAN/1 ${name} exists\n`, nodeExit.exists);
  const log = new JobLog(carryOut(readScript(script), machine), pauseMs);
  machine.jobs.set(name, log);
  return { kind: "job", what: "job", preface: `HALLIGAN/1 ${name} started\n`, log, from: 0, limit: channelLimitBytes, exit: 0 };
}

/** The newest fencing token when this one is older; else this one is kept as the newest. */
function outdated(machine: Machine, scope: string, fence: string): string | undefined {
  const newest = machine.fences.get(scope) ?? "0";
  const [token = 0, turn = 0] = fence.split(".").map(Number);
  const [newestToken = 0, newestTurn = 0] = newest.split(".").map(Number);
  if (token < newestToken || (token === newestToken && turn < newestTurn)) return newest;
  machine.fences.set(scope, fence);
  return undefined;
}

function attach(machine: Machine, text: string): Answer | undefined {
  const [, name, scope = "", fence = "", offset] = /; J=(\S+); C=(\S+); F=([\d.]+); .* attached; o=(\d+); while :; do /u.exec(text) ?? [];
  if (name === undefined) return undefined;
  const refused = outdated(machine, scope, fence);
  if (refused !== undefined) return said("attach", `HALLIGAN/1 ${name} fenced ${refused}\n`, nodeExit.fenced);
  const log = machine.jobs.get(name);
  if (log === undefined) return said("attach", `HALLIGAN/1 ${name} absent\n`, nodeExit.absent);
  return {
    kind: "job",
    what: "attach",
    preface: `HALLIGAN/1 ${name} attached\n`,
    log,
    from: Number(offset),
    limit: Infinity,
    exit: nodeExit.gone,
  };
}

function clean(machine: Machine, text: string): Answer | undefined {
  const names = /\|\| exit 0; for k in ([^;]+)/u.exec(text)?.[1]?.split(" ") ?? [];
  const leave = text === cleanCommand(names, true);
  if (names.length === 0 || (!leave && text !== cleanCommand(names))) return undefined;
  for (const name of names) machine.jobs.delete(name);
  return said("clean", "", 0);
}

function probe(machine: Machine, input: Uint8Array): Answer {
  const asked = /^ASKED='([^']*)'$/mu.exec(Buffer.from(input).toString("utf8"))?.[1] ?? "";
  const names = asked.split(" ").filter((each) => each !== "");
  return said("probe", probeAnswer(machine, names), 0);
}
