import type { PolicyJob, RuleVerdict } from "../../authority/policy/world.ts";

/** What the engine sends to its worker: one job, answered completely before the next. */
export type ToWorker = Omit<PolicyJob, "deadlineMs">;

/** What the worker answers: that it has understood the job and begins, then one verdict per state for each rule, in order. */
export type FromWorker = { readonly type: "begun" } | { readonly type: "judged"; readonly verdicts: readonly RuleVerdict[] };
