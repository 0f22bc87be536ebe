import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { EngineHouse } from "../../src/cli/house/house.ts";
import { auditVerifyCommand } from "../../src/core/commands/authority/audit-verify.ts";
import { whyCommand } from "../../src/core/commands/why.ts";
import type { Recorded } from "../../src/core/journal/events.ts";
import { readRun } from "../../src/core/run/annealer.ts";
import { openRuns } from "../../src/core/run/queue.ts";
import { call } from "../support/command-rig.ts";
import { counted, type Place, roles } from "./place.ts";
import type { Stage } from "./stage.ts";

/** What is known of a trial when its runs have ended. */
export interface Evidence {
  readonly stage: Stage;
  readonly place: Place;
  readonly house: EngineHouse;
  readonly seed: number;
  /** The runs, oldest first. */
  readonly runs: readonly string[];
  /** Every event that a follower was told, by position. */
  readonly told: ReadonlyMap<number, Recorded>;
  readonly nodeLoss: boolean;
  /** Nodes may have been out of reach when the run cleaned up: the next run takes along what this one could not. */
  readonly mayLeaveFolders: boolean;
}

/** What was promised and not kept, one line each; empty = all is well. The one judge of all faults. */
export async function accountOf(evidence: Evidence): Promise<readonly string[]> {
  const parts = [onNodes, inJournal, stillTold, noneWaits, sameAsWithoutFault, explained, audited, secretKept];
  const broken: string[] = [];
  for (const part of parts) broken.push(...(await part(evidence)));
  return broken;
}

/** Job folders of either kind, and processes that belong to one; the brackets keep the search from finding itself. */
const leftovers = `ls /var/lib/halligan/jobs /run/halligan; cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -o '/run/[h]alligan/[^ ]*' || true`;

const nothing = "/run/halligan:\n\n/var/lib/halligan/jobs:\n";

/** What of jobs is on a node once there was time to tidy up: who has ended may still do that. */
async function leftOn(stage: Stage, node: string, mayLeaveFolders: boolean): Promise<string> {
  for (const until = performance.now() + 5_000; ; await sleep(100)) {
    const all = await stage.on(node, leftovers);
    const left = mayLeaveFolders ? all.replaceAll(/^[\da-f]{8}\.R-\S+\n/gmu, "") : all;
    if (left === nothing || performance.now() > until) return left;
  }
}

/** Every step ran exactly once, whatever the journal says; and no job was left behind. */
async function onNodes({ stage, seed, mayLeaveFolders }: Evidence): Promise<readonly string[]> {
  const broken: string[] = [];
  for (const { node } of stage.lab.targets) {
    for (const role of roles) {
      const found = await stage.on(node, `cat /root/counts-${role}`);
      if (found !== counted(seed)) broken.push(`${node}/${role} counted ${JSON.stringify(found)}`);
    }
    const left = await leftOn(stage, node, mayLeaveFolders);
    if (left !== nothing) broken.push(`${node} still has ${JSON.stringify(left)}`);
  }
  return broken;
}

/** The last run succeeded with every node-role; no run knows a step twice, nor one that another run had finished. */
async function inJournal({ house, runs, stage, nodeLoss }: Evidence): Promise<readonly string[]> {
  const broken: string[] = [];
  const done = new Map<string, string>();
  for (const run of runs) {
    const events = await readRun(house.store, run);
    for (const event of events) {
      if (event.type !== "step.finished" || event.status !== "changed") continue;
      const step = `${event.id} ${event.section} ${event.step}`;
      const before = done.get(step);
      if (before !== undefined && !(nodeLoss && before !== run)) broken.push(`${step} finished in ${before} and in ${run}`);
      done.set(step, run);
    }
    const last = events.at(-1);
    if (last?.type !== "run.ended") broken.push(`the last event of ${run} is ${JSON.stringify(last)}`);
    else if (run === runs.at(-1)) {
      const { phase, nodeRoles } = last;
      const wanted = stage.lab.targets.length * roles.length;
      if (phase !== "succeeded" || nodeRoles.active + nodeRoles.skipped !== wanted) broken.push(`${run} ended ${JSON.stringify(last)}`);
    }
  }
  return broken;
}

/** What anybody was told is there, as it was told. */
async function stillTold({ house, runs, told }: Evidence): Promise<readonly string[]> {
  const kept = new Map((await Promise.all(runs.map((run) => readRun(house.store, run)))).flat().map((event) => [event.seq, event]));
  const lost = [...told].filter(([seq, event]) => JSON.stringify(kept.get(seq)) !== JSON.stringify(event));
  const missed = [...kept.keys()].filter((seq) => !told.has(seq));
  return [
    ...lost.slice(0, 3).map(([seq, event]) => `told as ${JSON.stringify(event)}, kept as ${JSON.stringify(kept.get(seq))} (${seq})`),
    ...missed.slice(0, 3).map((seq) => `nobody was told of ${JSON.stringify(kept.get(seq))}`),
  ];
}

async function noneWaits({ house }: Evidence): Promise<readonly string[]> {
  return (await openRuns(house.store)).map(({ run }) => `${run} still counts as open`);
}

/** A new plan finds nothing to change, and the files hold what they should. */
async function sameAsWithoutFault({ house, stage, seed }: Evidence): Promise<readonly string[]> {
  const signal = AbortSignal.timeout(120_000);
  const { body } = await house.plan({ deployments: [], by: "test", onProgress: () => undefined, signal });
  const due = body.nodeRoles.flatMap(({ id, action, steps }) =>
    action === "skip"
      ? []
      : [`${id} is due again: ${action} ${steps.flatMap((step) => (step.change === "none" ? [] : [step.id])).join(", ")}`],
  );
  const wrong: string[] = [];
  for (const { node } of stage.lab.targets)
    for (const role of roles) {
      const text = await stage.on(node, `cat /root/state-${role}`);
      if (!new RegExp(`^${seed} \\S{32}\\n$`, "u").test(text)) wrong.push(`${node} has a wrong /root/state-${role}`);
    }
  return [...due, ...wrong];
}

/** `why` has an answer for the run and its node-roles; what did not come to a good end says why and what to do. */
async function explained({ house, runs, stage }: Evidence): Promise<readonly string[]> {
  const broken: string[] = [];
  const subjects = [...runs, `${stage.lab.targets[0]?.node}/${roles[0]}`];
  for (const nodeRole of subjects) {
    const { exit, document } = await call(house, whyCommand, { nodeRole }).answer;
    if (exit !== 0) broken.push(`why ${nodeRole} ended with ${exit}`);
    const failures = (
      document as {
        readonly failures?: readonly { readonly id: string; readonly problem?: { readonly message?: string; readonly hint?: string } }[];
      }
    ).failures;
    for (const { id, problem } of failures ?? [])
      if (!problem?.message || !problem.hint) broken.push(`${nodeRole} does not say why ${id} failed: ${JSON.stringify(problem)}`);
  }
  return broken;
}

async function audited({ house }: Evidence): Promise<readonly string[]> {
  const { exit, document } = await call(house, auditVerifyCommand, { checkpoint: [] }).answer;
  return exit === 0 ? [] : [`the audit does not verify: ${JSON.stringify(document)}`];
}

/** The value of the secret, read where it belongs, stands nowhere else. */
async function secretKept({ place, stage }: Evidence): Promise<readonly string[]> {
  const secret = (await stage.on(stage.lab.targets[0]?.node ?? "", `cat /root/state-${roles[0]}`)).trim().split(" ")[1] ?? "";
  if (secret.length < 32) return ["the secret did not arrive"];
  const files = readdirSync(place.folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(secret))
    .map((file) => `${file} holds the secret`);
}
