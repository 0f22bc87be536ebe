import { hasCode } from "../../errors.ts";
import type { ApprovalPolicy } from "../../model/approvals.ts";
import type { PlanBody } from "../../model/plan.ts";
import type { Json, Store } from "../../ports.ts";
import { changedDeployments } from "./requirement.ts";

const collection = "authority";

/** Approvals blocks by deployment. */
export type ApprovalPolicies = ReadonlyMap<string, ApprovalPolicy>;

/**
 * The approvals blocks under which the last run that changed anything was let through. A change of a block is judged by it, too: whoever
 * weakens one needs the old one's approvals once.
 */
export async function effectivePolicies(store: Store, cluster: string): Promise<ApprovalPolicies> {
  const doc = await store.get<Json>(collection, key(cluster));
  return new Map(Object.entries((doc?.value ?? {}) as unknown as Readonly<Record<string, ApprovalPolicy>>));
}

/** Notes that the present blocks of a plan's deployments hold from now on: its run was let through. */
export async function makeEffective(store: Store, body: PlanBody, policies: ApprovalPolicies): Promise<void> {
  const { cluster } = body;
  const deployments = new Set([...body.deployments, ...changedDeployments(body)]);
  for (;;) {
    const doc = await store.get<Json>(collection, key(cluster));
    const blocks = new Map(Object.entries((doc?.value ?? {}) as unknown as Readonly<Record<string, ApprovalPolicy>>));
    const before = JSON.stringify([...blocks]);
    for (const deployment of deployments) {
      const policy = policies.get(deployment);
      if (policy === undefined) blocks.delete(deployment);
      else blocks.set(deployment, policy);
    }
    if (JSON.stringify([...blocks]) === before) return;
    try {
      await store.put(collection, key(cluster), Object.fromEntries(blocks) as unknown as Json, doc?.rev ?? 0);
      return;
    } catch (error) {
      if (!hasCode(error, "VERSION_CONFLICT")) throw error;
    }
  }
}

function key(cluster: string): string {
  return `approvals:${cluster}`;
}
