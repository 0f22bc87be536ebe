import type { ResolvedStep } from "../jigs/resolved.ts";
import type { Rollout } from "../model/cluster.ts";
import type { Digest, NodeRoleId } from "../model/ids.ts";

/** A node-role that a run has made active and no run has removed. What is needed to take it away is kept with it. */
export interface AppliedNodeRole {
  readonly id: NodeRoleId;
  readonly node: string;
  /** Where the node was reached (`10.0.0.1:22`): it is known by that when it has another name. Absent in records of versions that did not keep it. */
  readonly address?: string;
  readonly role: string;
  readonly deployment: string;
  readonly barclamp: string;
  readonly barclampDigest: Digest;
  /** What it used when it was applied: what it waited for, but for what was taken away from its node first. */
  readonly after: readonly NodeRoleId[];
  readonly rollout: Rollout;
  /** Steps whose restarts were put off and wait on the node. Absent = none. */
  readonly restarts?: readonly string[];
  /** Steps that take it away, resolved when it was applied. */
  readonly undo: readonly ResolvedStep[];
  /** Secrets that it was made with. Absent in records of versions that did not keep them. */
  readonly secrets?: readonly { readonly name: string; readonly version: number }[];
  /** Over its resolved inputs, barclamp and facts. */
  readonly digest: Digest;
}

/** What a node-role of a plan uses: what it waits for and the files place. A removal on its node goes before it, and is nothing that it uses. */
export function usedOf(
  planned: { readonly after: readonly NodeRoleId[] },
  placed: { has(id: NodeRoleId): boolean },
): readonly NodeRoleId[] {
  return planned.after.every((id) => placed.has(id)) ? planned.after : planned.after.filter((id) => placed.has(id));
}
