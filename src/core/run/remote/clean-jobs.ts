import type { Clock } from "../../ports.ts";
import { type NodeLink, askNode } from "./node-link.ts";
import { cleanCommand } from "./node-shell.ts";

/** How long the cleaning of all nodes may take; what is not cleaned then is cleaned by the next run. */
const patienceMs = 5_000;

/** Removes job folders from the nodes that answer; from those of `emptied` also Halligan's own folders, when no role is left there. */
export async function cleanJobs(
  byNode: ReadonlyMap<string, readonly string[]>,
  emptied: ReadonlySet<string>,
  clock: Clock,
  link: (node: string) => Promise<NodeLink>,
): Promise<void> {
  const each = [...byNode].map(async ([node, jobs]) => askNode(await link(node), cleanCommand(jobs, emptied.has(node))));
  const stop = new AbortController();
  await Promise.race([Promise.allSettled(each), clock.sleep(patienceMs, stop.signal).catch(() => undefined)]);
  stop.abort();
}
