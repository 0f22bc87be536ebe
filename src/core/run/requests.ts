import { AtHand } from "../at-hand.ts";
import { fail, hasCode } from "../errors.ts";
import type { RunPass } from "../house.ts";
import { type JournalEvent, runStream, toStored } from "../journal/events.ts";
import type { Digest, PlanId, RunId } from "../model/ids.ts";
import type { Plan } from "../model/plan.ts";
import type { EpochMs, Json, Store } from "../ports.ts";
import { readRun } from "./annealer.ts";
import { decodePlan, encodePlan } from "./kept-plan.ts";
import { lastNumber, nextNumber } from "./numbers.ts";
import { refusePrunedPlan, refusePrunedRun } from "./pruned.ts";
import { type RunState, evolve, hasEnded, initialState } from "./state.ts";

/** Collection of runs: an index for listing; the stream of a run is what counts. */
const runsCollection = "runs";
/** Collection of plans by id. */
export const plansCollection = "plans";

/** How a run ended, as the index keeps it. */
type RunEnd = Pick<Extract<JournalEvent, { type: "run.ended" }>, "phase" | "durationMs" | "nodeRoles">;

/** An entry of the index. `at`: when the run was asked for. */
export type RunEntry = {
  readonly run: RunId;
  readonly plan: PlanId;
  readonly by: string;
  readonly at: number;
  /** Somebody took the run past its gates. */
  readonly breakglass?: true;
  /** What it was about: the revision of its plan, and the deployments planned. Absent where an older version wrote the entry. */
  readonly revision?: Digest;
  readonly deployments?: readonly string[];
} & (
  | { readonly phase: "requested" }
  /** `endedAt` is absent where an older version wrote the entry. */
  | (Readonly<RunEnd> & { readonly endedAt?: number })
);

/** Orders ids such as `R-2`, `R-10` by number. */
function idNumber(id: string): number {
  return Number(id.slice(id.indexOf("-") + 1));
}

/** The people.yaml by which a run is asked for, if there is one. */
interface Judged {
  readonly people?: Digest;
  /** Ties the run to what lets it start, exactly once; gives an earlier run's id when that was tied and never asked for. */
  readonly claim?: (run: RunId) => Promise<RunId>;
}

/**
 * Asks for a run of exactly this plan; the engine that holds the lease carries it out, after the runs that were asked for before.
 * @throws `RUN_ACTIVE` when it shall not wait and another run of this cluster has not ended.
 */
export async function requestRun(store: Store, plan: Plan, by: string, at: number, past: RunPass & Judged = {}): Promise<RunId> {
  const { request, breakglass, notBefore, principal, people, queue = true } = past;
  refusePrunedPlan(plan);
  if (!queue) await refuseWhileOpen(store);
  const fresh: RunId = `R-${await nextNumber(store, "runs")}`;
  const run = past.claim === undefined ? fresh : await past.claim(fresh);
  const of = { revision: plan.revision, deployments: plan.body.deployments };
  const entry: RunEntry = {
    run,
    plan: plan.id,
    by,
    at,
    phase: "requested",
    ...(breakglass === undefined ? {} : { breakglass: true }),
    ...of,
  };
  // The index entry comes first: an engine that is woken by the intent looks there. An entry without an intent was asked for by nobody.
  await store.put(runsCollection, run, { ...entry }, 0).catch((error: unknown) => {
    if (run === fresh || !hasCode(error, "VERSION_CONFLICT")) throw error; // whoever claimed the run got as far as this
  });
  const intent: JournalEvent = {
    type: "intent.run",
    v: 1,
    run,
    plan: plan.id,
    digest: plan.digest,
    by,
    ...(principal === undefined ? {} : { principal }),
    ...(people === undefined ? {} : { people }),
    ...(request === undefined ? {} : { request }),
    ...(breakglass === undefined ? {} : { breakglass }),
    ...(notBefore === undefined ? {} : { notBefore }),
  };
  await store.append(runStream(run), [toStored(intent)], { expected: 0, commandId: "intent" });
  return run;
}

async function refuseWhileOpen(store: Store): Promise<void> {
  const active = await openRun(store);
  if (active === undefined) return;
  throw fail("RUN_ACTIVE", { message: `${active.run} (plan ${active.plan}, by ${active.by}) has not ended.` });
}

/** The oldest run that was asked for and has not ended. */
async function openRun(store: Store): Promise<RunEntry | undefined> {
  for (const entry of await listRuns(store)) {
    if (entry.phase !== "requested") continue;
    const events = await readRun(store, entry.run);
    if (events.length > 0 && !events.some((event) => event.type === "run.ended")) return entry;
  }
  return undefined;
}

/** All runs, oldest first. */
export async function listRuns(store: Store): Promise<RunEntry[]> {
  const docs = await store.list<Json>(runsCollection);
  return docs.map((doc) => doc.value as unknown as RunEntry).toSorted((a, b) => idNumber(a.run) - idNumber(b.run));
}

/** Notes in the index how a run ended. */
export async function indexEnd(store: Store, run: RunId, { phase, durationMs, nodeRoles }: RunEnd, endedAt?: EpochMs): Promise<void> {
  const doc = await store.get<Json>(runsCollection, run);
  const entry = doc?.value as unknown as RunEntry | undefined;
  if (doc === undefined || entry === undefined || entry.phase === phase) return;
  const value = { ...entry, phase, durationMs, nodeRoles, ...(endedAt === undefined ? {} : { endedAt }) };
  try {
    await store.put(runsCollection, run, value, doc.rev);
  } catch (error) {
    if (!hasCode(error, "VERSION_CONFLICT")) throw error; // somebody noted the same end at the same moment
  }
}

/** Plans that this process has made, as long as somebody has them. */
const made = new WeakMap<Store, AtHand<Plan>>();

/** Keeps a new plan. What is asked for it in this process while it is still at hand is answered without reading it again: that of a large cluster is megabytes of text. */
export async function keepPlan(store: Store, plan: Plan): Promise<void> {
  await store.put(plansCollection, plan.id, encodePlan(plan), 0);
  const known = made.get(store) ?? new AtHand<Plan>();
  known.keep(plan.id, plan);
  made.set(store, known);
}

async function findPlan(store: Store, id: string): Promise<Plan | undefined> {
  const known = made.get(store)?.find(id);
  if (known !== undefined) return known;
  const doc = await store.get<Json>(plansCollection, id);
  return doc === undefined ? undefined : decodePlan(doc.value);
}

/**
 * Reads a plan by its id.
 * @throws `RUN_NOT_FOUND` when there is none.
 */
export async function readPlan(store: Store, id: string): Promise<Plan> {
  const plan = await findPlan(store, id);
  if (plan === undefined)
    throw fail("RUN_NOT_FOUND", { message: `There is no plan ${id}.`, hint: "`halligan plan` makes one; `halligan runs` lists what ran." });
  return plan;
}

/** The plan that was made last. */
export async function newestPlan(store: Store): Promise<Plan | undefined> {
  const number = await lastNumber(store, "plans");
  return number === 0 ? undefined : await findPlan(store, `P-${number}`);
}

/** A run as its journal tells it now, with its plan. */
export async function readRunState(
  store: Store,
  run: string,
): Promise<{ readonly state: RunState; readonly plan: Plan; readonly seq: number }> {
  const events = await readRun(store, run);
  const [intent] = events;
  if (intent?.type !== "intent.run") throw fail("RUN_NOT_FOUND", { message: `There is no run ${run}.` });
  refusePrunedRun(run, events);
  const plan = await readPlan(store, intent.plan);
  let state = initialState(intent, plan.body);
  for (const entry of events) state = evolve(state, entry);
  return { state, plan, seq: events.at(-1)?.seq ?? 0 };
}

/** Appends an intent about a run that has not ended. @throws `RUN_NOT_FOUND`, `RUN_ENDED`. */
export async function askOfRun(
  store: Store,
  run: string,
  intent: { readonly kind: "cancel"; readonly how: "after-step" | "now" | "abandon" } | { readonly kind: "pause" | "resume" },
  by: string,
): Promise<void> {
  const { state } = await readRunState(store, run);
  if (hasEnded(state.phase)) throw fail("RUN_ENDED", { message: `${run} has ended (${state.phase}).` });
  const event =
    intent.kind === "cancel"
      ? ({ type: "intent.cancel", v: 1, run: state.run, by, how: intent.how } as const)
      : ({ type: `intent.${intent.kind}`, v: 1, run: state.run, by } as const);
  await store.append(runStream(run), [toStored(event)]);
}
