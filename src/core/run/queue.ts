import type { Problem } from "../errors.ts";
import type { JournalEvent, Recorded } from "../journal/events.ts";
import type { ApprovalId, PlanId, RunId } from "../model/ids.ts";
import type { EpochMs, Store } from "../ports.ts";
import { readRun } from "./annealer.ts";
import { listRuns } from "./requests.ts";

/** A run that was asked for and has not ended. */
export interface OpenRun {
  readonly run: RunId;
  readonly plan: PlanId;
  readonly by: string;
  /** Who answers for it now, when it was handed over. */
  readonly owner?: string;
  readonly requestedAt: EpochMs;
  /** When the engine began; absent = it waits. */
  readonly startedAt?: EpochMs;
  /** It may not start before this moment. */
  readonly notBefore?: EpochMs;
  readonly request?: ApprovalId;
  readonly breakglass?: { readonly reason: string };
  /** Somebody wants it to end. */
  readonly cancelled: boolean;
  /** Why the engine holds it back at present, as the journal has it. */
  readonly held: readonly Problem[];
}

/** What the index calls open: runs that are, and ends that the index does not know yet. */
export interface Queue {
  readonly open: readonly OpenRun[];
  readonly ended: readonly Recorded<Extract<JournalEvent, { type: "run.ended" }>>[];
}

/**
 * Runs that have not ended: the one that goes on first, then those that wait, in the order in which their turn comes. A run with a time of its
 * own queues up at that time.
 */
export async function openRuns(store: Store): Promise<readonly OpenRun[]> {
  return (await readQueue(store)).open;
}

/** The same, and runs that an engine ended without saying so in the index. `leaveOut` is not read: the events of a run that goes on are many. */
export async function readQueue(store: Store, leaveOut?: string): Promise<Queue> {
  const open: OpenRun[] = [];
  const over: Queue["ended"][number][] = [];
  for (const entry of await listRuns(store)) {
    if (entry.phase !== "requested" || entry.run === leaveOut) continue;
    const events = await readRun(store, entry.run);
    const ended = events.find((event) => event.type === "run.ended");
    if (ended?.type === "run.ended") over.push(ended);
    else open.push(...openRun(events));
  }
  // The sort is stable: equals stay in the order of their numbers.
  return { open: open.toSorted((a, b) => rank(a) - rank(b)), ended: over };
}

function rank({ startedAt, requestedAt, notBefore }: OpenRun): number {
  return startedAt === undefined ? Math.max(requestedAt, notBefore ?? 0) : -1;
}

/** Nothing for an entry of the index without an intent: whoever asked died in between. */
function openRun(events: readonly Recorded[]): readonly OpenRun[] {
  const [intent] = events;
  if (intent?.type !== "intent.run") return [];
  const { run, plan, by, notBefore, request, breakglass, at } = intent;
  let startedAt: EpochMs | undefined;
  let owner: string | undefined;
  let cancelled = false;
  let held: readonly Problem[] = [];
  for (const event of events) {
    if (event.type === "run.started") startedAt = event.at;
    else if (event.type === "run.handed") owner = event.to;
    else if (event.type === "intent.cancel") cancelled = true;
    else if (event.type === "run.held") held = event.problems as readonly Problem[];
    else if (event.type === "run.released") held = [];
  }
  return [
    {
      run,
      plan,
      by,
      ...(owner === undefined ? {} : { owner }),
      requestedAt: at,
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(notBefore === undefined ? {} : { notBefore }),
      ...(request === undefined ? {} : { request }),
      ...(breakglass === undefined ? {} : { breakglass }),
      cancelled,
      held,
    },
  ];
}
