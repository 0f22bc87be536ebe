import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { root } from "./run.mjs";

/** What vitest's JSON reporter left; `undefined` = nothing. */
export function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** Files with a test that failed, or that could not even be loaded; relative to the project. */
export function failedFiles(report) {
  return (report?.testResults ?? []).filter((file) => file.status === "failed").map((file) => relative(root, file.name));
}

/** Tests that failed in the first run and passed in the second. */
export function unsteadyTests({ first, again }) {
  const passedNow = new Set(testsOf(again, "passed"));
  return testsOf(first, "failed").filter((name) => passedNow.has(name));
}

/**
 * How many passed, failed and were skipped, by the last word on each file. A file that could not even be loaded counts as one failed test; so
 * does an error outside of the tests, and no report at all.
 */
export function countsOf({ first, again }, allPassed) {
  if (first === undefined) console.log("vitest left no report.");
  const repeated = new Set(failedFiles(first));
  const files = (first?.testResults ?? []).filter((file) => again === undefined || !repeated.has(relative(root, file.name)));
  const all = [...files, ...(again?.testResults ?? [])];
  const count = (...statuses) => all.flatMap((file) => file.assertionResults).filter((test) => statuses.includes(test.status)).length;
  const unloaded = all.filter((file) => file.status === "failed" && file.assertionResults.length === 0).length;
  const counts = { passed: count("passed"), failed: count("failed") + unloaded, skipped: count("skipped", "pending", "todo") };
  if (!allPassed && counts.failed === 0) {
    console.log("vitest ended with an error outside of the tests; see above.");
    counts.failed = 1;
  }
  return counts;
}

function testsOf(report, status) {
  return (report?.testResults ?? []).flatMap((file) =>
    file.assertionResults
      .filter((test) => test.status === status)
      .map((test) => `${relative(root, file.name)} > ${[...test.ancestorTitles, test.title].join(" > ")}`),
  );
}
