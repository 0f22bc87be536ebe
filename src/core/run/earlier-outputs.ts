import type { NodeRoleId } from "../model/ids.ts";
import type { Standing } from "./applied.ts";

/** Values that steps gave in earlier runs, by node-role: what late-bound inputs are compared with while nothing of their provider changes. */
export function earlierOutputs(applied: readonly Standing[]): ReadonlyMap<NodeRoleId, Readonly<Record<string, string>>> {
  return new Map(applied.map((record) => [record.id, record.lateOutputs]));
}
