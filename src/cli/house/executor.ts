import { redisSchemes } from "../../core/adapters/store/redis/address.ts";
import type { Cluster } from "../../core/model/cluster.ts";
import type { Clock, Fence, JobQueue, Secret, Store } from "../../core/ports.ts";
import type { JobSite } from "../../core/run/execute-job.ts";
import type { Executor } from "../../core/run/executor.ts";
import { createLocalExecutor } from "../../core/run/local-executor.ts";
import { createDispatcher } from "../../core/run/workers/dispatcher.ts";
import { siteOf } from "../../core/run/workers/places.ts";
import { programVersion } from "../program-version.ts";

/** What a run's jobs are carried out with. */
export interface ExecutorOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly fence: Fence;
  readonly run: string;
  readonly owner: string;
  readonly stateUrl: string | undefined;
  readonly password: Secret | undefined;
  readonly cluster: Cluster;
  readonly site: JobSite;
}

/** The executor of one run. On a store that other machines share it sends jobs to workers where there are some; `end` when the run is over. */
export function createExecutor(options: ExecutorOptions): { readonly executor: Executor; end(): Promise<void> } {
  const { store, clock, fence, run, owner, stateUrl, cluster, site } = options;
  if (stateUrl === undefined || !isShared(stateUrl)) return { executor: createLocalExecutor(site, fence), end: () => Promise.resolve() };
  let opening: Promise<JobQueue> | undefined;
  const queue = (): Promise<JobQueue> => (opening ??= openQueueAt(stateUrl, options.password));
  const sites = new Map(cluster.nodes.map((node) => [node.name, siteOf(node)]));
  const only = new Set(cluster.workers?.only);
  const executor = createDispatcher({
    store,
    clock,
    fence,
    run,
    owner,
    version: programVersion(),
    local: site,
    siteOf: (node) => sites.get(node),
    isForWorkersOnly: (at) => at !== undefined && only.has(at),
    queue,
  });
  return {
    executor,
    async end() {
      await executor.end();
      await opening?.then(
        (open) => open.close(),
        () => undefined,
      );
    },
  };
}

/** The queue beside a shared store; what carries it is loaded when it is wanted. */
export async function openQueueAt(stateUrl: string, password: Secret | undefined): Promise<JobQueue> {
  const { openQueue } = await import("../../core/adapters/queue/bullmq.ts");
  return await openQueue(stateUrl, password);
}

/** True for an address of a store that processes of several machines can use. */
export function isShared(stateUrl: string): boolean {
  return redisSchemes.includes(/^([a-z-]+):/iu.exec(stateUrl)?.[1]?.toLowerCase() ?? "");
}
