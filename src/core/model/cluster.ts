import type { ApprovalPolicy } from "./approvals.ts";
import type { Json } from "../ports.ts";
import type { FilePlace } from "../errors.ts";
import type { FreezeWindow } from "./freeze-window.ts";

/**
 * A cluster as the planner sees it: the cluster file with ranges expanded and durations in milliseconds.
 * `files/` makes it from text; nothing here knows YAML.
 */
export interface Cluster {
  readonly name: string;
  readonly ssh: SshSettings;
  readonly nodes: readonly ClusterNode[];
  /** Settings of the whole cluster, by barclamp. */
  readonly set: BarclampSettings;
  readonly groups: readonly NodeGroup[];
  readonly deployments: readonly Deployment[];
  /** Sites whose nodes only workers may touch, and jobs at once on nodes that share a label's value, by label; absent = none. */
  readonly workers?: { readonly only: readonly string[]; readonly atOnce: Readonly<Record<string, number>> };
  /** Times in which nothing is started; absent = none. */
  readonly freezes?: readonly FreezeWindow[];
  /** Where values were written, for `why` and for problems: key is a path such as `deployments.web.set.nginx.port`. */
  readonly places: ReadonlyMap<string, FilePlace>;
}

/** How the engine reaches nodes; each node may override any of it. */
export interface SshSettings {
  readonly user: string;
  readonly port: number;
  readonly transport: "ssh2" | "openssh";
  /** Private key files as written (`~` allowed); empty = agent, then the user's default keys. */
  readonly keys: readonly string[];
  readonly agent: boolean;
  readonly password?: SecretSource;
  readonly passphrase?: SecretSource;
  /** `sudo`: become root by sudo, with `becomePassword` when sudo asks for one. `none`: stay the login user. */
  readonly become: "none" | "sudo";
  readonly becomePassword?: SecretSource;
  /** `user@host:port` hops, first hop first. */
  readonly jump: readonly { readonly user: string; readonly address: string; readonly port: number }[];
  readonly hostKeys: "strict" | "accept-new";
  readonly connectTimeoutMs: number;
}

/** Where a secret comes from; never the value itself. */
export type SecretSource =
  | { readonly kind: "env"; readonly name: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "ask" }
  /** What a program prints; started without a shell by whoever plans, never on a node. */
  | { readonly kind: "command"; readonly words: readonly string[] }
  /** Made once and sealed in the store. */
  | { readonly kind: "generate"; readonly policy: SecretPolicy };

/** What a generated secret is made of. */
export interface SecretPolicy {
  /** In characters. */
  readonly length: number;
  readonly alphabet: "alnum" | "ascii" | "hex" | "base64url";
  /** So many of lower case, upper case, digits and other characters must occur. */
  readonly minClasses: number;
}

/** A machine reached over SSH. */
export interface ClusterNode {
  readonly name: string;
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ssh: SshSettings;
  readonly set: BarclampSettings;
}

/** Settings by barclamp name, then attribute name. */
export type BarclampSettings = Readonly<Record<string, Readonly<Record<string, Json>>>>;

/** Settings for the nodes that a selector picks; earlier groups win. */
export interface NodeGroup {
  readonly name: string;
  readonly on: Selector;
  readonly set: BarclampSettings;
}

/** A parsed selector such as `tier=control & rack!=r2`. `name` matches the node's name with `*` wildcards. */
export type Selector =
  | { readonly op: "all" }
  | { readonly op: "eq" | "ne"; readonly label: string; readonly value: string }
  | { readonly op: "has"; readonly label: string }
  | { readonly op: "name"; readonly pattern: string }
  | { readonly op: "and" | "or"; readonly of: readonly Selector[] }
  | { readonly op: "not"; readonly of: Selector };

/** Where one role goes. */
export interface Placement {
  readonly role: string;
  readonly on: Selector;
  /** How many of the selected nodes, in natural name order; absent = all of them. */
  readonly count?: number;
  /** Label over whose values the chosen nodes are spread evenly. */
  readonly spread?: string;
  /** Roles whose nodes are not chosen. */
  readonly avoid: readonly string[];
}

/** How a deployment's node-roles are rolled out. */
export interface Rollout {
  /** Nodes of one role at a time: a count or a share of the role's nodes; absent = all at once. */
  readonly batch?: { readonly nodes: number } | { readonly percent: number };
  /** The run stops starting new work when more than this many nodes have failed; absent = no bound. */
  readonly maxFailures?: number;
  readonly onUnreachable: "skip-and-report" | "fail";
  /** Notified restarts are put off until somebody asks for them; absent = done at the end of the node-role. */
  readonly restarts?: "later";
}

/** A named choice of roles and their placement. */
export interface Deployment {
  readonly name: string;
  readonly place: readonly Placement[];
  readonly set: BarclampSettings;
  /** `barclamp.attribute` -> where its secret comes from. */
  readonly secrets: Readonly<Record<string, SecretSource>>;
  /** Capability -> role that shall provide it, where several could. */
  readonly use: Readonly<Record<string, string>>;
  readonly rollout: Rollout;
  readonly budgetMs?: number;
  /** Who must approve before a run; absent = nobody. */
  readonly approvals?: ApprovalPolicy;
}
