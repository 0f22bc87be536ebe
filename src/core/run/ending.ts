import { type Problem, hasCode, type HalliganError } from "../errors.ts";
import { type JournalEvent, runStream, toStored } from "../journal/events.ts";
import type { Plan } from "../model/plan.ts";
import type { Clock, Fence, Store } from "../ports.ts";
import { readRunState } from "./requests.ts";
import { hasEnded, type RunState } from "./state.ts";

type Ended = Extract<JournalEvent, { type: "run.ended" }>;

/** The last event of a run, as its state tells it. `more` are problems beside those of node-roles. */
export function endedEvent(state: RunState, phase: Ended["phase"], now: number, more: readonly Problem[] = []): Ended {
  const count = { active: 0, changed: 0, skipped: 0, retired: 0, failed: 0, blocked: 0, unknown: 0 };
  const problems: Problem[] = [...more];
  for (const { state: stands, planned, changed, problem: why } of state.nodeRoles.values()) {
    if (stands === "active") count[planned.action === "skip" ? "skipped" : "active"] += 1;
    else if (stands === "retired") count.retired += 1;
    else if (stands === "unknown" || stands === "transition") count.unknown += 1;
    else if (stands === "error") count.failed += 1;
    else count.blocked += 1;
    if (changed > 0) count.changed += 1;
    if (why !== undefined && (stands === "error" || stands === "unknown" || stands === "blocked")) problems.push(why);
  }
  return { type: "run.ended", v: 1, run: state.run, phase, nodeRoles: count, durationMs: now - (state.startedAt ?? now), problems };
}

/** True for problems of the engine's own footing, which another engine may not have. */
export function isEngineTrouble(error: HalliganError): boolean {
  return hasCode(error, "FENCED", "STORE_FULL", "STORE_UNAVAILABLE", "STORE_CORRUPT");
}

/** True when another engine may carry the run out: this one's user is no recipient of the secrets. A cancelled run needs no secrets to end. */
export async function isForAnotherEngine(store: Store, run: string, error: HalliganError): Promise<boolean> {
  if (!hasCode(error, "SECRET_UNREADABLE", "NOT_A_RECIPIENT")) return false;
  return (await readRunState(store, run)).state.cancel === undefined;
}

/**
 * Ends a run that cannot be carried out at all: its files or secrets are gone. Otherwise every new engine would try it again.
 * Jobs that run go on; their node-roles count as unknown.
 */
export async function endInFailure(store: Store, clock: Clock, run: string, fence: Fence, problems: readonly Problem[]): Promise<RunState> {
  const { state } = await readRunState(store, run);
  if (hasEnded(state.phase)) return state;
  await store.append(runStream(run), [toStored(endedEvent(state, "failed", clock.now(), problems))], { fence, commandId: "ended" });
  return { ...state, phase: "failed" };
}

/** True when a plan neither changes a node nor says anything new about what stands there (by node-role, the digest of what it was applied with): then a run of it needs no scripts. */
export function isUntouched({ body }: Plan, stands: ReadonlyMap<string, string>): boolean {
  return body.nodeRoles.every((each) => each.action === "skip" && each.blocked === undefined && stands.get(each.id) === each.actions);
}

/** Carries out a run of an untouched plan: it begins and ends. */
export async function endUntouched(store: Store, clock: Clock, run: string, fence: Fence, engine: string): Promise<RunState> {
  const { state, plan } = await readRunState(store, run);
  if (hasEnded(state.phase)) return state;
  const nodeRoles = plan.body.nodeRoles.length;
  const started: JournalEvent = {
    type: "run.started",
    v: 1,
    run: state.run,
    plan: plan.id,
    digest: plan.digest,
    by: state.by,
    nodeRoles,
    steps: 0,
    engine,
  };
  const ended = endedEvent({ ...state, startedAt: clock.now() }, "succeeded", clock.now());
  await store.append(runStream(run), [toStored(started), toStored(ended)], { fence, commandId: "ended" });
  return { ...state, phase: "succeeded", endedAt: clock.now() };
}
