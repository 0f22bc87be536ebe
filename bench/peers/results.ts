import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { peersChart } from "./chart.ts";
import type { Sample } from "./contender.ts";
import { describeMachine } from "./machine.ts";
import { contenders } from "./measure-peers.ts";
import { peersReport, type Results } from "./report.ts";

/** Writes samples as JSON, a report and a chart; with `add` to those that the folder holds already. Gives the path of the report. */
export function writeResults(folder: string, samples: readonly Sample[], add: boolean): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "peers.json");
  const before = add ? earlier(file) : [];
  const results: Results = { machine: describeMachine(), samples: [...before, ...samples] };
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync(join(folder, "peers.svg"), peersChart(results, contenders));
  const report = join(folder, "peers.md");
  writeFileSync(report, peersReport(results, contenders, "peers.svg"));
  return report;
}

function earlier(file: string): readonly Sample[] {
  try {
    // Only this bench writes it.
    return (JSON.parse(readFileSync(file, "utf8")) as Results).samples;
  } catch {
    return [];
  }
}
