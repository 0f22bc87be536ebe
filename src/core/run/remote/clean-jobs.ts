import type { Clock } from "../../ports.ts";
import { pooled } from "../pooled.ts";
import { type NodeLink, askNode } from "./node-link.ts";
import { cleanCommand } from "./node-shell.ts";
import { lastTurn } from "./standing.ts";

/** How long the cleaning of all nodes may take; what is not cleaned then is cleaned by the next run. */
const patienceMs = 5_000;
/** So many nodes are cleaned at once: thousands would keep the process from everything else. */
const nodesAtOnce = 64;

/** Removes job folders from the nodes that answer; from those of `emptied` also Halligan's own folders, when no role is left there. */
export async function cleanJobs(
  byNode: ReadonlyMap<string, readonly string[]>,
  emptied: ReadonlySet<string>,
  clock: Clock,
  link: (node: string) => Promise<NodeLink>,
): Promise<void> {
  const stop = new AbortController();
  const cleaned = pooled([...byNode], nodesAtOnce, async ([node, jobs]) => {
    if (stop.signal.aborted) return;
    try {
      const to = await link(node);
      const text = cleanCommand(jobs, emptied.has(node));
      const ended = await lastTurn(to, "clean", text);
      if (ended?.kind !== "exited" || ended.code !== 0) await askNode(to, text);
    } catch {
      // the next run does it
    }
  });
  await Promise.race([cleaned, clock.sleep(patienceMs, stop.signal).catch(() => undefined)]);
  stop.abort();
}
