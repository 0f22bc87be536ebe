import { parentPort } from "node:worker_threads";
import { createEvaluator } from "../../authority/policy/evaluate.ts";
import type { FromWorker, ToWorker } from "./messages.ts";

/*
 * A thread that judges rules which may be hostile: it has nothing but data, and whoever started it ends it when a rule takes too long.
 */
const port = parentPort;
const answer = (message: FromWorker): void => port?.postMessage(message);

port?.on("message", ({ rules, surroundings, worlds }: ToWorker) => {
  const evaluator = createEvaluator({ surroundings, worlds });
  answer({ type: "begun" });
  for (const rule of rules) answer({ type: "judged", verdicts: evaluator.judge(rule) });
});
