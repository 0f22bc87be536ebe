import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findEngine } from "../../../src/cli/house/engine-process.ts";
import type { EngineHouse } from "../../../src/cli/house/house.ts";
import { openLocalHouse } from "../../../src/cli/house/open.ts";
import { fromStored, type Recorded } from "../../../src/core/journal/events.ts";
import { askOfRun } from "../../../src/core/run/requests.ts";
import { entry, halligan, node } from "../../cli/run-cli.ts";
import { closeHouse } from "../../support/close-house.ts";
import { writeCluster } from "../../support/cluster-folder.ts";
import { counterBarclamp, counted, counts, stepsPerRole } from "../../support/counter.ts";
import { startSandbox, type TestLab } from "../../support/lab.ts";
import { textFrom } from "../../support/node-text.ts";
import { type TestLinks, testLinks } from "../../support/nodes.ts";

/** Whoever asks for a run is its engine while they follow it; a standby goes on when they no longer do, whatever became of them. */

const deployments = "deployments:\n  a:\n    place:\n      first: { on: all }\n  b:\n    place:\n      second: { on: all }\n";
const limitMs = 300_000;

let lab: TestLab;
let links: TestLinks;
let house: EngineHouse;
let round = 0;
const children: ChildProcess[] = [];
/** Each round's own store, relative to the cluster folder. */
const state = (): string => `.halligan/round-${round}.db`;

beforeAll(async () => {
  lab = await startSandbox(1);
  links = testLinks(lab.targets);
});

afterAll(async () => {
  for (const child of children) child.kill("SIGKILL"); // one that a failed test has left frozen keeps its node's lock
  await closeHouse(house);
  await links?.end();
  await lab?.dispose();
});

/** Makes every step due again, in a store that nobody has used. The last step waits on its node until it is `letGo`. */
async function freshRound(): Promise<void> {
  if (house !== undefined) await nobody();
  await house?.close();
  round += 1;
  const waits = `until test -e /root/go-${round}; do sleep 0.1; done; echo round-${round} step-${stepsPerRole - 1}`;
  const barclamp = counterBarclamp(round)
    .replace("    requires: [first]\n", "")
    .replaceAll(`sleep 0.1; echo round-${round} step-${stepsPerRole - 1}`, waits)
    .replaceAll("sleep 0.1; echo", "echo");
  const file = writeCluster(lab, deployments, { "barclamps/counter/barclamp.yaml": barclamp });
  house = await openLocalHouse({ file, state: join(lab.folder, state()) });
}

async function letGo(): Promise<void> {
  const { connection } = await links.link(lab.targets[0]?.node ?? "");
  await textFrom(connection, `touch /root/go-${round}`);
}

/** Waits until nobody holds the engine's lease; one that lingers is told to end. */
async function nobody(): Promise<void> {
  await until(async () => {
    const engine = await findEngine(house.store, "test-lab");
    if (engine !== undefined && engine.pid !== process.pid) process.kill(engine.pid, "SIGTERM");
    return engine === undefined;
  });
}

async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  for (const end = Date.now() + limitMs; !(await isSo()); await sleep(25)) if (Date.now() > end) throw new Error("it did not come to that");
}

/** An `apply` that somebody follows. */
interface Applying {
  readonly child: ChildProcess;
  /** Lines that it printed. */
  readonly lines: string[];
  readonly exit: Promise<number | null>;
}

function apply(...args: readonly string[]): Applying {
  const child = spawn(node, [entry, "--state", state(), "apply", ...args, "--yes"], {
    cwd: lab.folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  child.stderr.resume();
  return { child, lines, exit: new Promise((resolve) => child.once("close", resolve)) };
}

/** Stops it where it is not in the middle of a write: there it would keep the store to itself, and nobody could take over before it goes on. */
async function freeze({ child }: Applying): Promise<void> {
  await until(async () => {
    child.kill("SIGSTOP");
    if (!isLocked()) return true;
    child.kill("SIGCONT");
    return false;
  });
}

/** True while somebody writes to this round's store. */
function isLocked(): boolean {
  const db = new DatabaseSync(join(lab.folder, state()), { timeout: 100 });
  try {
    db.exec("BEGIN IMMEDIATE; ROLLBACK");
    return false;
  } catch (error) {
    if ((error as { readonly errcode?: number }).errcode === 5) return true; // SQLITE_BUSY
    throw error;
  } finally {
    db.close();
  }
}

/** The engine to which it says that it has left its run. */
function detachedTo({ lines }: Applying): number | undefined {
  const [, pid] = /goes on\. The engine on \S+ \(process (\d+)\)/u.exec(lines.join("\n")) ?? [];
  return pid === undefined ? undefined : Number(pid);
}

/** The journal of a run, which nobody is started by reading. */
async function journal(run = "R-1"): Promise<readonly Recorded[]> {
  return (await house.store.read({ stream: `run:${run}` })).flatMap((stored) => fromStored(stored) ?? []);
}

async function hasEnded(run = "R-1"): Promise<boolean> {
  return (await journal(run)).some(({ type }) => type === "run.ended");
}

async function stepsDone(): Promise<number> {
  return (await journal()).filter(({ type }) => type === "step.finished").length;
}

/** The process ids of the engines that carried out a run, in order. */
async function engines(run = "R-1"): Promise<readonly number[]> {
  return (await journal(run)).flatMap((each) =>
    each.type === "run.started" || each.type === "run.resumed" ? [Number(each.engine.split(":")[1])] : [],
  );
}

/** Every step ran exactly once, was told once, and the run succeeded. */
async function exactlyOnce(run: string, role: string): Promise<void> {
  const events = await journal(run);
  expect(events.at(-1)).toMatchObject({
    type: "run.ended",
    phase: "succeeded",
    nodeRoles: { active: 1, failed: 0, unknown: 0, blocked: 0 },
  });
  const finished = events.flatMap((event) => (event.type === "step.finished" ? [event.step] : []));
  expect(finished).toHaveLength(stepsPerRole);
  expect(new Set(finished).size).toBe(stepsPerRole);
  const { connection } = await links.link(lab.targets[0]?.node ?? "");
  expect(await counts(connection, role)).toEqual(counted(round));
}

test("a run that is followed to its end is carried out by whoever asked, and leaves no engine behind", { timeout: limitMs }, async () => {
  await freshRound();
  await letGo();
  const { child, lines, exit } = apply("a");
  expect(await exit).toBe(0);
  expect(await engines()).toEqual([child.pid]);
  expect(lines.join("\n")).toContain("R-1 succeeded");
  expect(await findEngine(house.store, "test-lab")).toBeUndefined();
  await exactlyOnce("R-1", "first");
});

describe("a run goes on in the standby", () => {
  const leavings: readonly [string, (applying: Applying) => void, number | null, boolean][] = [
    ["kill -9", ({ child }) => child.kill("SIGKILL"), null, false],
    ["Ctrl+C", ({ child }) => child.kill("SIGINT"), 0, true],
    ["the end of whoever reads its output", ({ child }) => child.stdout?.destroy(), 0, false],
  ];
  test.each(leavings)("after %s", { timeout: limitMs }, async (_, leave, code, says) => {
    await freshRound();
    const applying = apply("a");
    await until(async () => (await stepsDone()) > 0);
    leave(applying);
    // Whose reader has left notices that when there is something to say.
    for (const kind of ["pause", "resume"] as const) await askOfRun(house.store, "R-1", { kind }, "test");
    expect(await applying.exit).toBe(code);
    await until(async () => (await engines()).length > 1);
    await letGo();
    await until(hasEnded);
    const [first, second, ...more] = await engines();
    expect([first, more]).toEqual([applying.child.pid, []]);
    expect(second).not.toBe(first);
    expect(detachedTo(applying)).toBe(says ? second : undefined);
    await exactlyOnce("R-1", "first");
  });

  test("while it is frozen, and it follows again when it wakes", { timeout: limitMs }, async () => {
    await freshRound();
    const applying = apply("a");
    await until(async () => (await stepsDone()) > 0);
    await freeze(applying);
    await until(async () => (await engines()).length > 1);
    await letGo();
    await until(hasEnded);
    applying.child.kill("SIGCONT");
    expect(await applying.exit).toBe(0);
    expect(applying.lines.join("\n")).toContain("R-1 succeeded");
    expect((await engines()).at(-1)).not.toBe(applying.child.pid);
    await exactlyOnce("R-1", "first");
  });
});

test("two people apply at once: each run is carried out once, and nothing is left waiting", { timeout: limitMs }, async () => {
  await freshRound();
  await letGo();
  const both = [apply("a"), apply("b")];
  expect(await Promise.all(both.map(({ exit }) => exit))).toEqual([0, 0]);
  const started = await Promise.all(["R-1", "R-2"].map(async (run) => (await journal(run)).find(({ type }) => type === "run.started")));
  expect(started.every((each) => each !== undefined)).toBe(true);
  const planned = await Promise.all(["R-1", "R-2"].map(async (run) => (await house.store.get("runs", run))?.value));
  const roles = planned.map((value) =>
    (value as { readonly deployments: readonly string[] }).deployments[0] === "a" ? "first" : "second",
  );
  await exactlyOnce("R-1", roles[0] ?? "");
  await exactlyOnce("R-2", roles[1] ?? "");
});

test("where an engine is there, it carries the run out; a detached apply gets an engine process", { timeout: limitMs }, async () => {
  await freshRound();
  await letGo();
  expect((await halligan(["--state", state(), "apply", "a", "--yes", "--detach"], { cwd: lab.folder })).code).toBe(0);
  await until(hasEnded);
  await exactlyOnce("R-1", "first");
  const applying = apply("b");
  expect(await applying.exit).toBe(0);
  expect(await engines("R-2")).toEqual(await engines("R-1"));
  await exactlyOnce("R-2", "second");
});
