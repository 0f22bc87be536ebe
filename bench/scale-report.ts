import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { table } from "./figures.ts";
import { describeMachine } from "./peers/machine.ts";
import { growthOf, type ScalePhase, type ScaleSample } from "./scale.ts";

const phases: readonly ScalePhase[] = ["plan", "apply", "no-op", "plan --no-refresh"];
/** Below this the cost of starting hides how the rest grows. */
const growthFrom = 100;

/** The figures for a terminal. */
export function scaleTable(samples: readonly ScaleSample[]): string {
  return [table([columns, ...samples.map(cells)]), "", ...growthLines(samples)].join("\n");
}

/** Writes the samples as JSON, and a report for people beside them. */
export function writeScale(folder: string, samples: readonly ScaleSample[]): void {
  const machine = describeMachine();
  writeFileSync(join(folder, "scale.json"), `${JSON.stringify({ machine, samples }, null, 1)}\n`);
  const line = (row: readonly string[]): string => `| ${row.join(" | ")} |`;
  const loads = samples.map(({ load }) => load).toSorted((a, b) => a - b);
  const text = [
    "# Halligan over simulated nodes",
    "",
    "Written by `npm run bench -- scale`; [docs/speed.md](../../docs/speed.md) says what is measured, and how. Every sample is in the JSON file beside this one.",
    "",
    `- Machine: ${machine.cores} x ${machine.processor}, ${machine.memoryGiB} GiB, ${machine.system}, Linux ${machine.kernel}, Node.js ${process.version}; the nodes are one other process on it.`,
    `- Load of the machine before each measurement: ${loads[0]?.toFixed(1)} to ${loads.at(-1)?.toFixed(1)}. Where it is above the number of cores, walls, delays and gaps are those of the others too, and computing times are longer.`,
    "",
    line(columns),
    line(columns.map(() => "---")),
    ...samples.map((each) => line(cells(each))),
    "",
    ...growthLines(samples),
    "",
  ];
  writeFileSync(join(folder, "scale.md"), text.join("\n"));
}

const columns = [
  "",
  "wall",
  "CPU per node-role",
  "peak memory",
  "loop delay p99 / max",
  "channels, KiB per node-role",
  "simulator's CPU",
  "events/s",
  "first change",
  "longest gap",
];

function cells(sample: ScaleSample): string[] {
  const { nodes, roles, phase, wallMs, worker, nodeRoles, channels, bytesIn, bytesOut, simulatorMs, run } = sample;
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  return [
    `${phase}, ${nodes} x ${roles}`,
    seconds(wallMs),
    `${(worker.cpuMs / nodeRoles).toFixed(2)} ms`,
    `${Math.round(worker.peakMiB)} MiB`,
    `${Math.round(worker.delayP99Ms)} / ${Math.round(worker.delayMaxMs)} ms`,
    `${(channels / nodeRoles).toFixed(2)}, ${((bytesIn + bytesOut) / 1024 / nodeRoles).toFixed(1)}`,
    seconds(simulatorMs),
    run === undefined ? "" : String(Math.round(run.eventsPerSecond)),
    run === undefined ? "" : seconds(run.firstChangeMs),
    run === undefined ? "" : `${Math.round(run.longestGapMs)} ms`,
  ];
}

function growthLines(samples: readonly ScaleSample[]): string[] {
  return phases.flatMap((phase) => {
    const growth = growthOf(samples, phase, growthFrom);
    return growth === undefined ? [] : [`Computing time of ${phase} over nodes, from ${growthFrom} up: exponent ${growth.toFixed(3)}`];
  });
}
