import type { Plan, PlannedNodeRole } from "../model/plan.ts";
import type { Json } from "../ports.ts";

/** Parts of node-roles that many of them have in common. */
const sharedParts = ["steps", "after", "rollout"] as const;
type SharedPart = (typeof sharedParts)[number];

/** A node-role of a plan as it is kept: in place of these parts, where they stand in `shared`. */
type KeptNodeRole = Omit<PlannedNodeRole, SharedPart> & Readonly<Record<SharedPart, number>>;

/** A plan as it is kept: what is one object in it stands once. */
interface KeptPlan extends Omit<Plan, "body"> {
  readonly body: Omit<Plan["body"], "nodeRoles"> & { readonly nodeRoles: readonly KeptNodeRole[] };
  readonly shared: readonly PlannedNodeRole[SharedPart][];
}

/**
 * A plan as it is kept. Steps, lists of what is waited for and ways to roll out that are one object in the plan stand once: in a large cluster they would be
 * most of its text, and lists of all members of a role would make that grow with the square of their number.
 */
export function encodePlan(plan: Plan): Json {
  const shared: PlannedNodeRole[SharedPart][] = [];
  const numbers = new Map<PlannedNodeRole[SharedPart], number>();
  const numberOf = (part: PlannedNodeRole[SharedPart]): number => {
    const known = numbers.get(part);
    if (known !== undefined) return known;
    numbers.set(part, shared.length);
    return shared.push(part) - 1;
  };
  const nodeRoles = plan.body.nodeRoles.map(
    (each): KeptNodeRole => ({ ...each, steps: numberOf(each.steps), after: numberOf(each.after), rollout: numberOf(each.rollout) }),
  );
  return { ...plan, body: { ...plan.body, nodeRoles }, shared } satisfies KeptPlan as unknown as Json;
}

/** The plan again: what stood once is one object. Earlier versions kept plans as they are. */
export function decodePlan(value: Json): Plan {
  const kept = value as unknown as KeptPlan | (Plan & { readonly shared?: undefined });
  if (kept.shared === undefined) return kept;
  const { shared, ...plan } = kept;
  const part = <P extends SharedPart>(number: number): PlannedNodeRole[P] => shared[number] as PlannedNodeRole[P];
  const nodeRoles = plan.body.nodeRoles.map(
    (each): PlannedNodeRole => ({
      ...each,
      steps: part<"steps">(each.steps),
      after: part<"after">(each.after),
      rollout: part<"rollout">(each.rollout),
    }),
  );
  return { ...plan, body: { ...plan.body, nodeRoles } };
}
