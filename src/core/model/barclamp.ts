import type { FilePlace } from "../errors.ts";
import type { Json } from "../ports.ts";
import type { Digest } from "./ids.ts";
import type { Migration } from "./migration-file.ts";

/** A barclamp as loaded: schema-checked, with its files, addressed by content. */
export interface Barclamp {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly roles: Readonly<Record<string, Role>>;
  /** How settings of earlier versions are carried over, oldest first. */
  readonly migrations: readonly Migration[];
  /** Files below `templates/` and `files/`, by path relative to the barclamp's folder. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Over barclamp.yaml and all files. */
  readonly digest: Digest;
  readonly folder: string;
}

/** Types of attributes and outputs. */
export type ValueType =
  | "string"
  | "integer"
  | "number"
  | "boolean"
  | "duration"
  | "size"
  | "url"
  | "address"
  | "port"
  | "list"
  | "map"
  | "secret";

/** A setting that a barclamp takes. */
export interface Attribute {
  readonly type: ValueType;
  readonly default?: Json;
  readonly required: boolean;
  readonly min?: number | string;
  readonly max?: number | string;
  readonly oneOf?: readonly Json[];
  readonly pattern?: string;
  /** Type of the elements of a `list`. */
  readonly of?: ValueType;
  readonly why?: string;
  readonly deprecated?: Deprecation;
}

/** Something that works and will go away. */
export interface Deprecation {
  /** Version of the barclamp in which it was declared so. */
  readonly since: string;
  /** What to use in its place. */
  readonly use?: string;
  readonly why: string;
}

/** One thing a barclamp can make of a node. */
export interface Role {
  readonly name: string;
  readonly barclamp: string;
  readonly description?: string;
  readonly deprecated?: Deprecation;
  readonly jig: "shell" | "noop";
  /** What it does cannot be taken back: a change of it is a point of no return. */
  readonly critical?: true;
  /** Capabilities or roles. A provider on the same node is waited for alone; else all providers in the deployment, else in the cluster. */
  readonly requires: readonly string[];
  /** Roles that may not stand on the same node. */
  readonly conflicts: readonly string[];
  /** `debian>=12`; empty = any. */
  readonly platform: readonly string[];
  /** Capabilities provided without an output. */
  readonly provides: readonly string[];
  readonly inputs: Readonly<Record<string, Input>>;
  readonly steps: readonly StepSource[];
  readonly outputs: Readonly<Record<string, Output>>;
  /** Read-only steps (port, http, command ...) judged while planning. */
  readonly checks: readonly CheckSource[];
  /** Steps that must hold after applying; polled until `within`. */
  readonly verify: readonly StepSource[];
  /** What can be proven of it once it is active; never part of a run. */
  readonly proves: readonly Proof[];
  /** Steps that take the role away; absent = the inverse of each step that has one, in reverse order. */
  readonly undo?: readonly StepSource[];
  /** Run only when something changes: `before` the first change (drain), `after` verification passed (admit), `onFailure` to go back. */
  readonly around: {
    readonly before: readonly StepSource[];
    readonly after: readonly StepSource[];
    readonly onFailure: readonly StepSource[];
  };
  /** How the members of one role within a deployment follow each other. */
  readonly cluster?: ClusterOrder;
  readonly place: FilePlace;
}

/** How something is proven that a role can do: unlike `verify`, its steps may make something, and `cleanup` takes that away again. */
export interface Proof {
  /** The capability: `sql-rows-return`. */
  readonly id: string;
  /** What is proven, one sentence. */
  readonly means: string;
  /** `deployment`: on one node of the deployment, else on each of the role's nodes. */
  readonly once?: "deployment";
  /** Capabilities without which it makes no sense to try. */
  readonly after: readonly string[];
  /** How long all steps together may take. */
  readonly withinMs: number;
  readonly steps: readonly StepSource[];
  /** All of them run, however the proof ended. */
  readonly cleanup: readonly StepSource[];
  readonly place: FilePlace;
}

/**
 * `founder-first`: the first member alone, then the others in batches. `quorum`: members that must stay active while a batch runs. `founding`:
 * while fewer stand than that, all start at once, or at once after the founder.
 */
export interface ClusterOrder {
  readonly order: "founder-first" | "one-by-one" | "parallel";
  readonly batch?: number;
  readonly quorum?: number | "majority";
  readonly founding?: "together";
}

/** A late-bound value: `from: sql.url` takes output `url` of the provider of `sql`. `all`: a list of {node, address, value}, sorted by node. */
export interface Input {
  readonly from: string;
  readonly all: boolean;
  readonly default?: Json;
}

/** A typed value that a role gives to others: a template, or the standard output of a named command step. */
export interface Output {
  readonly type: ValueType;
  readonly capability?: string;
  readonly value?: string;
  readonly fromStep?: string;
}

/**
 * A step as written: kind and its arguments before templates are rendered. String values anywhere in `args` are Liquid templates, except `when`.
 * The kind's own schema (jigs/shell/kinds) has already accepted it.
 */
export interface StepSource {
  readonly kind: string;
  readonly args: Json;
  /** Explicit or derived, unique within the role: `file:/etc/motd`. Stable when other steps are added. */
  readonly id: string;
  readonly common: StepCommon;
  readonly place: FilePlace;
}

/** Keys that every step kind takes beside its own. */
export interface StepCommon {
  readonly name?: string;
  /** CEL over set, facts, node, inputs, cluster, deployment; false = the step is left out of the plan. */
  readonly when?: string;
  /** Template of a list: the step stands once per element, which its templates see as `item`. */
  readonly each?: string;
  /** Names of service or command steps of this role that run once, at the end, when this step changed something. */
  readonly notify: readonly string[];
  /** `deployment`: only on the first of the role's nodes. */
  readonly once?: "deployment";
  readonly timeoutMs?: number;
  readonly retries: number;
  readonly retryDelayMs: number;
  /** Only in `verify`: how long it is asked again until it holds. */
  readonly withinMs?: number;
}

/** A read-only condition with a code of the barclamp's own, such as `KEY-101`; it must hold before the role changes anything. */
export interface CheckSource {
  readonly code: string;
  /** Its id is the code. */
  readonly step: StepSource;
  readonly message?: string;
  /** What to do when it does not hold. */
  readonly hint?: string;
  /** Roles that may bring it: where one goes first on the node and changes something, the check is judged after it. */
  readonly curedBy: readonly string[];
}
