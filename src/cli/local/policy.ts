import { readPolicyFixtures, readPolicySources } from "../../core/adapters/policy/read-sources.ts";
import { createWorkerEngine } from "../../core/adapters/policy/worker-engine.ts";
import type { LocalPolicy } from "../../core/commands/local.ts";

/** The policy files of a cluster folder and of this package, with a thread to judge in. */
export function localPolicy(folder: string): LocalPolicy {
  return {
    sources: () => readPolicySources(folder),
    fixtures: (of) => readPolicyFixtures(of === "own" ? folder : undefined),
    engine: createWorkerEngine,
  };
}
