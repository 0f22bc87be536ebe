import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { measure } from "../measure.ts";
import { openAccount } from "../rig/cgroups.ts";
import { prepareRig } from "../rig/nodes.ts";
import { makeArchive } from "../work/cluster.ts";
import { ansible, ansibleDefault, mitogen } from "./ansible.ts";
import type { Contender, ContenderName, Phase, Place, Running, Sample } from "./contender.ts";
import { halligan } from "./halligan.ts";
import { describe, sameScript, ssh } from "./ssh.ts";

/** All contenders, in the order of the tables. */
export const contenders: readonly Contender[] = [ssh, halligan, sameScript, mitogen, ansible, ansibleDefault];

/** How much to measure, and where. */
export interface PeersOptions {
  /** Who, with how many nodes, how often: one after another. */
  readonly sets: readonly PeersSet[];
  /** A folder that the caller removes. */
  readonly folder: string;
  /** The command line's start: program and leading arguments. */
  readonly halligan: readonly string[];
  /** Told the samples of each round whose results were equal on all nodes. */
  onRound(samples: readonly Sample[]): void;
  /** Told what must be ended when the bench ends, however it does. */
  onOpen(close: () => Promise<void>): void;
}

/** Contenders that are measured side by side. */
export interface PeersSet {
  readonly nodes: number;
  readonly contenders: readonly ContenderName[];
  readonly rounds: number;
  /** No-ops per round and contender, and as many over open connections. */
  readonly noops: number;
}

/**
 * Measures contenders side by side on fresh nodes, in rotating order, and compares what they left on the nodes, file by file.
 * @throws when one of them did not do the work, or left another result.
 */
export async function measurePeers(options: PeersOptions): Promise<Sample[]> {
  const samples: Sample[] = [];
  const archive = makeArchive(options.folder);
  const [controller, nodes] = [openAccount("controller"), openAccount("nodes")];
  options.onOpen(() => controller.close());
  options.onOpen(() => nodes.close());
  for (const [at, set] of options.sets.entries()) {
    const folder = join(options.folder, String(at));
    mkdirSync(folder);
    const rig = prepareRig(join(folder, "rig"), set.nodes, nodes);
    options.onOpen(() => rig.stop());
    const place: Place = { folder, rig, archive, controller, nodes, halligan: options.halligan };
    const taking = contenders.filter(({ name, mostNodes }) => set.contenders.includes(name) && set.nodes <= mostNodes);
    for (let round = 0; round < set.rounds; round++) {
      const own = await measureRound(taking, round, set, place);
      options.onRound(own);
      samples.push(...own);
    }
    await rig.stop();
  }
  return samples;
}

async function measureRound(taking: readonly Contender[], round: number, set: PeersSet, place: Place): Promise<Sample[]> {
  const samples: Sample[] = [];
  const id = `${new Date().toISOString()} ${round + 1}`;
  const results: { readonly title: string; readonly left: string }[] = [];
  const turn = round % Math.max(1, taking.length);
  for (const contender of [...taking.slice(turn), ...taking.slice(0, turn)]) {
    console.error(`bench: ${set.nodes} nodes, round ${round + 1} of ${set.rounds}, ${contender.title}`);
    await place.rig.fresh();
    const running = await contender.begin(place, String(round));
    for (const phase of contender.phases) {
      const command = phase === "open" ? await running.open?.() : running.command;
      if (command === undefined) continue;
      for (let times = phase === "first" ? 1 : set.noops; times > 0; times--)
        samples.push({ ...(await measureOnce(contender, running, phase, command, place)), round: id });
    }
    await running.close("");
    results.push({ title: contender.title, left: await describe(place) });
  }
  compare(results, place.folder);
  return samples;
}

async function measureOnce(
  contender: Contender,
  running: Running,
  phase: Phase,
  command: readonly string[],
  place: Place,
): Promise<Omit<Sample, "round">> {
  const output = join(place.folder, "output");
  const [load = 0] = loadavg();
  const measured = await measure(command, { cwd: running.cwd, output, controller: place.controller, nodes: place.nodes });
  const text = readFileSync(output, "utf8");
  running.accept(text, measured.exit, phase);
  // The next no-op is a cold one: nobody keeps a connection from here.
  if (phase !== "open") await running.close(text);
  return { nodes: place.rig.nodes.length, contender: contender.name, phase, load, ...measured };
}

function compare(results: readonly { readonly title: string; readonly left: string }[], folder: string): void {
  const [first, ...others] = results;
  if (first === undefined) return;
  if (!/^up$/mu.test(first.left)) throw new Error(`${first.title} did not do the work:\n${first.left.slice(0, 2_000)}`);
  const known = new Set(first.left.split("\n"));
  for (const { title, left } of others) {
    if (left === first.left) continue;
    writeFileSync(join(folder, "left"), left);
    const differing = left.split("\n").filter((line) => !known.has(line));
    throw new Error(`${title} left other files on the nodes than ${first.title}:\n${differing.slice(0, 10).join("\n")}`);
  }
}
