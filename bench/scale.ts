import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openStore } from "../src/core/adapters/store/open.ts";
import { runStream } from "../src/core/journal/events.ts";
import type { StoredEvent } from "../src/core/ports.ts";
import { writeSimCluster } from "./sim/cluster.ts";
import { type Simulator, startSimulator } from "./sim/simulator.ts";
import type { Vitals } from "./sim/vitals.mjs";

/** What is carried out: the plan, a run of that plan, an apply that finds nothing to do, and a plan of an edit of one line that asks no node. */
export type ScalePhase = "plan" | "apply" | "no-op" | "plan --no-refresh";

/** One phase at one size. */
export interface ScaleSample {
  readonly nodes: number;
  readonly roles: number;
  readonly nodeRoles: number;
  readonly phase: ScalePhase;
  readonly wallMs: number;
  /** The process that does the work: the command itself, or the engine of a large plan. */
  readonly worker: Pick<Vitals, "cpuMs" | "peakMiB" | "delayP99Ms" | "delayMaxMs">;
  /** Computing time of the command that waits and shows, where another process does the work. */
  readonly frontMs: number;
  /** Computing time of the simulator: what the nodes would take, and its own. */
  readonly simulatorMs: number;
  readonly channels: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Load of the machine before it: what else it had to do. */
  readonly load: number;
  /** Only of a run: what its journal tells. */
  readonly run?: RunFigures;
}

/** What the journal of a run tells. */
export interface RunFigures {
  readonly events: number;
  readonly eventsPerSecond: number;
  /** From the start of the command to the first changed step. */
  readonly firstChangeMs: number;
  /** The longest time between two events of the run, from its start to its end. */
  readonly longestGapMs: number;
}

/** How much to measure, and where. */
export interface ScaleOptions {
  /** Numbers of nodes, ascending. */
  readonly sizes: readonly number[];
  readonly roles: number;
  readonly latencyMs: number;
  readonly folder: string;
  readonly halligan: readonly string[];
  onOpen(close: () => Promise<void>): void;
  /** Told all samples so far after each of them: what was measured before an interruption stands. */
  onSample(samples: readonly ScaleSample[]): void;
}

/** Measures plan, first apply and no-op apply over simulated nodes, each command a process of its own. */
export async function measureScale(options: ScaleOptions): Promise<ScaleSample[]> {
  const samples: ScaleSample[] = [];
  for (const nodes of options.sizes) {
    const place = join(options.folder, `scale-${nodes}`);
    const simulator = await startSimulator(join(place, "simulator"), { nodes, latencyMs: options.latencyMs });
    options.onOpen(() => simulator.stop());
    writeSimCluster(place, simulator, options.roles);
    await measureSize(place, simulator, options, (sample) => {
      samples.push(sample);
      options.onSample(samples);
    });
    await simulator.stop();
  }
  return samples;
}

async function measureSize(
  place: string,
  simulator: Simulator,
  options: ScaleOptions,
  measured: (sample: ScaleSample) => void,
): Promise<void> {
  const nodes = simulator.nodes.length;
  const nodeRoles = nodes * options.roles + Math.min(3, nodes);
  await run(place, [...options.halligan, "discover", "--json"]);
  const phases: readonly (readonly [ScalePhase, readonly string[]])[] = [
    ["plan", ["plan", "--json"]],
    ["apply", ["apply", "P-1", "--yes", "--json"]],
    ["no-op", ["apply", "--yes", "--json"]],
    ["plan --no-refresh", ["plan", "--no-refresh", "--json"]],
  ];
  for (const [phase, args] of phases) {
    if (phase === "plan --no-refresh") writeSimCluster(place, simulator, options.roles, "debug");
    const [load = 0] = loadavg();
    console.error(`bench: ${nodes} nodes, ${options.roles} roles, ${phase}`);
    const before = await simulator.counts();
    const at = Date.now();
    const { front, others, wallMs } = await run(place, [...options.halligan, ...args]);
    const after = await simulator.counts();
    if (after.unknown !== undefined) throw new Error(after.unknown);
    const worker = others.reduce((most, each) => (each.cpuMs > most.cpuMs ? each : most), front);
    measured({
      nodes,
      roles: options.roles,
      nodeRoles,
      phase,
      wallMs,
      worker,
      frontMs: worker === front ? 0 : front.cpuMs,
      simulatorMs: after.cpuMs - before.cpuMs,
      channels: after.channels - before.channels,
      bytesIn: after.bytesIn - before.bytesIn,
      bytesOut: after.bytesOut - before.bytesOut,
      load,
      ...(phase === "apply" ? { run: await runFigures(place, at) } : {}),
    });
  }
}

/** Runs a command, ends the engine that it left, and gathers the figures of both. */
async function run(
  place: string,
  command: readonly string[],
): Promise<{ readonly front: Vitals; readonly others: readonly Vitals[]; readonly wallMs: number }> {
  const vitals = join(place, `vitals-${readdirSync(place).length}`);
  mkdirSync(vitals);
  const output = join(place, "output");
  const file = openSync(output, "w");
  const preload = `--import=${join(import.meta.dirname, "sim/vitals.mjs")}`;
  const env = { ...process.env, HALLIGAN_BENCH_VITALS: vitals, NODE_OPTIONS: preload };
  const [program = "", ...args] = command;
  const started = performance.now();
  const child = spawn(program, args, { cwd: place, env, stdio: ["ignore", file, file] });
  closeSync(file);
  const exit = await new Promise((resolve, reject) => child.once("error", reject).once("exit", resolve));
  const wallMs = performance.now() - started;
  const text = readFileSync(output, "utf8");
  if (exit !== 0) throw new Error(`${args.join(" ")} ended with exit code ${String(exit)}:\n${text.slice(-2_000)}`);
  await endEngine(text);
  const all = readdirSync(vitals).map((name) => JSON.parse(readFileSync(join(vitals, name), "utf8")) as Vitals);
  const front = all.find(({ pid }) => pid === child.pid);
  if (front === undefined) throw new Error(`${args.join(" ")} left no figures`);
  return { front, others: all.filter((each) => each !== front), wallMs };
}

/** Ends the engine that a run's events name, so that the next command starts without one. */
async function endEngine(events: string): Promise<void> {
  const pid = Number(/"engine":"[^":]+:(\d+):/u.exec(events)?.[1] ?? 0);
  if (pid === 0 || !commandLine(pid).includes("\0engine\0")) return;
  process.kill(pid, "SIGTERM");
  while (commandLine(pid) !== "") await sleep(20);
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

async function runFigures(place: string, commandAt: number): Promise<RunFigures> {
  const store = await openStore(join(place, ".halligan", "state.db"));
  try {
    const events: StoredEvent[] = [];
    for (let page = await store.read({ stream: runStream("R-1"), limit: 1_000 }); page.length > 0; ) {
      events.push(...page);
      page = await store.read({ stream: runStream("R-1"), after: events.at(-1)?.version ?? 0, limit: 1_000 });
    }
    const from = events.find(({ type }) => type === "run.started")?.at ?? 0;
    const until = events.find(({ type }) => type === "run.ended")?.at ?? 0;
    const times = events.flatMap(({ at }) => (at >= from && at <= until ? [at] : [])).toSorted((a, b) => a - b);
    const gaps = times.map((at, index) => at - (times[index - 1] ?? at));
    const first = events.find(({ type, data }) => type === "step.finished" && (data as { status?: string }).status === "changed");
    return {
      events: events.length,
      eventsPerSecond: (events.length * 1000) / Math.max(1, until - from),
      firstChangeMs: (first?.at ?? Number.NaN) - commandAt,
      longestGapMs: gaps.reduce((most, gap) => Math.max(most, gap), 0),
    };
  } finally {
    await store.close();
  }
}

/** How the computing time of the worker grows with the number of nodes: the slope in a log-log fit. `undefined` with fewer than two sizes. */
export function growthOf(samples: readonly ScaleSample[], phase: ScalePhase, from: number): number | undefined {
  const points = samples
    .filter((each) => each.phase === phase && each.nodes >= from)
    .map((each) => ({ x: Math.log(each.nodes), y: Math.log(each.worker.cpuMs) }));
  if (points.length < 2) return undefined;
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))];
  const above = points.reduce((sum, point) => sum + (point.x - x) * (point.y - y), 0);
  return above / points.reduce((sum, point) => sum + (point.x - x) ** 2, 0);
}
