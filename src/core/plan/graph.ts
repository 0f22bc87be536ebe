import type { Barclamp, Role } from "../model/barclamp.ts";
import type { ClusterNode, Deployment, Placement } from "../model/cluster.ts";
import type { NodeRoleId } from "../model/ids.ts";

/** A role that a placement put on a node. */
export interface BoundNodeRole {
  readonly id: NodeRoleId;
  readonly node: ClusterNode;
  readonly role: Role;
  readonly barclamp: Barclamp;
  readonly deployment: Deployment;
  readonly placement: Placement;
  /** Part of this plan. False: its deployment was not asked for; it is only there to provide for others. */
  readonly selected: boolean;
  /** The role's nodes in this deployment, in natural order. */
  readonly members: readonly ClusterNode[];
  /** Position of `node` in `members`. */
  readonly index: number;
}

/** How providers were chosen: the nearest scope that has one, or the only role that `use` allows there. */
export type ProviderRule = "same-node" | "deployment" | "cluster";

/** Why one node-role waits for others. */
export type Wait =
  | {
      readonly why: "requires" | "input";
      /** The entry of `requires`, or the name of the input. */
      readonly name: string;
      /** Capability or role that was looked for. */
      readonly wanted: string;
      readonly rule: ProviderRule;
      /** `use` of the deployment decided between several roles. */
      readonly byUse: boolean;
      readonly providerRole: string;
      /** In natural order. Shared between all that wait for the same. */
      readonly providers: readonly BoundNodeRole[];
    }
  | { readonly why: "founder"; readonly name: string; readonly providers: readonly BoundNodeRole[] };

/** Where an input takes its value from. */
export type InputBinding =
  | { readonly kind: "one"; readonly provider: BoundNodeRole; readonly output: string }
  | { readonly kind: "all"; readonly providers: readonly BoundNodeRole[]; readonly output: string }
  | { readonly kind: "default" };

/** A node-role with its place in the order. */
export interface OrderedNodeRole {
  readonly bound: BoundNodeRole;
  /** Length of the longest path of node-roles that it waits for. */
  readonly cohort: number;
  readonly waits: readonly Wait[];
  readonly inputs: Readonly<Record<string, InputBinding>>;
}

/** All node-roles in their order: by cohort, then node (natural), then role. */
export interface Graph {
  readonly nodeRoles: readonly OrderedNodeRole[];
  readonly byId: ReadonlyMap<NodeRoleId, OrderedNodeRole>;
  /** The same node-roles by node (natural), then role. */
  readonly ranked: readonly BoundNodeRole[];
}
