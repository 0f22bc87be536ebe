import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { table } from "./figures.ts";
import { describeMachine } from "./peers/machine.ts";
import type { StoreFigures } from "./store.ts";

const columns = ["", "Halligan", "driver alone", "times slower"];

/** The figures for a terminal. */
export function storeTable(figures: readonly StoreFigures[]): string {
  return table([columns, ...figures.map(cells)]);
}

/** Writes the figures as JSON, and a report for people beside them. */
export function writeStore(folder: string, figures: readonly StoreFigures[]): void {
  const machine = describeMachine();
  writeFileSync(join(folder, "store.json"), `${JSON.stringify({ machine, figures }, null, 1)}\n`);
  const line = (row: readonly string[]): string => `| ${row.join(" | ")} |`;
  const loads = figures.map(({ load }) => load).toSorted((a, b) => a - b);
  const text = [
    "# Journals written and followed",
    "",
    "Written by `npm run bench -- store`; [docs/store.md](../../docs/store.md#rates) says what is measured. Events of 300 bytes; medians of three rounds, in each of which Halligan and the driver take turns.",
    "",
    `- Machine: ${machine.cores} x ${machine.processor}, ${machine.memoryGiB} GiB, ${machine.system}, Linux ${machine.kernel}, Node.js ${process.version}; redis-server is on it too.`,
    `- Load of the machine before each store: ${loads[0]?.toFixed(1)} to ${loads.at(-1)?.toFixed(1)}.`,
    "",
    line(columns),
    line(columns.map(() => "---")),
    ...figures.map((each) => line(cells(each))),
    "",
  ];
  writeFileSync(join(folder, "store.md"), text.join("\n"));
}

function cells({ store, what, ours, raw }: StoreFigures): string[] {
  return [`${store}: ${what}`, `${Math.round(ours)}/s`, `${Math.round(raw)}/s`, (raw / ours).toFixed(2)];
}
