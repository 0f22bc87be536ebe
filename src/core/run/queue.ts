import type { Problem } from "../errors.ts";
import type { Recorded } from "../journal/events.ts";
import type { ApprovalId, PlanId, RunId } from "../model/ids.ts";
import type { EpochMs, Store } from "../ports.ts";
import { readRun } from "./annealer.ts";
import { indexEnd, listRuns } from "./requests.ts";

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

/**
 * Runs that have not ended: the one that goes on first, then those that wait, in the order in which their turn comes. A run with a time of its
 * own queues up at that time. `leaveOut` is not read: the events of a run that goes on are many. Mends the index where an engine died between ending a run and saying so there.
 */
export async function openRuns(store: Store, leaveOut?: string): Promise<readonly OpenRun[]> {
  const open: OpenRun[] = [];
  for (const entry of await listRuns(store)) {
    if (entry.phase !== "requested" || entry.run === leaveOut) continue;
    const events = await readRun(store, entry.run);
    const ended = events.find((event) => event.type === "run.ended");
    if (ended?.type === "run.ended") await indexEnd(store, entry.run, ended, ended.at);
    else open.push(...openRun(events));
  }
  // The sort is stable: equals stay in the order of their numbers.
  return open.toSorted((a, b) => rank(a) - rank(b));
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
