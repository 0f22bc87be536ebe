import { table } from "./figures.ts";
import { writeReport } from "./report.ts";
import type { StoreFigures } from "./store.ts";

const columns = ["", "Halligan", "driver alone", "times slower"];

/** The figures for a terminal. */
export function storeTable(figures: readonly StoreFigures[]): string {
  return table([columns, ...figures.map(cells)]);
}

/** Writes the figures as JSON, and a report for people beside them. */
export function writeStore(folder: string, figures: readonly StoreFigures[]): void {
  writeReport(
    folder,
    "store",
    { figures },
    {
      title: "Journals written and followed",
      about:
        "Written by `npm run bench -- store`; [docs/store.md](../../docs/store.md#rates) says what is measured. Events of 300 bytes; medians of three rounds, in each of which Halligan and the driver take turns.",
      beside: "redis-server is on it too",
      loads: figures.map(({ load }) => load),
      each: "store",
      onLoad: "",
      columns,
      rows: figures.map(cells),
      below: [],
    },
  );
}

function cells({ store, what, ours, raw }: StoreFigures): string[] {
  return [`${store}: ${what}`, `${Math.round(ours)}/s`, `${Math.round(raw)}/s`, (raw / ours).toFixed(2)];
}
