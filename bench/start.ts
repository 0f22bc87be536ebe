import { spawnSync } from "node:child_process";
import { median, milliseconds, table } from "./figures.ts";

/** Start-up of one command line. */
export interface StartFigures {
  readonly command: string;
  readonly medianMs: number;
  readonly leastMs: number;
}

/** Times command lines that only start, `times` each, after one that fills the cache of compiled code. */
export function measureStart(halligan: readonly string[], times: number): StartFigures[] {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["node -e 0", [process.execPath, "-e", "0"]],
    ["halligan --version", [...halligan, "--version"]],
    ["halligan --help", [...halligan, "--help"]],
    ["halligan help apply", [...halligan, "help", "apply"]],
  ];
  return cases.map(([command, [program = "", ...args]]) => {
    const walls: number[] = [];
    for (let at = 0; at <= times; at++) {
      const started = performance.now();
      const { status } = spawnSync(program, args, { stdio: "ignore" });
      if (status !== 0) throw new Error(`${command} ended with exit code ${status}`);
      if (at > 0) walls.push(performance.now() - started);
    }
    return { command, medianMs: median(walls), leastMs: Math.min(...walls) };
  });
}

/** The figures for a terminal. */
export function startTable(figures: readonly StartFigures[]): string {
  const rows = figures.map((each) => [each.command, milliseconds(each.medianMs), milliseconds(each.leastMs)]);
  return table([["start", "median", "least"], ...rows]);
}
