import type { Fence } from "../ports.ts";
import { executeJob, type JobSite } from "./execute-job.ts";
import type { Executor } from "./executor.ts";
import { cleanJobs } from "./remote/clean-jobs.ts";
import { askNode } from "./remote/node-link.ts";
import { cancelCommand } from "./remote/node-shell.ts";

/** Carries out jobs in this process, which holds the engine's lease. */
export function createLocalExecutor(site: JobSite, fence: Fence): Executor {
  return {
    execute: (task, outlets, signal) => executeJob(site, task, { token: fence.token, turn: 0 }, outlets, signal),
    async cancel({ node, job }, now, signal) {
      await askNode(await site.link(node, signal), cancelCommand(job, now));
    },
    clean: (byNode, emptied, signal) => cleanJobs(byNode, emptied, site.clock, (node) => site.link(node, signal)),
  };
}
