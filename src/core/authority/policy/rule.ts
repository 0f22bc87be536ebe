import type { FilePlace } from "../../errors.ts";
import type { Json } from "../../ports.ts";

/** What a rule is asked about: the whole plan with the cluster it leaves behind, each node, or each role of each deployment. */
export const scopes = ["plan", "node", "role"] as const;
export type Scope = (typeof scopes)[number];

/** `deny` stops a plan until it is cured or waived; `warn` and `info` are shown. */
export const levels = ["deny", "warn", "info"] as const;
export type Level = (typeof levels)[number];

/** When a rule is judged: on intent, when a plan is made or asked for, when a run starts and before each batch. */
export const moments = ["propose", "plan", "live"] as const;
export type Moment = (typeof moments)[number];

/** A piece of a message: text, or an expression whose value is put in. */
export type MessagePiece = { readonly text: string } | { readonly expression: string };

/** What an evaluator needs of a rule: plain data, so that it can go to a worker. */
export interface RuleCode {
  readonly id: string;
  readonly scope: Scope;
  /** Absent = every subject of the scope is judged. */
  readonly when?: string;
  readonly require: string;
  /** Names and the expressions of their values. */
  readonly evidence: readonly (readonly [name: string, expression: string])[];
  readonly message: readonly MessagePiece[];
  readonly params: Readonly<Record<string, Json>>;
}

/** A rule as it is in force: with its level and parameters after tuning. */
export interface Rule extends RuleCode {
  readonly level: Level;
  readonly applies: readonly Moment[];
  readonly owner?: string;
  readonly description?: string;
  /** `shipped` rules are trusted: they came with Halligan and are bounded. */
  readonly origin: "shipped" | "cluster";
  /** Switched off by the cluster's policy files. */
  readonly off: boolean;
  readonly place: FilePlace;
}

/** What the policy files set for all rules. */
export interface PolicySettings {
  /** Facts older than this are unknown. */
  readonly factsMaxAgeMs: number;
  /** IANA name of the zone in which `time` is told. */
  readonly timezone: string;
  /** How long one rule may take over all its subjects, in each of the two states. */
  readonly deadlineMs: number;
}

/** The policy of a cluster folder: rules that came with Halligan and its own, tuned. */
export interface PolicySet {
  readonly rules: readonly Rule[];
  readonly settings: PolicySettings;
}

/** Settings where the files say nothing. */
export const defaultSettings: PolicySettings = { factsMaxAgeMs: 24 * 3_600_000, timezone: "UTC", deadlineMs: 2_000 };
