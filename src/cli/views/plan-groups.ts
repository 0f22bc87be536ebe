import type { DocumentedNodeRole, PlanDocument } from "../../core/commands/plan-document.ts";

/** Node-roles of one role with the same steps and diffs: shown once. */
export interface PlanGroup {
  readonly role: string;
  readonly action: "apply" | "remove";
  readonly cohort: number;
  readonly nodes: readonly string[];
  readonly steps: DocumentedNodeRole["steps"];
  /** Something is taken away. */
  readonly destroys: boolean;
}

/** What a plan would do, collapsed over nodes: what destroys first, then in the order of the run. Blocked and unchanged node-roles are left out. */
export function planGroups(nodeRoles: PlanDocument["nodeRoles"]): readonly PlanGroup[] {
  const groups = new Map<string, PlanGroup & { nodes: string[] }>();
  for (const { role, action, cohort, node, steps, blocked } of nodeRoles) {
    if (action === "skip" || blocked !== undefined) continue;
    const key = JSON.stringify([role, action, steps]);
    const known = groups.get(key);
    if (known === undefined) {
      const destroys = action === "remove" || steps.some((step) => step.change === "destroy");
      groups.set(key, { role, action, cohort, nodes: [node], steps, destroys });
    } else known.nodes.push(node);
  }
  return [...groups.values()].toSorted((a, b) => Number(b.destroys) - Number(a.destroys) || a.cohort - b.cohort);
}
