import { createEvaluator } from "./evaluate.ts";
import type { PolicyEngine } from "./world.ts";

/** Judges in this thread, without a deadline: for rules that came with Halligan, whose cost is bounded, and for fixtures. */
export const inProcessEngine: PolicyEngine = {
  async judge({ rules, surroundings, worlds }) {
    if (rules.length === 0) return [];
    const evaluator = createEvaluator({ surroundings, worlds });
    return rules.map((rule) => evaluator.judge(rule));
  },
};
