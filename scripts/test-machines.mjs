/**
 * `npm run test:machines`: the shipped barclamps on real machines (systemd-nspawn): clusters of databases and queues that lose members, and what
 * removal leaves. Needs root on Debian or Ubuntu and a package mirror; takes about an hour. Names run these
 * files alone (`npm run test:machines -- galera data`); arguments that begin with - are passed to vitest.
 */
import { join } from "node:path";
import { ensurePackages } from "./lib/debian.mjs";
import { root, run } from "./lib/run.mjs";
import { explain, Stop } from "./lib/say.mjs";

try {
  if (process.getuid?.() !== 0) throw new Stop("the tests on machines need root: sudo npm run test:machines", 2);
  await ensurePackages();
  process.env.HALLIGAN_TEST_MACHINES = "1";
  const given = process.argv.slice(2);
  const names = given.filter((word) => !word.startsWith("-"));
  const { code } = await run(process.execPath, [
    join(root, "node_modules", "vitest", "vitest.mjs"),
    "run",
    ...(names.length > 0 ? names.map((name) => `test/machines/${name}.test.ts`) : ["test/machines"]),
    "--maxWorkers=1",
    ...given.filter((word) => word.startsWith("-")),
  ]);
  process.exitCode = code;
} catch (error) {
  process.exitCode = explain(error);
}
