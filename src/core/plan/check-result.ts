import type { Problem } from "../errors.ts";
import type { ResolvedStep } from "../jigs/resolved.ts";
import type { Change, PlannedStep } from "../model/plan.ts";
import type { NodeRoleId } from "../model/ids.ts";
import type { Resolution } from "./resolve.ts";
import { keyOfTexts, SharedLists } from "./shared-lists.ts";

/** In place of the diff of a step that depends on a secret. */
const withheldDiff = "(not shown: a secret is in it)";

/** What a node said about one node-role; made from the frames of its check script. */
export interface CheckResult {
  /** Steps that were judged, in any order. */
  readonly steps: readonly { readonly id: string; readonly change: Change; readonly observed?: string; readonly diff?: string }[];
  /** The check did not come to its end, or the node could not be reached. */
  readonly failed?: Problem;
  /** Conditions of the barclamp's that do not hold. */
  readonly unmet?: readonly UnmetCheck[];
}

/** What a plan tells of a step, whatever it is made of. */
type ToldStep = Pick<ResolvedStep, "id" | "kind" | "label" | "secret" | "unknown" | "notify">;

/** What a plan is put together from once a node-role is rendered: without arguments and contents, which are most of it. */
export type ToldResolution = Pick<Resolution, "inputs" | "outputs" | "secrets" | "actions" | "seen"> & {
  readonly resolved: { readonly steps: readonly ToldStep[] };
};

/** Lets go of what a plan does not tell, and keeps what many node-roles have in common once. */
export class Telling {
  readonly #told = new SharedLists<ToldStep>((step) =>
    keyOfTexts(`${step.secret} ${step.unknown} ${step.kind}`, step.id, step.label, ...step.notify),
  );
  readonly #unchanged = new Map<readonly ToldStep[], CheckResult>();

  /** What is told of a rendered node-role. */
  of({ inputs, outputs, secrets, actions, seen, resolved }: Resolution): ToldResolution {
    const steps = this.#told.of(
      resolved.steps.map(({ id, kind, label, secret, unknown, notify }) => ({ id, kind, label, secret, unknown, notify })),
    );
    return { inputs, outputs, secrets, actions, seen, resolved: { steps } };
  }

  /** What a look would say of a node-role that stands as it was applied. */
  unchanged({ resolved: { steps } }: ToldResolution): CheckResult {
    const known = this.#unchanged.get(steps);
    if (known !== undefined) return known;
    const made = { steps: steps.map(({ id }) => ({ id, change: "none" as const })) };
    this.#unchanged.set(steps, made);
    return made;
  }
}

/** Makes the steps of a plan; equal ones are the same objects. */
export class PlannedSteps {
  readonly #shared = new SharedLists<PlannedStep>((step) =>
    keyOfTexts(`${step.change} ${step.kind}`, step.id, step.label, step.observed, step.diff),
  );
  readonly #made = new Map<readonly ToldStep[], Map<CheckResult["steps"] | undefined, readonly PlannedStep[]>>();

  /** Steps of a node-role as the plan tells them (`plannedSteps`). */
  of(resolution: ToldResolution, check: CheckResult | undefined, changing: ReadonlySet<NodeRoleId>): readonly PlannedStep[] {
    if (resolution.seen.size > 0) return this.#shared.of(plannedSteps(resolution, check, changing));
    const { steps } = resolution.resolved;
    const made = this.#made.get(steps) ?? new Map<CheckResult["steps"] | undefined, readonly PlannedStep[]>();
    const known = made.get(check?.steps);
    if (known !== undefined) return known;
    const planned = this.#shared.of(plannedSteps(resolution, check, changing));
    this.#made.set(steps, made.set(check?.steps, planned));
    return planned;
  }
}

/** Makes what nodes said of steps one list where it is the same: nodes of one role mostly are. */
export function sharedJudgements(): SharedLists<CheckResult["steps"][number]> {
  return new SharedLists(({ id, change, observed, diff }) => keyOfTexts(change, id, observed, diff));
}

/** A condition that does not hold on the node as it is now. */
export interface UnmetCheck {
  readonly problem: Problem;
  /** The kind of step that looked: a `port` may be held by a role that this plan takes away. */
  readonly kind: string;
  /** Roles that may bring it. */
  readonly curedBy: readonly string[];
}

/**
 * The steps of a node-role as the plan tells them. A step is unknown when it needs a late value, was not judged, was judged with a value
 * of an earlier run whose provider is about to change, or would do something only if such a step notified it.
 */
function plannedSteps(
  resolution: ToldResolution,
  check: CheckResult | undefined,
  changing: ReadonlySet<NodeRoleId>,
): readonly PlannedStep[] {
  const judged = new Map((check?.steps ?? []).map((each) => [each.id, each]));
  const steps = resolution.resolved.steps.map((step): PlannedStep => {
    const base = { id: step.id, kind: step.kind, label: step.label };
    const found = judged.get(step.id);
    const stale = (resolution.seen.get(step.id) ?? []).some((provider) => changing.has(provider));
    if (step.unknown || stale || found === undefined) return { ...base, change: "unknown" };
    const acts = found.change === "create" || found.change === "change";
    const diff = step.secret ? (acts ? withheldDiff : undefined) : found.diff;
    return {
      ...base,
      change: found.change,
      ...(diff === undefined || diff === "" ? {} : { diff }),
      ...(found.observed === undefined ? {} : { observed: found.observed }),
    };
  });
  const told = perhapsNotified(
    resolution.resolved.steps,
    new Set(steps.filter((step) => step.change === "unknown").map((step) => step.id)),
  );
  return steps.map((step) =>
    step.change === "none" && told.has(step.id) ? { id: step.id, kind: step.kind, label: step.label, change: "unknown" } : step,
  );
}

/** Steps that are notified, at any distance, by steps of which it is not known whether they change something. */
function perhapsNotified(steps: readonly ToldStep[], unknown: ReadonlySet<string>): ReadonlySet<string> {
  const notify = new Map(steps.map((step) => [step.id, step.notify]));
  const told = new Set([...unknown].flatMap((id) => notify.get(id) ?? []));
  for (const id of told) for (const next of notify.get(id) ?? []) told.add(next);
  return told;
}
