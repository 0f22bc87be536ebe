import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeMachine } from "./machine.ts";

/** What a bench leaves beside its figures for people. */
interface BenchReport {
  readonly title: string;
  /** Who wrote it, and what is measured. */
  readonly about: string;
  /** What else runs on the machine, after its description. */
  readonly beside: string;
  /** Load of the machine before each measurement. */
  readonly loads: readonly number[];
  /** What is measured after each look at the load: "measurement". */
  readonly each: string;
  /** What such a load means; may be empty. */
  readonly onLoad: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Lines below the table. */
  readonly below: readonly string[];
}

/** Writes `NAME.json` with the machine and every figure, and `NAME.md` with the report for people. */
export function writeReport(folder: string, name: string, figures: Readonly<Record<string, unknown>>, report: BenchReport): void {
  const machine = describeMachine();
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify({ machine, ...figures }, null, 1)}\n`);
  const line = (row: readonly string[]): string => `| ${row.join(" | ")} |`;
  const loads = report.loads.toSorted((a, b) => a - b);
  const text = [
    `# ${report.title}`,
    "",
    report.about,
    "",
    `- Machine: ${machine.cores} x ${machine.processor}, ${machine.memoryGiB} GiB, ${machine.system}, Linux ${machine.kernel}, Node.js ${process.version}; ${report.beside}.`,
    `- Load of the machine before each ${report.each}: ${loads[0]?.toFixed(1)} to ${loads.at(-1)?.toFixed(1)}.${report.onLoad}`,
    "",
    line(report.columns),
    line(report.columns.map(() => "---")),
    ...report.rows.map(line),
    "",
    ...report.below,
  ];
  writeFileSync(join(folder, `${name}.md`), text.join("\n"));
}
