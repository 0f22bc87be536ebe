import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runIn } from "../measure.ts";
import { writeCluster } from "../work/cluster.ts";
import { type Contender, endOf, type Place, tailOf } from "./contender.ts";

/** `halligan apply` as a whole process, with plan, journal, store, detached jobs and re-attach; over open connections by a process that stays, as `serve` does. */
export const halligan: Contender = {
  name: "halligan",
  title: "Halligan",
  mostNodes: 1_000,
  phases: ["first", "noop", "open"],
  async begin(place, round) {
    const cwd = await freshCluster(place, round);
    let staying: Promise<number> | undefined;
    return {
      cwd,
      command: [...place.halligan, "apply", "--yes", "--json"],
      accept(output, exit, phase) {
        if (phase === "open") return acceptAnswer(output);
        if (exit !== 0) throw new Error(`halligan ended with exit code ${exit}:\n${endOf(output)}`);
        const changed = output.includes('"status":"changed"');
        if (changed !== (phase === "first"))
          throw new Error(`halligan's ${phase} apply ${changed ? "changed something" : "changed nothing"}`);
      },
      async close(events) {
        await endEngine(events);
        if (staying === undefined) return;
        writeFileSync(join(cwd, "ask"), "end\n");
        await staying;
      },
      async open() {
        execFileSync("mkfifo", [join(cwd, "ask"), join(cwd, "told")]);
        const program = ["/bin/sh", "-c", 'exec "$@" <>ask', "sh", process.execPath, join(import.meta.dirname, "staying.ts")];
        staying = runIn(place.controller, program, cwd, join(cwd, "stayed"));
        const command = ["/bin/sh", "-c", 'echo apply >ask; read -r line <told; echo "$line"'];
        // The first one opens the connections.
        const output = join(cwd, "opened");
        const exit = await runIn(place.controller, ["timeout", "120", ...command], cwd, output);
        if (exit !== 0) throw new Error(`no apply over open connections:\n${tailOf(output)}${tailOf(join(cwd, "stayed"))}`);
        acceptAnswer(readFileSync(output, "utf8"));
        return command;
      },
    };
  },
};

/** @throws unless an apply came to its end and had nothing to do. */
function acceptAnswer(output: string): void {
  const { exit, changed } = JSON.parse(output) as { readonly exit: number; readonly changed: number };
  if (exit !== 0 || changed > 0) throw new Error(`the apply over open connections ended with ${exit}, ${changed} steps changed`);
}

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
