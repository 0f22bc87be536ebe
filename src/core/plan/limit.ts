import type { NodeRoleId } from "../model/ids.ts";
import type { PlanBody, PlanLimit } from "../model/plan.ts";

/** The bounds in which a plan was made, from its body: what it is about, and what it takes away. None for a plan without a purpose of its own. */
export function limitOf(body: PlanBody): { readonly limit?: PlanLimit } {
  const { purpose, nodeRoles } = body;
  if (purpose === undefined) return {};
  const ids = (list: PlanBody["nodeRoles"]): ReadonlySet<NodeRoleId> => new Set(list.map((each) => each.id));
  const away = ids(nodeRoles.filter((each) => each.action === "remove"));
  return { limit: { purpose, only: ids(nodeRoles), away, gone: away } };
}
