/**
 * `npm run test:faults`: the tests of faults in their long form, five minutes for each, up to two hours in all; ends with what each fault came to. docs/faults.md
 * says what is tried and how one trial is repeated.
 * Arguments are passed to vitest: `npm run test:faults -- test/faults/network.test.ts`.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureBuilt } from "./lib/build.mjs";
import { ensurePackages } from "./lib/debian.mjs";
import { root, run } from "./lib/run.mjs";
import { explain, say } from "./lib/say.mjs";

const args = process.argv.slice(2);
/** What the disks of trials may need at once, bytes. */
const roomBytes = 4 * 2 ** 30;

/**
 * Stores and nodes of trials lie in memory where there is room: what is killed and what is cut off loses nothing of the page cache either way, and a trial does
 * not wait for disks, nor for who else uses them.
 */
function placeOfTrials() {
  const memory = "/dev/shm";
  const tmpfs = 0x01021994;
  try {
    const { type, bavail, bsize } = statfsSync(memory);
    return type === tmpfs && bavail * bsize > roomBytes ? memory : tmpdir();
  } catch {
    return tmpdir();
  }
}

/** One line for each fault, from what the files of trials wrote down. */
function tell(record) {
  if (!existsSync(record)) return;
  const sums = readFileSync(record, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  for (const { fault, trials, broken, skipped } of sums.sort((a, b) => (a.fault < b.fault ? -1 : 1))) {
    const late = skipped === 0 ? "" : `; time did not allow ${skipped} more`;
    say(`${fault}: ${trials} trials, ${broken} with a broken promise${late}`);
  }
}

let place;
try {
  await ensurePackages();
  await ensureBuilt();
  place = mkdtempSync(join(placeOfTrials(), "halligan-faults-"));
  const record = join(place, "record.jsonl");
  Object.assign(process.env, { TMPDIR: place, HALLIGAN_FAULTS: "long", HALLIGAN_TEST_BUNDLE: "1", HALLIGAN_FAULT_RECORD: record });
  process.env.HALLIGAN_TEST_KILLS ??= "50";
  const named = args.some((each) => each.endsWith(".test.ts"));
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const files = named ? [] : ["test/faults", "test/integration/run", "test/integration/faults"];
  // Trials wait more than they compute: a few files beside each other, and in each a few trials. Whatever else is there gets more time than in `npm test`: the machine is busy.
  const paces = ["--maxWorkers=3", "--maxConcurrency=4", "--testTimeout=300000", "--hookTimeout=600000"];
  const pace = paces.filter((each) => !args.some((arg) => arg.startsWith(each.slice(0, each.indexOf("=")))));
  const { code } = await run(process.execPath, [vitest, "run", ...pace, ...files, ...args]);
  tell(record);
  process.exitCode = code;
} catch (error) {
  process.exitCode = explain(error);
} finally {
  if (place !== undefined) rmSync(place, { recursive: true, force: true });
}
