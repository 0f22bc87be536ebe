/**
 * `npm run test:faults`: the tests of faults in their long form, five minutes for each, about an hour in all. docs/faults.md says what is tried and how one
 * trial is repeated.
 * Arguments are passed to vitest: `npm run test:faults -- test/faults/network.test.ts`.
 */
import { join } from "node:path";
import { ensureBuilt } from "./lib/build.mjs";
import { ensurePackages } from "./lib/debian.mjs";
import { root, run } from "./lib/run.mjs";
import { explain } from "./lib/say.mjs";

const args = process.argv.slice(2);

try {
  await ensurePackages();
  await ensureBuilt();
  process.env.HALLIGAN_FAULTS = "long";
  process.env.HALLIGAN_TEST_BUNDLE = "1";
  process.env.HALLIGAN_TEST_KILLS ??= "50";
  const named = args.some((each) => each.endsWith(".test.ts"));
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const files = named ? [] : ["test/faults", "test/integration/run", "test/integration/faults"];
  // Trials wait more than they compute.
  const { code } = await run(process.execPath, [vitest, "run", "--reporter=verbose", "--maxWorkers=4", ...files, ...args]);
  process.exitCode = code;
} catch (error) {
  process.exitCode = explain(error);
}
