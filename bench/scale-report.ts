import { table } from "./figures.ts";
import { growthOf, type ScalePhase, type ScaleSample } from "./scale.ts";

const phases: readonly ScalePhase[] = ["plan", "apply", "no-op"];
/** Below this the cost of starting hides how the rest grows. */
const growthFrom = 100;

/** The figures for a terminal. */
export function scaleTable(samples: readonly ScaleSample[]): string {
  return [table([columns, ...samples.map(cells)]), "", ...growthLines(samples)].join("\n");
}

/** The figures as a part of a Markdown document. */
export function scaleMarkdown(samples: readonly ScaleSample[]): string {
  const line = (row: readonly string[]): string => `| ${row.join(" | ")} |`;
  return [line(columns), line(columns.map(() => "---")), ...samples.map((each) => line(cells(each))), "", ...growthLines(samples)].join(
    "\n",
  );
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
