import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runIn } from "../measure.ts";
import { writeCluster } from "../work/cluster.ts";
import { type Contender, endOf, type Place, tailOf } from "./contender.ts";

/** `halligan apply` as a whole process, with plan, journal, store, detached jobs and re-attach. */
export const halligan: Contender = {
  name: "halligan",
  title: "Halligan",
  mostNodes: 1_000,
  phases: ["first", "noop"],
  async begin(place, round) {
    const cwd = await freshCluster(place, round);
    return {
      cwd,
      command: [...place.halligan, "apply", "--yes", "--json"],
      accept(output, exit, phase) {
        if (exit !== 0) throw new Error(`halligan ended with exit code ${exit}:\n${endOf(output)}`);
        const changed = output.includes('"status":"changed"');
        if (changed !== (phase === "first"))
          throw new Error(`halligan's ${phase} apply ${changed ? "changed something" : "changed nothing"}`);
      },
      close: endEngine,
    };
  },
};

/** A cluster folder that has seen its nodes: facts are an inventory's matter, not an apply's. */
export async function freshCluster(place: Place, round: string): Promise<string> {
  const cluster = join(place.folder, `cluster-${round}-${place.rig.nodes.length}`);
  mkdirSync(cluster);
  writeCluster(cluster, place.rig, place.archive);
  const output = join(cluster, "discovered");
  const exit = await runIn(place.controller, [...place.halligan, "discover"], cluster, output);
  if (exit !== 0) throw new Error(`discover ended with exit code ${exit}:\n${tailOf(output)}`);
  return cluster;
}

/** Ends the engine that a run's events name, and waits until it is gone: its connections go with it. */
async function endEngine(events: string): Promise<void> {
  const [, pid] = /"engine":"[^":]+:(\d+):/u.exec(events) ?? [];
  if (pid === undefined) return;
  try {
    if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("\0engine\0")) return;
    process.kill(Number(pid), "SIGTERM");
  } catch {
    return; // it is gone already
  }
  while (existsSync(`/proc/${pid}`)) await sleep(20);
}
