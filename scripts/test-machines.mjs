/**
 * `npm run test:machines`: the shipped barclamps on real machines (systemd-nspawn): clusters of databases and queues that lose members, and what
 * removal leaves. Needs root on Debian or Ubuntu and a package mirror; takes about an hour. Arguments are passed to vitest.
 */
import { join } from "node:path";
import { ensurePackages } from "./lib/debian.mjs";
import { root, run } from "./lib/run.mjs";
import { explain, Stop } from "./lib/say.mjs";

try {
  if (process.getuid?.() !== 0) throw new Stop("the tests on machines need root: sudo npm run test:machines", 2);
  await ensurePackages();
  process.env.HALLIGAN_TEST_MACHINES = "1";
  const { code } = await run(process.execPath, [
    join(root, "node_modules", "vitest", "vitest.mjs"),
    "run",
    "test/machines",
    "--maxWorkers=1",
    ...process.argv.slice(2),
  ]);
  process.exitCode = code;
} catch (error) {
  process.exitCode = explain(error);
}
