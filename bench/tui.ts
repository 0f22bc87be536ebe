import { spawn } from "node:child_process";
import { readFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { writeBigRun } from "../test/support/big-run.ts";
import { type PtyProgram, openPty } from "../test/support/pty.ts";
import { median, milliseconds, table } from "./figures.ts";

/** The terminal UI on one screen of one size. */
export interface TuiFigures {
  readonly screen: string;
  readonly size: string;
  /** From the start of the process until rows are on the screen. */
  readonly firstFrameMs: number;
  readonly firstRowMs: number;
  /** Share of one core, of the process with all its threads; 1 = all of it. */
  readonly idleShare: number;
  readonly busyShare: number;
  readonly busyBytesPerSecond: number;
  readonly framesPerSecond: number;
  readonly keyMedianMs: number;
  readonly keyP95Ms: number;
  /** Resident memory at the end; most of it is Node's own. */
  readonly memoryMiB: number;
}

/** How to measure. */
export interface TuiOptions {
  readonly folder: string;
  readonly halligan: readonly string[];
  readonly nodes: number;
  readonly perSecond: number;
  readonly seconds: number;
}

const node = process.execPath;
const roles = 8;
const keys = 60;

/** Idle first, then while another process writes the journal of a run: how much it computes, writes, and how soon a key shows. */
export async function measureTui(options: TuiOptions): Promise<TuiFigures[]> {
  const figures: TuiFigures[] = [];
  for (const [screen, columns, rows] of [
    ["nodes", 100, 30],
    ["run", 100, 30],
    ["run", 200, 60],
  ] as const) {
    const folder = join(options.folder, `tui-${screen}-${columns}`);
    mkdirSync(folder);
    const state = await writeBigRun(folder, options.nodes, roles);
    figures.push(await measureOne(screen, columns, rows, { ...options, folder, state }));
  }
  return figures;
}

async function measureOne(
  screen: string,
  columns: number,
  rows: number,
  { folder, state, halligan, perSecond, seconds }: TuiOptions & { readonly state: string },
): Promise<TuiFigures> {
  const [program = node, ...first] = halligan;
  const open = (): PtyProgram => openPty(["tui", "--screen", screen], { cwd: folder, columns, rows, program: [program, ...first] });
  await leave(open());
  const started = performance.now();
  await using tui = open();
  await tui.see("? help");
  const firstFrameMs = performance.now() - started;
  await tui.see(screen === "nodes" ? /^› /mu : "1000 nodes");
  const firstRowMs = performance.now() - started;
  await sleep(4_000); // what is loaded after the first frame
  const idle = await over(tui, seconds);
  const writer = spawn(node, [join(import.meta.dirname, "../test/support/run-writer.ts"), state, String(perSecond)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await new Promise((resolve) => writer.stdout.once("data", resolve));
    await tui.see(/^› /mu);
    await sleep(2_000);
    const busy = await over(tui, seconds);
    const waits = await keyWaits(tui);
    return {
      screen,
      size: `${columns}x${rows}`,
      firstFrameMs,
      firstRowMs,
      idleShare: idle.share,
      busyShare: busy.share,
      busyBytesPerSecond: busy.bytesPerSecond,
      framesPerSecond: busy.framesPerSecond,
      keyMedianMs: median(waits),
      keyP95Ms: waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.95)] ?? NaN,
      memoryMiB: memoryOf(tui.pid),
    };
  } finally {
    writer.kill("SIGKILL");
  }
}

/** Opened once and left, it has its compiled code as everybody has after the first time. */
async function leave(opened: PtyProgram): Promise<void> {
  await using tui = opened;
  await tui.see(/^› |\d nodes/mu);
  tui.press("q");
  await tui.exit;
}

/** From pressing a key until the cursor stands elsewhere on the screen. */
async function keyWaits(tui: PtyProgram): Promise<number[]> {
  const waits: number[] = [];
  const cursor = (): string => tui.screen().find((row) => row.startsWith("›")) ?? "";
  for (let at = 0; at < keys; at += 1) {
    const before = cursor();
    const pressed = performance.now();
    tui.press(at % 2 === 0 ? "j" : "k");
    await tui.until(() => cursor() !== before);
    waits.push(performance.now() - pressed);
    await sleep(60 + ((at * 37) % 90));
  }
  return waits;
}

async function over(
  tui: PtyProgram,
  seconds: number,
): Promise<{ readonly share: number; readonly bytesPerSecond: number; readonly framesPerSecond: number }> {
  const [began, cpu, from] = [performance.now(), cpuMs(tui.pid), tui.raw().length];
  await sleep(seconds * 1_000);
  const tookMs = performance.now() - began;
  const raw = tui.raw().slice(from);
  const perSecond = 1_000 / tookMs;
  return {
    share: (cpuMs(tui.pid) - cpu) / tookMs,
    bytesPerSecond: Buffer.byteLength(raw) * perSecond,
    framesPerSecond: (raw.split("\u001b[?2026h").length - 1) * perSecond,
  };
}

/** Computing time of a process so far: utime and stime of proc(5), 100 ticks a second. */
function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function memoryOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/u.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]) / 1_024;
}

/** The figures for a terminal. */
export function tuiTable(figures: readonly TuiFigures[], perSecond: number): string {
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const rows = figures.map((each) => [
    `${each.screen} ${each.size}`,
    milliseconds(each.firstFrameMs),
    milliseconds(each.firstRowMs),
    percent(each.idleShare),
    percent(each.busyShare),
    `${(each.busyBytesPerSecond / 1_000).toFixed(1)} kB`,
    each.framesPerSecond.toFixed(1),
    milliseconds(each.keyMedianMs),
    milliseconds(each.keyP95Ms),
    `${Math.round(each.memoryMiB)} MiB`,
  ]);
  const busy = `core at ${perSecond}/s`;
  return table([["tui", "first frame", "first row", "core idle", busy, "bytes/s", "frames/s", "key", "key p95", "memory"], ...rows]);
}
