import type { PolicyDesk } from "../../core/authority/policy/desk.ts";
import type { Judge } from "../../core/authority/gate.ts";
import type { Authority } from "../../core/authority/people.ts";
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

/** Where the policy of a cluster folder comes from. */
interface PolicyPlace {
  readonly store: Store;
  readonly clock: Clock;
  readonly folder: string;
  load(): Promise<LoadedCluster>;
  authority(): Promise<Authority>;
}

/** Makes the policy of a cluster folder. Everything is loaded at first need; the thread for the cluster's own rules starts when there are some. */
export function createHousePolicy(place: PolicyPlace): HousePolicy {
  let engine: Promise<WorkerEngine> | undefined;
  let opening: Promise<PolicyDesk> | undefined;
  const worker = (): Promise<WorkerEngine> =>
    (engine ??= import("../../core/adapters/policy/worker-engine.ts").then(({ createWorkerEngine }) => createWorkerEngine()));
  const opened = (): Promise<PolicyDesk> => (opening ??= openDesk(place, worker));
  const desk: PolicyDesk = {
    current: async () => await (await opened()).current(),
    record: async (...asked) => await (await opened()).record(...asked),
    judgePlan: async (plan) => await (await opened()).judgePlan(plan),
    judgeFiles: async (deployments) => await (await opened()).judgeFiles(deployments),
    judgeIntent: async (after) => await (await opened()).judgeIntent(after),
    judgePresent: async () => await (await opened()).judgePresent(),
    judgeStrictly: async (question) => await (await opened()).judgeStrictly(question),
    waivers: async () => await (await opened()).waivers(),
  };
  return {
    desk,
    judge: async (question) => {
      const { createPolicyJudge } = await import("../../core/authority/policy/judge.ts");
      return await createPolicyJudge(desk)(question);
    },
    close: async () => await (await engine)?.close(),
  };
}

async function openDesk({ store, clock, folder, load, authority }: PolicyPlace, engine: () => Promise<WorkerEngine>): Promise<PolicyDesk> {
  const [{ createPolicyDesk }, { readPolicySources }] = await Promise.all([
    import("../../core/authority/policy/desk.ts"),
    import("../../core/adapters/policy/read-sources.ts"),
  ]);
  return createPolicyDesk({
    store,
    clock,
    load,
    authority,
    sources: () => readPolicySources(folder),
    knownFacts: async (cluster) => {
      const records = await readAllFacts(store, cluster);
      return new Map([...records].map(([node, record]) => [node, { facts: record.facts, at: record.observedAt }]));
    },
    engine,
  });
}
