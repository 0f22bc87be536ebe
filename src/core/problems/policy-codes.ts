import type { CodeEntry } from "./entry.ts";

/** Problems of policy: rules over inventory, facts, plans and what they leave behind. */
export const policyCodes = {
  POLICY_DENIED: {
    exit: 3,
    means: "A rule of the policy forbids what the plan would do or leave behind.",
    cause: "The cluster would break a rule of level deny once the plan has run, or the plan itself breaks one.",
    action: "Change what the rule names, or have an admin waive it: `halligan policy waive RULE --reason TEXT --for 2h`.",
  },
  POLICY_UNKNOWN: {
    exit: 3,
    means: "A rule of level deny cannot be judged, and what cannot be judged does not pass.",
    cause: "The facts that the rule reads are missing or older than the policy allows.",
    action: "Look at the nodes again with `halligan discover`, then go on.",
  },
  POLICY_RULE_INVALID: {
    exit: 2,
    means: "An expression of a rule cannot be understood.",
    cause: "A spelling mistake, a name that the rule's scope does not have, or types that do not go together.",
    action: "Correct the expression at the place shown; docs/policy.md lists what each scope can see.",
  },
  POLICY_RULE_FAILED: {
    exit: 3,
    means: "A rule could not be evaluated, so it does not pass.",
    cause: "The rule reads a label, a setting or a parameter that is not there, or divides by zero.",
    action: "Guard what may be absent with `has(...)`, and try the rule with `halligan policy test`.",
  },
  POLICY_RULE_TIMEOUT: {
    exit: 3,
    means: "A rule did not come to an end in time and was stopped, so it does not pass.",
    cause: "Loops within loops over all nodes, or a costly regular expression.",
    action: "Use a narrower scope (node or role) so that the rule needs no loops of its own.",
  },
  POLICY_RULE_UNKNOWN: {
    exit: 2,
    means: "There is no rule of this id.",
    cause: "A spelling mistake, or the rule was removed.",
    action: "`halligan policy list` shows all rules.",
  },
  POLICY_RULE_TWICE: {
    exit: 2,
    means: "Two rules have the same id, or one rule is tuned twice.",
    cause: "A copied rule that was not renamed, or a rule with the id of one that comes with Halligan.",
    action: "Give the rule another id; to change one that comes with Halligan, write it under `tune:`.",
  },
  POLICY_PARAM_UNKNOWN: {
    exit: 2,
    means: "A rule is tuned with a parameter that it does not have, or with a value of another type.",
    cause: "A spelling mistake, or a text where the rule wants a number.",
    action: "`halligan policy explain RULE` shows the parameters of a rule.",
  },
  WAIVER_UNKNOWN: {
    exit: 2,
    means: "There is no waiver in force that could be ended.",
    cause: "It has expired or was ended already, or it covers something else.",
    action: "`halligan policy list` shows the waivers in force.",
  },
} satisfies Readonly<Record<string, CodeEntry>>;
