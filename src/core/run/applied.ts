import type { Plan, PlannedNodeRole } from "../model/plan.ts";
import { hasCode } from "../errors.ts";
import type { Json, Store } from "../ports.ts";

/** Collection of what stands on the nodes: key `NODE/ROLE`. */
export const appliedCollection = "applied";

/** One node-role as it was last made active. */
export interface AppliedRecord {
  readonly id: string;
  readonly node: string;
  readonly role: string;
  readonly deployment: string;
  readonly barclamp: string;
  readonly barclampDigest: string;
  readonly plan: string;
  readonly run: string;
  readonly at: number;
  /** What the workshop keeps for undoing and comparing. */
  readonly body: Json;
}

/** Records that a node-role is active, or with no body that it is gone. */
export async function recordApplied(store: Store, plan: Plan, planned: PlannedNodeRole, facts: { readonly body: Json | undefined; readonly run: string; readonly at: number }): Promise<void> {
  const { id, node, role, deployment, barclamp, barclampDigest } = planned;
  for (;;) {
    const before = await store.get<Json>(appliedCollection, id);
    try {
      if (facts.body === undefined) {
        if (before !== undefined) await store.delete(appliedCollection, id, before.rev);
        return;
      }
      const record = { id, node, role, deployment, barclamp, barclampDigest, plan: plan.id, run: facts.run, at: facts.at, body: facts.body };
      await store.put(appliedCollection, id, record, before?.rev ?? 0);
      return;
    } catch (error) {
      if (!hasCode(error, "VERSION_CONFLICT")) throw error;
    }
  }
}
