import { milliseconds } from "../figures.ts";
import { type Contender, type Phase, ratio, type Sample, type Summary, summarise } from "./contender.ts";
import { holds, judgeDemands } from "./demands.ts";
import type { Machine } from "../machine.ts";

/** One file of results: samples of one or several runs on one machine. */
export interface Results {
  readonly machine: Machine;
  readonly samples: readonly Sample[];
}

const phases: readonly (readonly [Phase, string])[] = [
  ["first", "First apply"],
  ["noop", "No-op apply, new connections"],
  ["open", "No-op apply, connections open"],
];

/** The report for people, as Markdown; its two charts lie beside it. Pure. */
export function peersReport(results: Results, contenders: readonly Contender[]): string {
  const { machine, samples } = results;
  const summaries = summarise(samples);
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name}: ${version}`);
  const loads = samples.map(({ load }) => load).toSorted((a, b) => a - b);
  return [
    "# Halligan beside its peers",
    "",
    `Written by \`npm run bench -- peers\`; [docs/speed.md](../../docs/speed.md) says what is measured, and how. Every sample is in the JSON file beside this one.`,
    "",
    "![Wall times](peers.svg)",
    "",
    "![Computing times](peers-computing.svg)",
    "",
    `- Machine: ${machine.cores} x ${machine.processor}, ${machine.memoryGiB} GiB, ${machine.system}, Linux ${machine.kernel}; controller and nodes on it together.`,
    `- Versions: ${versions.join("; ")}.`,
    `- Load of the machine before each measurement, the bench's own included: ${loads[0]?.toFixed(1)} to ${loads.at(-1)?.toFixed(1)}, mostly ${loads[Math.floor(loads.length / 2)]?.toFixed(1)}.`,
    "- Where other work shares the machine, walls say little and computing times more: where both cores are busy, a wall is the computing time of controller and nodes, divided by the cores.",
    "- Ratios are medians over rounds, each side measured in the same round. Files on all nodes were compared after every round and were equal.",
    "- pyinfra is not measured: Debian does not package it.",
    "",
    "## Demands",
    "",
    "| | demanded | measured | |",
    "|---|---|---|---|",
    ...judgeDemands(samples).map((demand) => {
      const bound = `${demand.bound === "most" ? "<=" : ">="} ${demand.limit}`;
      const measured = demand.measured === undefined ? "-" : demand.measured.toFixed(demand.limit >= 10 ? 0 : 2);
      return `| ${demand.what} | ${bound} | ${measured} | ${{ true: "holds", false: "**missed**", undefined: "not measured" }[String(holds(demand))]} |`;
    }),
    ...phases.flatMap(([phase, title]) => section(phase, title, samples, summaries, contenders)),
    "",
  ].join("\n");
}

function section(
  phase: Phase,
  title: string,
  samples: readonly Sample[],
  summaries: readonly Summary[],
  contenders: readonly Contender[],
): readonly string[] {
  const own = summaries.filter((each) => each.phase === phase);
  if (own.length === 0) return [];
  const rows = [...new Set(own.map(({ nodes }) => nodes))]
    .toSorted((a, b) => a - b)
    .flatMap((nodes) =>
      contenders.flatMap(({ name, title: who }) =>
        own.filter((each) => each.nodes === nodes && each.contender === name).map((each) => row(each, who)),
      ),
    );
  function row(each: Summary, who: string): string {
    const against = ratio(samples, each.nodes, each, { contender: "ssh", phase: phase === "open" ? "noop" : phase });
    const times = ratio(samples, each.nodes, each, { contender: "halligan", phase });
    const effort = ratio(samples, each.nodes, each, { contender: "ssh", phase: phase === "open" ? "noop" : phase }, "bothMs");
    const wall = `${milliseconds(each.wallMs)} (${Math.round(each.leastMs)} to ${Math.round(each.mostMs)})`;
    const computing = [milliseconds(each.controllerMs), milliseconds(each.nodesMs)];
    return `| ${[each.nodes, who, wall, against?.toFixed(2) ?? "-", times?.toFixed(2) ?? "-", ...computing, effort?.toFixed(2) ?? "-", each.samples].join(" | ")} |`;
  }
  return [
    "",
    `## ${title}`,
    "",
    `| nodes | | wall (least to most) | / fresh plain ssh | / Halligan | controller's CPU | nodes' CPU | both / fresh plain ssh | samples |`,
    "|---|---|---|---|---|---|---|---|---|",
    ...rows,
  ];
}
