import { createPolicyDesk, type PolicyDesk } from "../../core/authority/policy/desk.ts";
import { createPolicyJudge } from "../../core/authority/policy/judge.ts";
import type { Judge } from "../../core/authority/gate.ts";
import type { Authority } from "../../core/authority/people.ts";
import { readPolicySources } from "../../core/adapters/policy/read-sources.ts";
import type { WorkerEngine } from "../../core/adapters/policy/worker-engine.ts";
import type { LoadedCluster } from "../../core/house.ts";
import { readAllFacts } from "../../core/inventory/record.ts";
import type { Clock, Store } from "../../core/ports.ts";

/** The policy of a house, with the judge for its gate. */
export interface HousePolicy {
  readonly desk: PolicyDesk;
  readonly judge: Judge;
  /** Ends the thread that judges the cluster's own rules, if there is one. */
  close(): Promise<void>;
}

/** Makes the policy of a cluster folder. The thread for the cluster's own rules starts when there are some. */
export function createHousePolicy(deps: {
  readonly store: Store;
  readonly clock: Clock;
  readonly folder: string;
  load(): Promise<LoadedCluster>;
  authority(): Promise<Authority>;
}): HousePolicy {
  const { store, clock, folder, load, authority } = deps;
  let engine: Promise<WorkerEngine> | undefined;
  const desk = createPolicyDesk({
    store,
    clock,
    load,
    authority,
    sources: () => readPolicySources(folder),
    knownFacts: async (cluster) => {
      const records = await readAllFacts(store, cluster);
      return new Map([...records].map(([node, record]) => [node, { facts: record.facts, at: record.observedAt }]));
    },
    engine: () => (engine ??= import("../../core/adapters/policy/worker-engine.ts").then(({ createWorkerEngine }) => createWorkerEngine())),
  });
  return { desk, judge: createPolicyJudge(desk), close: async () => await (await engine)?.close() };
}
