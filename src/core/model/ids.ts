import { z } from "zod";

/**
 * Names of nodes, roles, deployments, barclamps, clusters: lower-case letters, digits and inner `-`, 1 to 63 characters (RFC 1123 label),
 * so that they are safe as host names, file names and in chat.
 */
export const nameSchema = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/u, "lower-case letters, digits and inner '-', at most 63 characters");

/** `NODE/ROLE`: the unit of planning and execution; unique in a cluster. */
export type NodeRoleId = `${string}/${string}`;

/** Makes the id of a node-role. */
export function nodeRoleId(node: string, role: string): NodeRoleId {
  return `${node}/${role}`;
}

/** `P-7` plan, `R-12` run. */
export type PlanId = `P-${number}`;
export type RunId = `R-${number}`;
/** `A-3` approval request. */
export type ApprovalId = `A-${number}`;
/** `V-4` revision: a version of the intent; `D-2` proposal: a draft of a change. */
export type RevisionId = `V-${number}`;
export type ProposalId = `D-${number}`;

/** Content digest: `sha256:` and 64 hex digits. */
export type Digest = `sha256:${string}`;
