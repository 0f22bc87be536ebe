import type { Plan, PlannedNodeRole, PlannedStep } from "../model/plan.ts";
import type { Json } from "../ports.ts";

/** Parts of node-roles that many of them have in common. */
type SharedPart = "steps" | "after" | "rollout";
type Kept<Parts> = Omit<Plan, "body"> & {
  readonly body: Omit<Plan["body"], "nodeRoles"> & {
    /** In place of each shared part, where it stands. */
    readonly nodeRoles: readonly (Omit<PlannedNodeRole, SharedPart> & Readonly<Record<SharedPart, number>>)[];
  };
} & Parts;

/** A plan as it is kept: what is one object in it stands once. */
type KeptPlan = Kept<{
  readonly shared: readonly (readonly string[] | PlannedNodeRole["rollout"])[];
  /** For each list of steps, where these stand in `steps`. */
  readonly lists: readonly (readonly number[])[];
  readonly steps: readonly PlannedStep[];
}>;

/** As earlier versions kept it: with lists of steps among the shared parts. */
type EarlierPlan = Kept<{ readonly shared: readonly PlannedNodeRole[SharedPart][]; readonly lists?: undefined }>;

/** Things that stand once, with their numbers. */
class Once<T, As> {
  readonly all: As[] = [];
  readonly #numbers = new Map<T, number>();
  readonly #as: (item: T) => As;

  constructor(as: (item: T) => As) {
    this.#as = as;
  }

  readonly number = (item: T): number => {
    const known = this.#numbers.get(item);
    if (known !== undefined) return known;
    const number = this.all.push(this.#as(item)) - 1;
    this.#numbers.set(item, number);
    return number;
  };
}

/**
 * A plan as it is kept. Steps, lists of them and of what is waited for, and ways to roll out that are one object in the plan stand once: in a large cluster they
 * would be most of its text, and lists of all members of a role would make that grow with the square of their number.
 */
export function encodePlan(plan: Plan): Json {
  const shared = new Once<KeptPlan["shared"][number], KeptPlan["shared"][number]>((part) => part);
  const steps = new Once<PlannedStep, PlannedStep>((step) => step);
  const lists = new Once<readonly PlannedStep[], readonly number[]>((list) => list.map(steps.number));
  const nodeRoles = plan.body.nodeRoles.map((each) => ({
    ...each,
    steps: lists.number(each.steps),
    after: shared.number(each.after),
    rollout: shared.number(each.rollout),
  }));
  const kept: KeptPlan = { ...plan, body: { ...plan.body, nodeRoles }, shared: shared.all, lists: lists.all, steps: steps.all };
  return kept as unknown as Json;
}

/** The plan again: what stood once is one object. Earlier versions kept plans as they are, or lists of steps among the shared parts. */
export function decodePlan(value: Json): Plan {
  const kept = value as unknown as KeptPlan | EarlierPlan | (Plan & { readonly shared?: undefined });
  if (kept.shared === undefined) return kept;
  if (kept.lists === undefined) {
    const { shared, lists: _, ...plan } = kept;
    return whole(plan, shared, shared);
  }
  const { shared, lists, steps, ...plan } = kept;
  return whole(
    plan,
    shared,
    lists.map((list) => list.map((number) => steps[number])),
  );
}

/** What most node-roles have none of. */
const [nothing, none] = [Object.freeze({}), Object.freeze([])];

function whole(plan: Kept<unknown>, shared: readonly unknown[], lists: readonly unknown[]): Plan {
  // A text that was read is one of its own for each node-role.
  const digests = new Map(plan.body.nodeRoles.map(({ barclampDigest }) => [barclampDigest, barclampDigest]));
  const nodeRoles = plan.body.nodeRoles.map(
    (each): PlannedNodeRole => ({
      ...each,
      barclampDigest: digests.get(each.barclampDigest) ?? each.barclampDigest,
      steps: lists[each.steps] as PlannedNodeRole["steps"],
      after: shared[each.after] as PlannedNodeRole["after"],
      rollout: shared[each.rollout] as PlannedNodeRole["rollout"],
      inputs: isEmpty(each.inputs) ? nothing : each.inputs,
      outputs: isEmpty(each.outputs) ? nothing : each.outputs,
      secrets: isEmpty(each.secrets) ? none : each.secrets,
    }),
  );
  return { ...plan, body: { ...plan.body, nodeRoles } };
}

function isEmpty(part: object): boolean {
  return Object.keys(part).length === 0;
}
