import type { Barclamp, Role } from "../model/barclamp.ts";
import type { NodeRoleId } from "../model/ids.ts";
import type { Because, PlanBody, PlannedNodeRole } from "../model/plan.ts";
import type { AppliedNodeRole } from "./applied.ts";
import { compareText } from "./catalogue.ts";
import type { BoundNodeRole, Graph } from "./graph.ts";

/** What reasons are found from. */
export interface BecauseInput {
  readonly body: PlanBody;
  /** Everything that the files place. */
  readonly graph: Graph;
  readonly applied: readonly AppliedNodeRole[];
  /** Runs in which node-roles failed that were not found working since. */
  readonly unfinished?: ReadonlyMap<NodeRoleId, string>;
  /** What is taken away although the files place it. */
  readonly away: ReadonlySet<NodeRoleId>;
}

/**
 * Why each node-role of a plan is to be changed, by comparing what stands with what the files place. Node-roles without a change have no entry; a first plan has none at all.
 * Only what is certain is named: a change of the role's members counts where its templates read them; what is left is `files`. Pure.
 */
export function becauseOf(input: BecauseInput): Readonly<Record<NodeRoleId, readonly Because[]>> {
  if (input.applied.length === 0) return {}; // the first plan: everything is new
  const world = lookAt(input);
  const entries = input.body.nodeRoles.flatMap((planned) => {
    const reasons = planned.action === "skip" ? [] : reasonsOf(planned, input, world);
    return reasons.length === 0 ? [] : [[planned.id, reasons] as const];
  });
  return Object.fromEntries(entries);
}

interface World {
  readonly standing: ReadonlyMap<NodeRoleId, AppliedNodeRole>;
  readonly nodes: ReadonlySet<string>;
  /** Nodes by deployment and role: as they stand, and as they are placed. */
  readonly stood: ReadonlyMap<string, ReadonlySet<string>>;
  readonly placed: ReadonlyMap<string, ReadonlySet<string>>;
  readonly changing: ReadonlySet<NodeRoleId>;
  readonly readsMembers: (bound: BoundNodeRole) => boolean;
}

function lookAt({ body, graph, applied }: BecauseInput): World {
  const known = new Map<Role, boolean>();
  return {
    standing: new Map(applied.map((each) => [each.id, each])),
    nodes: new Set(applied.map((each) => each.node)),
    stood: teams(applied.map(({ deployment, role, node }) => [deployment, role, node])),
    placed: teams(graph.ranked.map(({ deployment, role, node }) => [deployment.name, role.name, node.name])),
    changing: new Set(body.nodeRoles.filter((each) => each.action !== "skip").map((each) => each.id)),
    readsMembers({ role, barclamp }) {
      const answer = known.get(role) ?? mentionsMembers(role, barclamp);
      known.set(role, answer);
      return answer;
    },
  };
}

function teams(list: readonly (readonly [string, string, string])[]): ReadonlyMap<string, ReadonlySet<string>> {
  const groups = Map.groupBy(list, ([deployment, role]) => `${deployment}\n${role}`);
  return new Map([...groups].map(([key, all]) => [key, new Set(all.map(([, , node]) => node))]));
}

function reasonsOf(planned: PlannedNodeRole, { graph, away, unfinished }: BecauseInput, world: World): readonly Because[] {
  if (planned.action === "remove") return [{ kind: away.has(planned.id) ? "reset" : "unplaced" }];
  const failed = unfinished?.get(planned.id);
  if (failed !== undefined && planned.steps.every((step) => step.change === "none")) return [{ kind: "unfinished", run: failed }];
  const before = world.standing.get(planned.id);
  if (before === undefined) return [{ kind: world.nodes.has(planned.node) ? "new-role" : "new-node" }];
  if (before.digest === planned.actions) return asApplied(planned, before, world);
  const bound = graph.byId.get(planned.id)?.bound;
  const named = [
    ...(before.barclampDigest === planned.barclampDigest ? [] : [{ kind: "barclamp", barclamp: planned.barclamp } as const]),
    ...(bound === undefined ? [] : members(bound, world)),
    ...providers(planned, before, graph, world),
    ...rotated(planned),
  ];
  return named.length > 0 ? named : [{ kind: "files" }];
}

/** The files say what they said: the node is otherwise, or a value comes from something that changes. */
function asApplied({ steps, after }: PlannedNodeRole, { restarts = [] }: AppliedNodeRole, { changing }: World): readonly Because[] {
  const late = after.filter((id) => changing.has(id));
  const otherwise = steps.filter((step) => step.change !== "none" && step.change !== "unknown");
  const waits = otherwise.length > 0 && otherwise.every((step) => restarts.includes(step.id));
  const known = otherwise.length > 0 && !waits;
  return [
    ...(waits ? [{ kind: "restart" } as const] : []),
    ...(known ? [{ kind: "drift" } as const] : []),
    ...(otherwise.length === 0 && late.length > 0 ? [{ kind: "late", from: late.slice(0, 20) } as const] : []),
  ];
}

function members(bound: BoundNodeRole, { stood, placed, readsMembers }: World): readonly Because[] {
  const key = `${bound.deployment.name}\n${bound.role.name}`;
  const [before, now] = [stood.get(key) ?? new Set<string>(), placed.get(key) ?? new Set<string>()];
  const added = [...now].filter((each) => !before.has(each)).toSorted(compareText);
  const removed = [...before].filter((each) => !now.has(each)).toSorted(compareText);
  return added.length + removed.length > 0 && readsMembers(bound) ? [{ kind: "members", added, removed }] : [];
}

/** Providers that are new, and ones that nothing places any more: a plan of a part says nothing about the others. */
function providers(planned: PlannedNodeRole, before: AppliedNodeRole, graph: Graph, { standing }: World): readonly Because[] {
  const own = `/${planned.role}`;
  const added = planned.after.filter((id) => !before.after.includes(id) && !standing.has(id) && !id.endsWith(own));
  const removed = before.after.filter((id) => !graph.byId.has(id) && !id.endsWith(own));
  return added.length + removed.length > 0 ? [{ kind: "providers", added, removed }] : [];
}

function rotated({ secrets }: PlannedNodeRole): readonly Because[] {
  const names = secrets.filter((each) => each.was !== undefined).map((each) => each.name);
  return names.length === 0 ? [] : [{ kind: "secrets", names }];
}

/** Whether anything that the role is made from reads who else has the role. */
function mentionsMembers({ steps, around, verify, outputs }: Role, { files }: Barclamp): boolean {
  const reads = /\brole\.(?:nodes|index|first)\b/u;
  if (reads.test(JSON.stringify([steps, around, verify, outputs]))) return true;
  const sources = steps.flatMap(({ args }) => {
    const named = typeof args === "object" && args !== null && "source" in args ? args["source"] : undefined;
    return typeof named === "string" ? [`templates/${named}`] : [];
  });
  return sources.some((name) => reads.test(new TextDecoder().decode(files.get(name))));
}
