import type { BarclampTestDocument } from "../../core/commands/barclamp-test.ts";
import { renderProblems } from "../problems.ts";
import type { Screen } from "../screen.ts";

/** Fixtures, one per line; those that failed with what differs. */
export function barclampTestView({ fixtures, untested, summary }: BarclampTestDocument, screen: Screen): readonly string[] {
  const lines = fixtures.flatMap((each) => [
    `${each.outcome === "passed" ? screen.green("passed") : screen.red("failed")} ${each.file}${each.title === null ? "" : `  ${screen.dim(each.title)}`}`,
    ...each.differences.map(({ step, expected, actual }) =>
      actual === "absent"
        ? `    ${step}: the role has no such step`
        : `    ${step}: expected ${screen.green(expected)}, found ${screen.red(actual)}`,
    ),
    ...renderProblems(each.problems, screen).map((line) => `    ${line}`.trimEnd()),
  ]);
  const none = untested.map((name) => `${screen.yellow("no fixtures")} ${name}`);
  return [...lines, ...none, "", `${summary.passed} passed, ${summary.failed === 0 ? "0 failed" : screen.red(`${summary.failed} failed`)}`];
}
