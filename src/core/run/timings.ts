import type { Recorded } from "../journal/events.ts";
import { compareNatural } from "../model/natural-order.ts";
import type { NodeRoleId } from "../model/ids.ts";
import type { PlanBody, PlannedNodeRole } from "../model/plan.ts";

/** When a node-role was under way; milliseconds since the run began. */
export interface Spell {
  readonly id: NodeRoleId;
  readonly cohort: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Where the time of a run went. */
export interface RunTimings {
  /** Until the end, or until the last event of a run that goes on. */
  readonly durationMs: number;
  /** Node-roles by their depth in the graph. `workMs`: their times added up, however many went on at once. */
  readonly cohorts: readonly {
    readonly cohort: number;
    readonly nodeRoles: number;
    readonly fromMs: number;
    readonly toMs: number;
    readonly workMs: number;
  }[];
  /** The chain that decided how long it took, first to last; `waitedMs`: between the end of the one before and its own begin. */
  readonly criticalPath: readonly (Spell & { readonly waitedMs: number })[];
  /** Time under way by node. */
  readonly nodes: readonly { readonly node: string; readonly workMs: number }[];
  /** Steps that took longest. */
  readonly slowest: readonly { readonly id: NodeRoleId; readonly step: string; readonly durationMs: number }[];
}

const mostSlow = 10;
/** Moves of a node-role after which nothing of it is under way. */
const settled: ReadonlySet<string> = new Set(["active", "retired", "error", "unknown", "blocked"]);

/** Tells from a run's events where its time went. Pure. */
export function runTimings({ nodeRoles }: PlanBody, events: readonly Recorded[]): RunTimings {
  const began = events.find((event) => event.type === "run.started")?.at ?? events[0]?.at ?? 0;
  const last = events.findLast((event) => event.type === "run.ended") ?? events.at(-1);
  const durationMs = Math.max(0, (last?.at ?? began) - began);
  const planned = new Map(nodeRoles.map((each) => [each.id, each]));
  const spells = spellsOf(planned, events, began, durationMs);
  const steps = events.flatMap((event) =>
    event.type === "step.finished" ? [{ id: event.id as NodeRoleId, step: event.step, durationMs: event.durationMs }] : [],
  );
  const byCohort = Map.groupBy(spells, (each) => each.cohort);
  const byNode = Map.groupBy(spells, (each) => planned.get(each.id)?.node ?? "?");
  const work = (some: readonly Spell[]): number => some.reduce((sum, each) => sum + each.toMs - each.fromMs, 0);
  return {
    durationMs,
    cohorts: [...byCohort]
      .toSorted(([a], [b]) => a - b)
      .map(([cohort, some]) => ({
        cohort,
        nodeRoles: some.length,
        fromMs: some.reduce((least, each) => Math.min(least, each.fromMs), Number.POSITIVE_INFINITY),
        toMs: some.reduce((most, each) => Math.max(most, each.toMs), 0),
        workMs: work(some),
      })),
    criticalPath: pathTo(spells, planned),
    nodes: [...byNode].map(([node, some]) => ({ node, workMs: work(some) })).toSorted((a, b) => compareNatural(a.node, b.node)),
    slowest: steps.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, mostSlow),
  };
}

function spellsOf(
  planned: ReadonlyMap<NodeRoleId, PlannedNodeRole>,
  events: readonly Recorded[],
  began: number,
  durationMs: number,
): readonly Spell[] {
  const from = new Map<NodeRoleId, number>();
  const to = new Map<NodeRoleId, number>();
  for (const event of events) {
    if (event.type !== "noderole.moved") continue;
    const id = event.id as NodeRoleId;
    if (event.state === "transition") from.set(id, from.get(id) ?? event.at - began);
    else if (settled.has(event.state) && from.has(id)) to.set(id, event.at - began);
  }
  return [...from].flatMap(([id, fromMs]) => {
    const cohort = planned.get(id)?.cohort;
    return cohort === undefined ? [] : [{ id, cohort, fromMs, toMs: Math.max(fromMs, to.get(id) ?? durationMs) }];
  });
}

/** Back from what ended last: each was held up by what ended last of those it waits for and of those that its node did before. */
function pathTo(spells: readonly Spell[], planned: ReadonlyMap<NodeRoleId, PlannedNodeRole>): RunTimings["criticalPath"] {
  const byNode = Map.groupBy(spells, ({ id }) => planned.get(id)?.node);
  const byId = new Map(spells.map((each) => [each.id, each]));
  const latest = (some: readonly Spell[]): Spell | undefined =>
    some.reduce<Spell | undefined>((found, each) => (found === undefined || each.toMs > found.toMs ? each : found), undefined);
  const path: (Spell & { readonly waitedMs: number })[] = [];
  let at = latest(spells);
  while (at !== undefined) {
    const current = at;
    const role = planned.get(current.id);
    const waited = [...(role?.after ?? []).flatMap((id) => byId.get(id) ?? []), ...(byNode.get(role?.node) ?? [])];
    const before = latest(waited.filter((each) => each.id !== current.id && each.toMs <= current.fromMs && each.fromMs < current.fromMs));
    path.push({ ...current, waitedMs: current.fromMs - (before?.toMs ?? 0) });
    at = before;
  }
  return path.toReversed();
}
