import type { Problem } from "../errors.ts";
import { settingsResolver } from "../files/settings.ts";
import { inverseSteps } from "../jigs/shell/inverse.ts";
import { kindView } from "../jigs/shell/kind-view.ts";
import type { ResolvedStep } from "../jigs/resolved.ts";
import type { Barclamp } from "../model/barclamp.ts";
import type { Cluster } from "../model/cluster.ts";
import type { Facts } from "../model/facts.ts";
import type { NodeRoleId } from "../model/ids.ts";
import type { PlanLimit } from "../model/plan.ts";
import { withoutNodeRoles } from "../plan/cohorts.ts";
import type { AppliedNodeRole } from "../plan/applied.ts";
import { bind } from "../plan/bind.ts";
import type { Graph } from "../plan/graph.ts";
import { order } from "../plan/order.ts";
import { judgePlatforms } from "../plan/platform.ts";
import { type Resolution, Resolver } from "../plan/resolve.ts";
import type { SecretLookup } from "../plan/settings-view.ts";
import type { Json } from "../ports.ts";

/** What a draft is made from: everything that decides what a plan says, but the nodes' answers. */
export interface DraftInput {
  readonly cluster: Cluster;
  readonly barclamps: ReadonlyMap<string, Barclamp>;
  /** Empty = all. */
  readonly deployments: readonly string[];
  readonly facts: ReadonlyMap<string, Facts>;
  /** Bounds of a plan with a purpose of its own; `deployments` says nothing then. */
  readonly limit?: Pick<PlanLimit, "only" | "away" | "gone">;
}

/** Roles bound to nodes and put in order. */
export interface Draft {
  readonly input: DraftInput;
  readonly graph: Graph;
  readonly problems: readonly Problem[];
  /** The same roles on the same nodes with what is known of the nodes now; what was bound and put in order is taken over. */
  withFacts(facts: ReadonlyMap<string, Facts>): Draft;
  /**
   * A resolver over this draft. Without `secrets` placeholders stand for them; `lateOutputs` are values that steps gave in this run, or (with `seen`) in an earlier one.
   */
  resolver(values: {
    readonly secrets?: SecretLookup;
    readonly lateOutputs?: ReadonlyMap<NodeRoleId, Readonly<Record<string, Json>>>;
    readonly seen?: boolean;
  }): Resolver;
}

/** Binds and orders. Problems are those of `bind` and `order`, all at once. Pure. */
export function makeDraft(input: DraftInput): Draft {
  const { cluster, barclamps, deployments, limit } = input;
  const wanted = limit !== undefined || deployments.length === 0 ? {} : { deployments };
  const bound = bind({ cluster, barclamps: [...barclamps.values()], ...wanted });
  const within = limit === undefined ? bound.bound : bound.bound.map((each) => ({ ...each, selected: isWithin(each.id, limit) }));
  const ordered = order(within, bound.catalogue);
  const graph = limit === undefined ? ordered.graph : withoutNodeRoles(ordered.graph, limit.away);
  const settings = settingsResolver(cluster);
  const draftWith = (facts: ReadonlyMap<string, Facts>): Draft => ({
    input: { ...input, facts },
    graph,
    problems: [...bound.problems, ...judgePlatforms(bound.bound, facts), ...ordered.problems],
    withFacts: draftWith,
    resolver: ({ secrets, lateOutputs, seen }) =>
      new Resolver({
        cluster,
        graph,
        facts,
        kinds: kindView,
        settings: (each) => settings(each.deployment, each.node, each.barclamp),
        ...(secrets === undefined ? {} : { secrets }),
        ...(lateOutputs === undefined ? {} : { lateOutputs }),
        ...(seen === undefined ? {} : { lateOutputsSeen: seen }),
      }),
  });
  return draftWith(input.facts);
}

/** Whether a plan is about something that was applied: only then may it take that away when nothing places it. */
export function isAbout({ limit, deployments }: DraftInput, { id, deployment }: AppliedNodeRole): boolean {
  return limit === undefined ? deployments.length === 0 || deployments.includes(deployment) : limit.gone.has(id);
}

function isWithin(id: NodeRoleId, { only, away }: NonNullable<DraftInput["limit"]>): boolean {
  return only.has(id) && !away.has(id);
}

/** The steps that take a node-role away: its own `undo`, or the inverse of each step. */
export function undoSteps(resolution: Resolution): readonly ResolvedStep[] {
  return resolution.undo === "auto" ? inverseSteps(resolution.resolved.steps) : resolution.undo;
}
