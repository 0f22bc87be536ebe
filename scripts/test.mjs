/**
 * `npm test`: the one gate. Runs every stage even when an earlier one failed, and ends with the failed stages and the count of tests.
 * Arguments are passed to vitest (`npm test -- test/core/plan`).
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBuilt } from "./lib/build.mjs";
import { ensurePackages } from "./lib/debian.mjs";
import { root, run } from "./lib/run.mjs";
import { explain, Stop, since } from "./lib/say.mjs";
import { countsOf, failedFiles, readReport, unsteadyTests } from "./lib/test-report.mjs";

const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const report = mkdtempSync(join(tmpdir(), "halligan-test-"));

/** More files than this do not fail by chance. */
const mostUnsteadyFiles = 4;

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

/** What vitest reported, the second look at files that failed included; `undefined` = it left no report. */
const reports = { first: undefined, again: undefined };

/**
 * Runs the tests. They use real servers, machines and clocks beside each other, so a few files that failed are run a second time, alone; what
 * passes only then counts as passed and is named at the end, so that nobody overlooks it.
 */
async function runTests(args) {
  const ok = await runVitest("first", args);
  const files = failedFiles(reports.first);
  if (ok || files.length === 0 || files.length > mostUnsteadyFiles) return ok;
  console.log(`   ${files.length} of the files failed; they run once more, one at a time`);
  return await runVitest("again", ["--maxWorkers=1", ...files]);
}

/** Programs that tests start are the built ones: as people have them, and started in a third of the time. */
async function runVitest(name, args) {
  process.env.HALLIGAN_TEST_BUNDLE = "1";
  const file = join(report, `${name}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const ok = passed(await run(process.execPath, [vitest, "run", ...reporters, ...args]));
  reports[name] = readReport(file);
  return ok;
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
  const counts = countsOf(reports, !failed.includes("tests"));
  for (const each of unsteadyTests(reports)) console.log(`unsteady: failed at first, passed alone: ${each}`);
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
