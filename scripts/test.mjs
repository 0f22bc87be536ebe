/**
 * `npm test`: the one gate. Runs every stage even when an earlier one failed, and ends with the failed stages and the count of tests.
 * Arguments are passed to vitest (`npm test -- test/core/plan`).
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBuilt } from "./lib/build.mjs";
import { ensurePackages } from "./lib/debian.mjs";
import { root, run } from "./lib/run.mjs";
import { explain, Stop, since } from "./lib/say.mjs";

const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const report = mkdtempSync(join(tmpdir(), "halligan-test-"));
const reportFile = join(report, "tests.json");

/**
 * Each stage resolves with true when it passed.
 * @type {ReadonlyArray<readonly [string, () => Promise<boolean>]>}
 */
const stages = [
  ["format", () => tool("node_modules/@biomejs/biome/bin/biome", "format", ".")],
  ["lint", () => tool("node_modules/oxlint/bin/oxlint")],
  ["types", () => tool("node_modules/typescript/bin/tsc", "-p", "tsconfig.json")],
  ["layer rule", () => quietTool(vitest, "run", "test/architecture.test.ts")],
  ["unused code", () => tool("node_modules/knip/bin/knip.js", "--no-progress", "--no-config-hints")],
  ["docs", () => tool("scripts/docs.ts", "--check")],
  ["build", () => ensureBuilt().then(() => true)],
  ["tests", () => runTests(process.argv.slice(2))],
];

async function tool(...command) {
  return passed(await run(process.execPath, absolute(command)));
}

/** Shows what the tool printed only when it failed. */
async function quietTool(...command) {
  const result = await run(process.execPath, absolute(command), { quiet: true });
  if (result.code !== 0) process.stdout.write(result.output);
  return passed(result);
}

function absolute([script, ...args]) {
  return [script.startsWith("/") ? script : join(root, script), ...args];
}

function passed({ code, interrupted }) {
  if (interrupted) throw new Stop("interrupted.", interrupted);
  return code === 0;
}

async function runTests(args) {
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
  return passed(await run(process.execPath, [vitest, "run", ...reporters, ...args]));
}

/** Counts from vitest's report. A test file that could not even be loaded counts as one failed test; no report at all does, too. */
function countTests(allPassed) {
  let counts = { passed: 0, failed: 0, skipped: 0 };
  try {
    const results = JSON.parse(readFileSync(reportFile, "utf8"));
    const unloaded = results.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0).length;
    counts = {
      passed: results.numPassedTests,
      failed: results.numFailedTests + unloaded,
      skipped: results.numPendingTests + results.numTodoTests,
    };
  } catch {
    console.log("vitest left no report.");
  }
  if (!allPassed && counts.failed === 0) {
    console.log("vitest ended with an error outside of the tests; see above.");
    counts.failed = 1;
  }
  return counts;
}

async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Stop) || error.exitCode > 128) throw error;
    console.log(error.message);
    return false;
  }
}

async function main() {
  console.log("== packages");
  console.log(`   ${await ensurePackages()}`);
  const failed = [];
  for (const [name, work] of stages) {
    console.log(`== ${name}`);
    const started = Date.now();
    const ok = await attempt(work);
    console.log(`   ${name}: ${ok ? "passed" : "FAILED"} in ${since(started)}`);
    if (!ok) failed.push(name);
  }
  const counts = countTests(!failed.includes("tests"));
  if (counts.skipped > 0) console.log(`skipped tests: ${counts.skipped}`);
  console.log(failed.length === 0 ? "all stages passed" : `failed stages: ${failed.join(", ")}`);
  console.log(`tests: ${counts.passed} passed, ${counts.failed} failed`);
  return failed.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = explain(error);
} finally {
  rmSync(report, { recursive: true, force: true });
}
