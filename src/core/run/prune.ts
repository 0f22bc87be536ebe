import { listApprovals } from "../authority/approvals/read.ts";
import { hasCode } from "../errors.ts";
import { runStream } from "../journal/events.ts";
import type { PlanId, RunId } from "../model/ids.ts";
import type { Plan } from "../model/plan.ts";
import type { Clock, EpochMs, Json, Logs, Store } from "../ports.ts";
import { readApplied, readRemains } from "./applied.ts";
import { lastNumber } from "./numbers.ts";
import { decodePlan } from "./kept-plan.ts";
import { listRuns, plansCollection, type RunEntry } from "./requests.ts";

/** What is to be kept. */
export interface PruneWish {
  /** So many of the newest runs stay, however old; at least 1. */
  readonly keepRuns: number;
  /** What ended, or was planned, after this moment stays. */
  readonly before: EpochMs;
}

/** What goes: runs with their events and logs, plans with their node-roles. Oldest first. */
export interface Prunable {
  readonly runs: readonly RunId[];
  readonly plans: readonly PlanId[];
}

/** How much was removed. */
export interface Pruned extends Prunable {
  readonly events: number;
  readonly logs: number;
}

interface PruneDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly logs: Logs;
}

/**
 * Finds what nobody needs any more: runs that ended long ago, and plans that belong to none that stays. What stands on the nodes keeps the run and the plan
 * that brought it there; a request that is open keeps its plan. Entries of older versions, which do not say what they were about, stay.
 */
export async function findPrunable({ store, clock }: Pick<PruneDeps, "store" | "clock">, wish: PruneWish): Promise<Prunable> {
  const runs = await listRuns(store);
  const stands = [...(await readApplied(store)), ...(await readRemains(store))];
  const standing = new Set(stands.map(({ run }) => run));
  const newest = new Set(runs.slice(-Math.max(1, wish.keepRuns)).map(({ run }) => run));
  const goes = (entry: RunEntry): boolean =>
    entry.phase !== "requested" &&
    (entry.endedAt ?? entry.at + entry.durationMs) < wish.before &&
    entry.revision !== undefined &&
    entry.deployments !== undefined &&
    !newest.has(entry.run) &&
    !standing.has(entry.run);
  const old = runs.filter(goes);
  const going: RunId[] = [];
  for (const { run } of old) if (await hasMore(store, run)) going.push(run);
  const oldRuns = new Set(old.map(({ run }) => run));
  const kept = new Set<string>([...stands.map(({ plan }) => plan), ...runs.filter(({ run }) => !oldRuns.has(run)).map(({ plan }) => plan)]);
  for (const { plan, end } of await listApprovals({ store, clock })) if (end === undefined) kept.add(plan);
  return { runs: going, plans: await oldPlans(store, kept, wish.before) };
}

/** More than its first and its last event. */
async function hasMore(store: Store, run: string): Promise<boolean> {
  return (await store.read({ stream: runStream(run), limit: 3 })).length > 2;
}

/** Every plan but the newest is looked at by its number, one after another: all of them at once may be more than fits into memory. */
async function oldPlans(store: Store, kept: ReadonlySet<string>, before: EpochMs): Promise<readonly PlanId[]> {
  const last = await lastNumber(store, "plans");
  const found: PlanId[] = [];
  for (let number = 1; number < last; number += 1) {
    const id: PlanId = `P-${number}`;
    if (kept.has(id)) continue;
    const plan = await readDoc(store, id);
    if (plan !== undefined && plan.value.pruned === undefined && plan.value.at < before) found.push(id);
  }
  return found;
}

/**
 * Removes it: logs, then plans, then events, so that a run of which anything is left is found again by the next attempt. A plan keeps its author, digest and
 * deployments, a run its first and its last event and its entry in the list. The audit is not touched.
 */
export async function prune(deps: PruneDeps, { runs, plans }: Prunable, progress: (done: number, item: string) => void): Promise<Pruned> {
  const { store, logs, clock } = deps;
  const sum = { events: 0, logs: 0 };
  let done = 0;
  for (const id of plans) {
    await emptyPlan(store, id, clock.now());
    progress((done += 1), id);
  }
  for (const run of runs) {
    sum.logs += await logs.forget(run);
    sum.events += await store.trim(runStream(run));
    progress((done += 1), run);
  }
  return { runs, plans, ...sum };
}

async function readDoc(store: Store, id: string): Promise<{ readonly value: Plan; readonly rev: number } | undefined> {
  const doc = await store.get<Json>(plansCollection, id);
  return doc === undefined ? undefined : { value: decodePlan(doc.value), rev: doc.rev };
}

async function emptyPlan(store: Store, id: PlanId, at: EpochMs): Promise<void> {
  const doc = await readDoc(store, id);
  if (doc === undefined || doc.value.pruned !== undefined) return;
  const { because: _because, body, ...plan } = doc.value;
  const husk: Plan = { ...plan, body: { ...body, nodeRoles: [], problems: [] }, pruned: at };
  await store.put(plansCollection, id, husk as unknown as Json, doc.rev).catch((error: unknown) => {
    if (!hasCode(error, "VERSION_CONFLICT")) throw error; // somebody else did the same
  });
}
