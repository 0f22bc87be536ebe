import type { EpochMs, Json } from "../../ports.ts";
import type { RuleCode } from "./rule.ts";

/** Where the value of a setting comes from. */
export type SettingOrigin = "node" | "group" | "deployment" | "cluster" | "secrets" | "default";

/** One setting of a barclamp on a node. The value of a secret is never here. */
export interface SettingEntry {
  readonly barclamp: string;
  readonly name: string;
  /** Type of the attribute: `string`, `integer`, `secret` ... */
  readonly type: string;
  /** Durations in ms, sizes in bytes; null = not set, or a secret. */
  readonly value: Json;
  readonly origin: SettingOrigin;
  readonly secret: boolean;
}

/** A node of a state. */
export interface StateNode {
  readonly name: string;
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A node-role that is active in a state. */
export interface StateNodeRole {
  readonly node: string;
  readonly role: string;
  readonly deployment: string;
  readonly barclamp: string;
  /** Index into `settings` of the state. */
  readonly settings: number;
}

/** What a role says of its members. */
export interface StateRole {
  readonly deployment: string;
  readonly role: string;
  readonly barclamp: string;
  /** `""` = its members do not follow each other. */
  readonly order: "" | "founder-first" | "one-by-one" | "parallel";
  /** 0 = says nothing. */
  readonly quorum: number;
}

/**
 * How a cluster looks: what stands where, with which settings. Kept with each plan as what it leaves behind, so that rules can be judged
 * again without the files that the plan was made from.
 */
export interface PolicyState {
  readonly nodes: readonly StateNode[];
  readonly nodeRoles: readonly StateNodeRole[];
  readonly roles: readonly StateRole[];
  /** Each list once; node-roles refer to them. */
  readonly settings: readonly (readonly SettingEntry[])[];
}

/** Facts of one node as policy sees them. */
export type NodeFacts =
  | { readonly known: true; readonly facts: Json; readonly ageMs: number }
  /** `why`: never seen, or too old. */
  | { readonly known: false; readonly why: string };

/** What a plan does, as rules see it. */
export interface PlanView {
  readonly phase: "check" | "plan" | "request" | "start" | "batch";
  readonly deployments: readonly string[];
  /** Node-roles with something to do. */
  readonly changes: number;
  /** Node-roles that are taken away. */
  readonly removes: number;
  /** Steps that destroy something, those of removals included. */
  readonly destroys: number;
  readonly risk: "none" | "default" | "destructive" | "pointOfNoReturn";
  /** Nodes that are touched. */
  readonly nodes: readonly string[];
  /** Node-roles that would start now (only `batch`). */
  readonly starting: readonly string[];
  /** People who must approve the plan by the approvals blocks; 0 = nobody. */
  readonly approvers: number;
  /** By `deployment/role`: what the plan does to its members. */
  readonly roles: Readonly<Record<string, RoleView>>;
}

/** What a plan does to the members of a role. */
export interface RoleView {
  readonly changing: number;
  readonly removing: number;
  /** At once, at most. */
  readonly batch: number;
  /** Of those that stand now, at once, at most: a member that is added is missed by nobody. */
  readonly down: number;
}

/** What is the same before and after a plan. */
export interface Surroundings {
  readonly cluster: { readonly name: string; readonly deployments: readonly string[] };
  readonly now: EpochMs;
  readonly authority: { readonly mode: "single-user" | "people"; readonly people: number };
  /** By node name; a node that is absent was never seen. */
  readonly facts: Readonly<Record<string, NodeFacts>>;
  readonly timezone: string;
}

/** A state to judge, and the plan that is judged with it (before a plan: one that does nothing). */
export interface World {
  readonly state: PolicyState;
  readonly plan: PlanView;
}

/** How rules judged one subject when it did not pass. */
export interface Finding {
  /** `node:ctl-1`, `role:identity/mariadb-server`, `plan`. */
  readonly subject: string;
  readonly outcome: "fail" | "unknown" | "error";
  readonly message: string;
  readonly evidence: Readonly<Record<string, Json>>;
  readonly nodes: readonly string[];
  readonly deployments: readonly string[];
}

/** How one rule judged one state. */
export interface RuleVerdict {
  readonly rule: string;
  readonly passed: number;
  /** Subjects that `when` left out. */
  readonly skipped: number;
  readonly findings: readonly Finding[];
  /** The rule was stopped before its end. */
  readonly timedOut: boolean;
}

/** Judges rules. Never throws for what is wrong with a rule: that is part of its verdict. One verdict per rule and state, in their order. */
export interface PolicyEngine {
  judge(job: PolicyJob): Promise<readonly (readonly RuleVerdict[])[]>;
}

/** Rules, and the states to judge them on. */
export interface PolicyJob {
  readonly rules: readonly RuleCode[];
  readonly surroundings: Surroundings;
  readonly worlds: readonly World[];
  /** For each rule over one state. */
  readonly deadlineMs: number;
}
