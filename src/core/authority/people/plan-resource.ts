import type { PlanBody } from "../../model/plan.ts";
import type { Resource } from "../authorise.ts";

/** What a plan works on: the deployments that were planned, and those that left the file and whose node-roles it removes. */
export function planResource(body: PlanBody): Resource {
  const names = new Set([...body.deployments, ...body.nodeRoles.filter((each) => each.action !== "skip").map((each) => each.deployment)]);
  return { kind: "deployments", names: [...names].toSorted() };
}
