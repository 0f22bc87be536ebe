import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { peersChart } from "./chart.ts";
import type { Sample } from "./contender.ts";
import { describeMachine } from "../machine.ts";
import { contenders } from "./measure-peers.ts";
import { peersReport, type Results } from "./report.ts";

/** A folder of results that grows round by round: what was measured before an interruption stands. */
export interface ResultsFolder {
  readonly report: string;
  add(samples: readonly Sample[]): void;
}

/** Opens a folder for results: samples as JSON, a report and a chart; with `add` to those that it holds already. */
export function openResults(folder: string, add: boolean): ResultsFolder {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "peers.json");
  const report = join(folder, "peers.md");
  const machine = describeMachine();
  let all = add ? earlier(file) : [];
  return {
    report,
    add(samples) {
      all = [...all, ...samples];
      const results: Results = { machine, samples: all };
      writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`);
      writeFileSync(join(folder, "peers.svg"), peersChart(results, contenders, "wall"));
      writeFileSync(join(folder, "peers-computing.svg"), peersChart(results, contenders, "computing"));
      writeFileSync(report, peersReport(results, contenders));
    },
  };
}

function earlier(file: string): readonly Sample[] {
  try {
    // Only this bench writes it.
    return (JSON.parse(readFileSync(file, "utf8")) as Results).samples;
  } catch {
    return [];
  }
}
