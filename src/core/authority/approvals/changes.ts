import type { PlanBody, PlannedNodeRole } from "../../model/plan.ts";

const mostLines = 20;

/** What is otherwise in a second plan, a line for each node-role; bounded. Texts are those of the plans, which hold no secrets. */
export function planChanges(before: PlanBody, after: PlanBody): readonly string[] {
  const old = new Map(before.nodeRoles.map((each) => [each.id, each]));
  const now = new Map(after.nodeRoles.map((each) => [each.id, each]));
  const lines: string[] = [];
  for (const [id, each] of now) {
    const was = old.get(id);
    if (was === undefined) lines.push(`${id}: new, ${each.action}`);
    else lines.push(...nodeRoleChanges(was, each));
  }
  for (const id of old.keys()) if (!now.has(id)) lines.push(`${id}: no longer in the plan`);
  if (lines.length === 0) lines.push("order, placement or problems of the plan differ");
  return lines.length > mostLines ? [...lines.slice(0, mostLines - 1), `and ${lines.length - mostLines + 1} more`] : lines;
}

function nodeRoleChanges(was: PlannedNodeRole, now: PlannedNodeRole): readonly string[] {
  if (was.action !== now.action) return [`${now.id}: ${was.action} -> ${now.action}`];
  const before = new Map(was.steps.map((step) => [step.id, step]));
  const steps = now.steps.flatMap((step) => {
    const old = before.get(step.id);
    if (old === undefined) return [`${step.label} is new`];
    if (old.change !== step.change) return [`${step.label}: ${old.change} -> ${step.change}`];
    return old.diff === step.diff && old.label === step.label ? [] : [`${step.label} would change something else`];
  });
  const kept = new Set(now.steps.map((step) => step.id));
  const gone = was.steps.filter((step) => !kept.has(step.id)).map((step) => `${step.label} is gone`);
  const all = [...steps, ...gone];
  if (all.length > 0) return [`${now.id}: ${all.slice(0, 4).join(", ")}${all.length > 4 ? ` and ${all.length - 4} more` : ""}`];
  return JSON.stringify(was) === JSON.stringify(now) ? [] : [`${now.id}: its values, barclamp or secrets are others`];
}
