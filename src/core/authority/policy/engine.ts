import type { Breath } from "../../run/breath.ts";
import { createEvaluator } from "./evaluate.ts";
import type { PolicyEngine } from "./world.ts";

/** What making the views of a world costs per node-role, and judging a node by a rule, as a share of rendering a step. */
const viewing = 1 / 10;
const judging = 1 / 5;

/** Judges in this thread, without a deadline: for rules that came with Halligan, whose cost is bounded, and for fixtures. `breath` bounds what is done in one go. */
export function judgeHere(breath: Breath): PolicyEngine {
  return {
    async judge({ rules, surroundings, worlds }) {
      if (rules.length === 0) return [];
      const sizeOf = (what: "nodeRoles" | "nodes"): number => worlds.reduce((sum, { state }) => sum + state[what].length, 0);
      await breath(sizeOf("nodeRoles") * viewing);
      const evaluator = createEvaluator({ surroundings, worlds });
      const verdicts = [];
      for (const rule of rules) {
        await breath(sizeOf("nodes") * judging);
        verdicts.push(evaluator.judge(rule));
      }
      return verdicts;
    },
  };
}

/** Judges in one go. */
export const inProcessEngine: PolicyEngine = judgeHere(async () => undefined);
