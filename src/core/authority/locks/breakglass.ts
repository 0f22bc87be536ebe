import { createHash } from "node:crypto";
import { fail } from "../../errors.ts";
import { toStored } from "../../journal/events.ts";
import type { PlanId, RunId } from "../../model/ids.ts";
import type { EpochMs, Store } from "../../ports.ts";
import { readRun } from "../../run/annealer.ts";
import { listRuns } from "../../run/requests.ts";
import type { Holdup, Judge } from "../gate.ts";
import { foldStream } from "./fold-stream.ts";

/** Stream of what happened about break-glass beside the runs' own events. */
const breakglassStream = "breakglass";
const leastReason = 10;

/** @throws `REASON_TOO_SHORT`. */
export function checkReason(reason: string | undefined): string {
  const text = reason?.trim() ?? "";
  if (text.length >= leastReason) return text;
  throw fail("REASON_TOO_SHORT", {
    message: `A reason of at least ${leastReason} characters is needed${text === "" ? "" : `; "${text}" is too short`}.`,
  });
}

/** True for what break-glass gets past: approvals, locks of others, freezes and denials by policy. Never rights, never the digest, never the order of runs. */
export function isPassed({ kind }: Holdup): boolean {
  switch (kind) {
    case "approval":
    case "lock":
    case "freeze":
    case "policy":
      return true;
    case "rights":
    case "queue":
    case "worker":
      return false;
    default:
      return kind satisfies never;
  }
}

/**
 * Lets runs with break-glass past what break-glass gets past, and puts into the journal what that was, once for each reason. A store that
 * cannot take the note lets nothing through.
 */
export function withBreakglass(judge: Judge, store: Store): Judge {
  return async (question) => {
    const holdups = await judge(question);
    const { breakglass, run, phase } = question;
    if (breakglass === undefined) return holdups;
    const passed = holdups.filter(isPassed);
    if (run !== undefined && phase !== "plan" && passed.length > 0) await notePassed(store, run, phase, passed);
    return holdups.filter((each) => !isPassed(each));
  };
}

async function notePassed(store: Store, run: RunId, phase: "request" | "start" | "batch", holdups: readonly Holdup[]): Promise<void> {
  const passed = holdups.map(({ problem }) => `${problem.code}: ${problem.message}`);
  const digest = createHash("sha256").update(passed.join("\n")).digest("hex").slice(0, 16);
  const event = toStored({ type: "breakglass.passed", v: 1, run, phase, passed });
  await store.append(breakglassStream, [event], { commandId: `passed:${run}:${digest}` });
}

/** A use of break-glass. Its review stays open until an admin closes it with a note. */
export interface BreakglassUse {
  readonly run: RunId;
  readonly plan: PlanId;
  readonly by: string;
  readonly at: EpochMs;
  readonly reason: string;
  /** What the run was taken past, as `CODE: message`. */
  readonly passed: readonly string[];
  readonly reviewed?: { readonly by: string; readonly at: EpochMs; readonly note: string };
}

/** All uses of break-glass, oldest first. That a run used it is told by the run's own intent: no use can be lost on the way. */
export async function breakglassUses(store: Store): Promise<readonly BreakglassUse[]> {
  const entries = (await listRuns(store)).filter((entry) => entry.breakglass === true);
  if (entries.length === 0) return [];
  const passed = new Map<string, readonly string[]>();
  const reviewed = new Map<string, NonNullable<BreakglassUse["reviewed"]>>();
  await foldStream(store, breakglassStream, undefined, (state, event) => {
    if (event.type === "breakglass.passed") passed.set(event.run, [...new Set([...(passed.get(event.run) ?? []), ...event.passed])]);
    if (event.type === "breakglass.reviewed") reviewed.set(event.run, { by: event.by, at: event.at, note: event.note });
    return state;
  });
  const uses = entries.map(async ({ run, plan, by, at }): Promise<BreakglassUse> => {
    const [intent] = await readRun(store, run);
    const reason = intent?.type === "intent.run" ? (intent.breakglass?.reason ?? "") : "";
    const review = reviewed.get(run);
    return { run, plan, by, at, reason, passed: passed.get(run) ?? [], ...(review === undefined ? {} : { reviewed: review }) };
  });
  return await Promise.all(uses);
}

/** Closes the review of a use of break-glass. @throws `REVIEW_NOT_FOUND`. */
export async function closeReview(store: Store, run: string, by: string, note: string): Promise<BreakglassUse> {
  const use = (await breakglassUses(store)).find((each) => each.run === run && each.reviewed === undefined);
  if (use === undefined) throw fail("REVIEW_NOT_FOUND", { message: `${run} has no open review of break-glass.` });
  const event = toStored({ type: "breakglass.reviewed", v: 1, run: use.run, by, note });
  await store.append(breakglassStream, [event], { commandId: `reviewed:${use.run}` });
  return use;
}
