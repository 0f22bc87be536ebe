import type { z } from "zod";
import type { requirementSchema } from "../../journal/approval-events.ts";
import { type ApprovalPolicy, type PlanRisk, planRisks } from "../../model/approvals.ts";
import type { PlanBody, PlannedNodeRole } from "../../model/plan.ts";

/** One approval rule that a plan must meet. All requirements of a plan must be met: what is stricter counts by itself. */
export type Requirement = Readonly<z.infer<typeof requirementSchema>>;

/** The deployments in which a run of the plan changes something, sorted; those that left the file and are removed included. */
export function changedDeployments(body: PlanBody): readonly string[] {
  return [...new Set(body.nodeRoles.filter((each) => changes(each)).map((each) => each.deployment))].toSorted();
}

/** What is blocked in a plan is not touched by its run. */
function changes({ action, blocked }: PlannedNodeRole): boolean {
  return action !== "skip" && blocked === undefined;
}

/** What makes a plan risky: what it removes or destroys, and changes of roles that say they cannot be taken back. */
export function risksOf(body: PlanBody): ReadonlySet<PlanRisk> {
  const risks = new Set<PlanRisk>(["default"]);
  for (const { action, steps, critical } of body.nodeRoles.filter((each) => changes(each))) {
    if (action === "remove" || steps.some((step) => step.change === "destroy")) risks.add("destructive");
    if (critical === true) risks.add("pointOfNoReturn");
  }
  return risks;
}

/**
 * What a plan needs before it may run, by the approvals blocks of its deployments. The risk is that of the whole plan: what is destroyed in one
 * deployment is judged by all that change with it. A removed deployment has no block any more and is judged by those of the others.
 */
export function requirementsOf(body: PlanBody, policies: ReadonlyMap<string, ApprovalPolicy>): readonly Requirement[] {
  const risks = risksOf(body);
  const changed = changedDeployments(body);
  if (changed.length === 0) return [];
  const known = changed.filter((name) => policies.has(name));
  // Everything that changes has left the file: its blocks went with it, so those of what was planned with it decide.
  const judging = known.length < changed.length ? [...new Set([...known, ...body.deployments])].toSorted() : known;
  return judging.flatMap((deployment) => {
    const policy = policies.get(deployment);
    if (policy === undefined) return [];
    return planRisks.flatMap((risk) => {
      const rule = risks.has(risk) ? policy[risk] : undefined;
      return rule === undefined || rule.people === 0 ? [] : [{ deployment, risk, rule: { ...rule, groups: [...rule.groups] } }];
    });
  });
}

/** Requirements of two lists, without those that another one includes: whoever meets the stricter one meets it, too. */
export function together(first: readonly Requirement[], second: readonly Requirement[]): readonly Requirement[] {
  const all = [...first, ...second];
  return all.filter(
    ({ rule }, index) =>
      !all.some((other, place) => place !== index && includes(other.rule, rule) && (place < index || !includes(rule, other.rule))),
  );
}

/** True when votes that meet `strict` meet `mild` in any case. */
function includes(strict: Requirement["rule"], mild: Requirement["rule"]): boolean {
  const whose = mild.groups.length === 0 || (strict.groups.length > 0 && strict.groups.every((group) => mild.groups.includes(group)));
  return (
    strict.people >= mild.people &&
    whose &&
    (strict.excludeAuthor || !mild.excludeAuthor) &&
    (strict.excludeEditor || !mild.excludeEditor) &&
    (strict.stepUp || !mild.stepUp) &&
    strict.ttlMs <= mild.ttlMs
  );
}
