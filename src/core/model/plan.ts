import type { Problem } from "../errors.ts";
import type { Json } from "../ports.ts";
import type { Rollout } from "./cluster.ts";
import type { ClusterOrder } from "./barclamp.ts";
import type { Digest, NodeRoleId, RevisionId, RunId } from "./ids.ts";

/** What a step would do. `unknown`: depends on a value that only the run will know. */
export type Change = "none" | "create" | "change" | "destroy" | "unknown";

/** What happens to a node-role. `skip`: nothing to change. */
export type Action = "apply" | "skip" | "remove";

/**
 * The content-addressed part of a plan: same inputs, same bytes (docs/protocol.md, "Plan body"). No clock, no ids.
 * Node-roles are sorted by cohort, then node, then role.
 */
export interface PlanBody {
  readonly halligan: 1;
  readonly cluster: string;
  /** Deployments planned, sorted. */
  readonly deployments: readonly string[];
  readonly nodeRoles: readonly PlannedNodeRole[];
  /** Why the plan is about less, or other things, than the files say; absent = it is about all that they say of its deployments. */
  readonly purpose?: Purpose;
  /** Nodes that have other names than when something was applied there; absent = none. */
  readonly renames?: readonly Rename[];
  /** Nodes that could not be checked, and other facts that do not prevent the plan. */
  readonly problems: readonly Problem[];
}

/**
 * What a plan is made for when it does not simply bring deployments to what the files say. `on` is a selector of nodes, as it was written.
 * `retry`: what a run left undone. `reset`: what was applied is taken away. `rebuild`: nodes whose node-roles are applied anew after a reset.
 * `put-back`: what drifted. `restart`: restarts that were put off. `rollback`: a deployment as an earlier revision has it that the cluster file
 * cannot say any more; the only plan that may be carried out while the files say something else. `preview`: no node was asked, so nobody has seen
 * what it would do; the only plan that is never carried out.
 */
export type Purpose =
  | { readonly kind: "preview" }
  | { readonly kind: "retry"; readonly run: RunId; readonly failedOnly?: true }
  | { readonly kind: "reset"; readonly deployments: readonly string[]; readonly on?: string }
  | { readonly kind: "rebuild"; readonly on: string }
  | { readonly kind: "put-back"; readonly on?: string }
  | { readonly kind: "restart"; readonly on?: string }
  | { readonly kind: "rollback"; readonly deployment: string; readonly revision: RevisionId };

/** A node by its former name and its present one. */
export interface Rename {
  readonly from: string;
  readonly to: string;
}

/** Bounds of a plan that has a purpose of its own. */
export interface PlanLimit {
  readonly purpose: Purpose;
  /** What it is about; nothing else is in the plan. */
  readonly only: ReadonlySet<NodeRoleId>;
  /** Of these, what is taken away although the files place it. */
  readonly away: ReadonlySet<NodeRoleId>;
  /** Of these, what is taken away when the files do not place it; the rest is left alone then. */
  readonly gone: ReadonlySet<NodeRoleId>;
}

/** How the members of a role follow each other in one plan; `quorum`: how many must stay active. */
export interface PlannedOrder {
  readonly order: ClusterOrder["order"];
  readonly batch?: number;
  readonly quorum?: number;
}

/** One node-role of a plan. */
export interface PlannedNodeRole {
  readonly id: NodeRoleId;
  readonly node: string;
  readonly role: string;
  readonly barclamp: string;
  readonly barclampDigest: Digest;
  readonly deployment: string;
  /** Depth in the graph, from 0. */
  readonly cohort: number;
  readonly action: Action;
  /** Over everything it would do: rendered arguments, contents, verification, undo, secret versions. The engine renders again and compares. */
  readonly actions: Digest;
  /** Ids of node-roles that must be active first (for `remove`: gone first). */
  readonly after: readonly NodeRoleId[];
  readonly steps: readonly PlannedStep[];
  readonly rollout: Rollout;
  readonly order?: PlannedOrder;
  /** Inputs by name: a value, or where it will come from. */
  readonly inputs: Readonly<Record<string, PlannedInput>>;
  /** Outputs known now. Others come from steps while the run goes on. */
  readonly outputs: Readonly<Record<string, Json>>;
  /** Secrets used: reference and version, never the value. */
  readonly secrets: readonly PlannedSecret[];
  /** The role says that what it does cannot be taken back. */
  readonly critical?: true;
  /** Set when the node could not be reached or checked. */
  readonly blocked?: Problem;
}

/**
 * Why a node-role is changed. `members`: nodes that have the same role. `providers`: node-roles that it uses. `late`: it takes values that
 * these may give otherwise. `files`: settings, inputs or facts. `drift`: the node differs from what was applied. `restart`: one was put off. `unfinished`: it
 * failed in that run, its steps are done, and that it works was not seen since. `unplaced`: the files do not
 * place it any more; `reset`: it is taken away although they do.
 */
export type Because =
  | { readonly kind: "new-node" | "new-role" | "files" | "drift" | "restart" | "unplaced" | "reset" }
  | { readonly kind: "unfinished"; readonly run: string }
  | { readonly kind: "members"; readonly added: readonly string[]; readonly removed: readonly string[] }
  | { readonly kind: "providers"; readonly added: readonly NodeRoleId[]; readonly removed: readonly NodeRoleId[] }
  | { readonly kind: "barclamp"; readonly barclamp: string }
  | { readonly kind: "secrets"; readonly names: readonly string[] }
  | { readonly kind: "late"; readonly from: readonly NodeRoleId[] };

/** A secret that a node-role uses. */
export interface PlannedSecret {
  /** `deployment/barclamp.attribute`. */
  readonly name: string;
  readonly version: number;
  /** The version that stands on the node, when it is another one: the secret was rotated since. */
  readonly was?: number;
}

/** A late-bound value in a plan. */
export type PlannedInput =
  | { readonly known: true; readonly value: Json }
  | { readonly known: false; readonly from: readonly NodeRoleId[]; readonly output: string };

/** One step of a planned node-role. */
export interface PlannedStep {
  readonly id: string;
  readonly kind: string;
  /** One line for people, no secrets: `file /etc/motd`. */
  readonly label: string;
  readonly change: Change;
  /** Unified diff or `key: before -> after` lines; bounded; never holds secret content. */
  readonly diff?: string;
  /** What the check saw, as the script prints it; compared again before applying (PLAN_STALE). */
  readonly observed?: string;
}

/** The stored form: body and envelope. */
export interface Plan {
  readonly id: `P-${number}`;
  readonly digest: Digest;
  readonly body: PlanBody;
  readonly author: string;
  readonly at: number;
  /** Revision of the cluster file that it was made from. */
  readonly revision: Digest;
  /** Key of the facts that it was made with. */
  readonly facts: Digest;
  /** Why what changes is changed: for people, beside the digest. Absent in plans of versions that did not tell. */
  readonly because?: Readonly<Record<NodeRoleId, readonly Because[]>>;
  /** Its node-roles were removed at this moment (`state prune`): the body is not what the digest covers any more. */
  readonly pruned?: number;
}
