import { readFileSync } from "node:fs";
import { Missing, requireRig } from "../rig/requirements.ts";
import type { ContenderName, Sample } from "./contender.ts";
import { contenders, measurePeers, type PeersOptions, type PeersSet } from "./measure-peers.ts";
import { openResults } from "./results.ts";

/** What a person asked for; what is left out is chosen so that the whole takes about ten minutes. */
interface Wishes {
  readonly nodes: readonly number[] | undefined;
  readonly contenders: readonly string[] | undefined;
  readonly rounds: number | undefined;
  readonly noops: number | undefined;
}

const byDefault: readonly PeersSet[] = [
  { nodes: 10, contenders: ["ssh", "halligan", "same-script", "mitogen", "ansible", "ansible-default"], rounds: 1, noops: 1 },
  { nodes: 10, contenders: ["ssh", "halligan", "same-script"], rounds: 3, noops: 3 },
  { nodes: 50, contenders: ["ssh", "halligan", "same-script"], rounds: 3, noops: 3 },
];

/** What to measure side by side. @throws `Missing` for a contender that there is not. */
export function contenderSets({ nodes, contenders: names, rounds, noops }: Wishes): readonly PeersSet[] {
  const strange = names?.find((name) => !contenders.some((each) => each.name === name));
  if (strange !== undefined)
    throw new Missing(`there is no contender ${strange}; there are ${contenders.map(({ name }) => name).join(", ")}.`);
  if (nodes === undefined && names === undefined)
    return byDefault.map((set) => ({ ...set, rounds: rounds ?? set.rounds, noops: noops ?? set.noops }));
  const taking = contenders.map(({ name }) => name).filter((name) => names?.includes(name) ?? true);
  return (nodes ?? [10, 50]).map((count) => ({ nodes: count, contenders: taking, rounds: rounds ?? 1, noops: noops ?? 3 }));
}

/** Measures, writes the results into a folder and prints the report. */
export async function runPeers(options: Omit<PeersOptions, "onRound">, folder: string, add: boolean): Promise<readonly Sample[]> {
  const pythons: readonly ContenderName[] = ["ansible", "ansible-default", "mitogen"];
  requireRig(options.sets.some((set) => set.contenders.some((name) => pythons.includes(name))));
  const results = openResults(folder, add);
  const samples = await measurePeers({ ...options, onRound: (round) => results.add(round) });
  console.log(readFileSync(results.report, "utf8"));
  return samples;
}
