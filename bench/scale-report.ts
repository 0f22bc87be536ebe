import { table } from "./figures.ts";
import { writeReport } from "./report.ts";
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
  writeReport(
    folder,
    "scale",
    { samples },
    {
      title: "Halligan over simulated nodes",
      about:
        "Written by `npm run bench -- scale`; [docs/speed.md](../../docs/speed.md) says what is measured, and how. Every sample is in the JSON file beside this one.",
      beside: "the nodes are one other process on it",
      loads: samples.map(({ load }) => load),
      each: "measurement",
      onLoad: " Where it is above the number of cores, walls, delays and gaps are those of the others too, and computing times are longer.",
      columns,
      rows: samples.map(cells),
      below: [...growthLines(samples), ""],
    },
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
