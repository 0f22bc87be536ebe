import type { Fence } from "../ports.ts";
import { executeJob, type JobSite } from "./execute-job.ts";
import type { Executor } from "./executor.ts";
import { cleanJobs } from "./remote/clean-jobs.ts";
import { tellToEnd } from "./remote/tell-to-end.ts";

/** Carries out jobs in this process, which holds the engine's lease. */
export function createLocalExecutor(site: JobSite, fence: Fence): Executor {
  const running = new Set<string>();
  const keyOf = (node: string, job: string): string => `${node} ${job}`;
  return {
    async execute(task, outlets, signal) {
      const key = keyOf(task.planned.node, task.job);
      running.add(key);
      try {
        return await executeJob(site, task, { token: fence.token, turn: 0 }, outlets, signal);
      } finally {
        running.delete(key);
      }
    },
    cancel: ({ node, job }, now, signal) =>
      tellToEnd(
        job,
        now,
        { link: (until) => site.link(node, until), clock: site.clock, goesOn: () => running.has(keyOf(node, job)) },
        signal,
      ),
    clean: (byNode, emptied, signal) => cleanJobs(byNode, emptied, site.clock, (node) => site.link(node, signal)),
  };
}
