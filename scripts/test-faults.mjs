/**
 * `npm run test:faults`: the tests of faults in their long form: 50 kills of the engine. Takes a few minutes.
 * Arguments are passed to vitest.
 */
import { join } from "node:path";
import { ensurePackages } from "./lib/debian.mjs";
import { root, run } from "./lib/run.mjs";
import { explain } from "./lib/say.mjs";

try {
  await ensurePackages();
  process.env.HALLIGAN_TEST_KILLS ??= "50";
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const { code } = await run(process.execPath, [
    vitest,
    "run",
    "test/integration/run",
    "test/integration/faults",
    ...process.argv.slice(2),
  ]);
  process.exitCode = code;
} catch (error) {
  process.exitCode = explain(error);
}
