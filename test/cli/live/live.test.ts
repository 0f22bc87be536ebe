import { spawn as spawnProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type IPty, spawn } from "@lydell/node-pty";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { applyCommand } from "../../../src/core/commands/apply.ts";
import { problem } from "../../../src/core/errors.ts";
import { readRun } from "../../../src/core/run/annealer.ts";
import { call } from "../../support/command-rig.ts";
import { type FakeHouse, openFakeHouse } from "../../support/fake-house.ts";
import { ScreenEmulator } from "../../support/screen-emulator.ts";
import { planBody, plannedNodeRole } from "../../core/run/plans.ts";

const child = join(import.meta.dirname, "../../support/live-child.ts");
const body = planBody(...Array.from({ length: 60 }, (_, n) => plannedNodeRole(`node${n + 1}`, n < 30 ? "web" : "db")));
const started = {
  type: "run.started",
  v: 1,
  run: "R-1",
  plan: "P-1",
  digest: "sha256:02",
  by: "ann",
  nodeRoles: 60,
  steps: 60,
  engine: "deck:4711",
} as const;
const moved = (id: `${string}/${string}`, state: "transition" | "active" | "error") =>
  ({ type: "noderole.moved", v: 1, id, state, attempt: 1 }) as const;

let folder: string;
let house: FakeHouse;
let terminals: IPty[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "halligan-live-"));
  house = await openFakeHouse(folder, body);
  await call(house, applyCommand, { targets: [], wait: false, detach: true }, true).answer;
  await house.append(started, moved("node1/web", "transition"), moved("node31/db", "transition"), {
    type: "step.started",
    v: 1,
    id: "node1/web",
    step: "file:/x",
    section: "steps",
  });
});
afterEach(async () => {
  for (const terminal of terminals) terminal.kill("SIGKILL");
  terminals = [];
  await house.close();
  await rm(folder, { recursive: true });
});

/** `watch` in a real terminal of this size. */
function watch(columns: number, rows: number) {
  const environment = { PATH: process.env["PATH"] ?? "", HOME: folder, TERM: "xterm-256color", LANG: "C.UTF-8" };
  const pty = spawn(process.execPath, [child, folder], { cols: columns, rows, env: environment });
  terminals.push(pty);
  const screen = new ScreenEmulator(columns, rows);
  let bytes = 0;
  pty.onData((text) => {
    bytes += text.length;
    screen.write(text);
  });
  const ended = new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)));
  return {
    pty,
    screen,
    ended,
    bytes: () => bytes,
    async see(text: string | RegExp): Promise<void> {
      const fits = (): boolean => (typeof text === "string" ? screen.all().includes(text) : text.test(screen.all()));
      for (let tries = 0; !fits(); tries += 1) {
        if (tries > 400) throw new Error(`never saw ${text} on\n${screen.all()}`);
        await sleep(25);
      }
    },
  };
}

describe("in a terminal", () => {
  test("80x24: bar, counts, what runs; failures stay above it; the end gives the cursor back and tells all", async () => {
    const { screen, see, ended } = watch(80, 24);
    await see(/file \/x[^]*node31\/db/u); // a frame may be drawn between two events
    expect(screen.cursorShown).toBe(false);
    const [title, bar, counts, first, second, hint] = screen.lines();
    expect([title, counts, hint]).toEqual([
      "R-1 of plan P-1: running, engine on deck, process 4711",
      "0 of 60 steps, 0 of 60 node-roles",
      "Ctrl+C: detach or cancel",
    ]);
    expect(bar).toMatch(/^\[░{40}\] {2}\d+\.?\d*s, estimating$/);
    expect(first).toMatch(/^ {2}node1\/web {2}file \/x +\d+s$/);
    expect(second).toMatch(/^ {2}node31\/db {2}starting +\d+s$/);
    const why = problem("STEP_FAILED", {
      message: "node1/web: file /x: exit code 1",
      at: { node: "node1", role: "web" },
      cause: "no space\u001b[2J left",
    });
    await house.append({ ...moved("node1/web", "error"), problem: why }, moved("node31/db", "active"));
    await see("STEP_FAILED node1/web");
    await see(/about \d+s left/);
    expect(screen.lines()).toContain("  | no space\\x1b[2J left");
    expect(screen.lines()).toContain("1 of 60 steps, 1 of 60 node-roles, 1 failed or not started");
    await house.end("failed", {
      nodeRoles: { active: 1, changed: 1, skipped: 0, retired: 0, failed: 1, blocked: 58, unknown: 0 },
      problems: [why],
    });
    expect(await ended).toBe(1);
    expect(screen.cursorShown).toBe(true);
    expect(screen.all()).toContain("R-1 failed in 1.0s. Node-roles: 1 failed, 58 not started, 1 active (1 changed).");
    expect(screen.all()).not.toContain("Ctrl+C");
  });

  test("60x12 with 60 nodes at work: folded by role, never higher or wider than the screen", async () => {
    const { screen, see, ended } = watch(60, 12);
    await see("node1/web");
    for (let n = 2; n <= 60; n += 1) if (n !== 31) await house.append(moved(`node${n}/${n <= 30 ? "web" : "db"}`, "transition"));
    await see("running on 30 nodes");
    await sleep(150);
    expect(screen.scrolled).toEqual([]);
    expect(screen.lines().length).toBeLessThanOrEqual(11);
    expect(screen.lines().filter((line) => line.includes("running on"))).toHaveLength(2);
    expect(screen.lines().every((line) => line.length < 60)).toBe(true);
    await house.end("succeeded");
    expect(await ended).toBe(0);
  });

  test("a burst of 2,000 events is drawn in few frames", async () => {
    const { see, ended, bytes } = watch(80, 24);
    await see("node1/web");
    const before = bytes();
    const step = {
      type: "step.finished",
      v: 1,
      id: "node1/web",
      step: "file:/x",
      section: "verify",
      status: "ok",
      exitCode: 0,
      durationMs: 1,
    } as const;
    for (let n = 0; n < 20; n += 1) await house.append(...Array.from({ length: 100 }, () => step));
    await house.append(moved("node1/web", "active"));
    await see("1 of 60 steps");
    expect(bytes() - before).toBeLessThan(40_000);
    await house.end("succeeded");
    await ended;
  });

  test("a narrower and a wider window leave no remains", async () => {
    const { pty, screen, see, ended } = watch(80, 24);
    await see("node1/web");
    screen.resize(100, 30);
    pty.resize(100, 30);
    await house.append(moved("node2/web", "transition"));
    await see("node2/web");
    expect(screen.lines().filter((line) => line.startsWith("R-1"))).toHaveLength(1);
    await house.end("succeeded");
    await ended;
    expect(screen.lines().some((line) => line.includes("node1/web"))).toBe(false);
  });
});

describe("Ctrl+C", () => {
  test("asks; another key goes on; d detaches, says how to come back, and the run is untouched", async () => {
    const { pty, screen, see, ended } = watch(80, 24);
    await see("node1/web");
    pty.write("\u0003");
    await see("Leave R-1, or end it?");
    expect(screen.all()).toContain("d  detach: it goes on, carried out on deck; ");
    pty.write("x");
    await see("Ctrl+C: detach or cancel");
    expect(screen.all()).not.toContain("Leave R-1");
    pty.write("\u0003");
    await see("Leave R-1");
    pty.write("d");
    expect(await ended).toBe(0);
    expect(screen.all()).toContain("Come back with halligan watch R-1");
    expect(screen.cursorShown).toBe(true);
    expect((await readRun(house.store, "R-1")).filter((event) => event.type.startsWith("intent."))).toHaveLength(1);
  });

  test("c cancels after the step and goes on watching; the run's end is the exit code", async () => {
    const { pty, screen, see, ended } = watch(60, 12);
    await see("node1/web");
    pty.write("\u0003");
    await see("c  cancel after the steps that run now");
    expect(screen.scrolled).toEqual([]);
    pty.write("c");
    await see("R-1 of plan P-1: stopping");
    expect((await readRun(house.store, "R-1")).at(-1)).toMatchObject({ type: "intent.cancel", how: "after-step", by: "ann" });
    await house.end("cancelled");
    expect(await ended).toBe(6);
  });

  test("twice detaches; so does a signal from outside", async () => {
    const first = watch(80, 24);
    await first.see("node1/web");
    first.pty.write("\u0003");
    await first.see("Leave R-1");
    first.pty.write("\u0003");
    expect(await first.ended).toBe(0);
    const second = watch(80, 24);
    await second.see("node1/web");
    second.pty.kill("SIGTERM");
    expect(await second.ended).toBe(0);
    expect(second.screen.cursorShown).toBe(true);
  });
});

test("without a terminal: a line per transition and failed step with its time, and no escape sequence", async () => {
  const watcher = spawnProcess(process.execPath, [child, folder], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  watcher.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString("utf8");
  });
  const why = problem("STEP_FAILED", { message: "node1/web: file /x: exit code 1", at: { node: "node1", role: "web" } });
  const failed = {
    type: "step.finished",
    v: 1,
    id: "node1/web",
    step: "file:/x",
    section: "steps",
    status: "failed",
    exitCode: 1,
    durationMs: 1200,
    tail: "one\nno space\u001b[2J left\n",
  } as const;
  await house.append(failed, { ...moved("node1/web", "error"), problem: why }, moved("node31/db", "active"));
  await house.end("failed", {
    problems: [why],
    nodeRoles: { active: 1, changed: 0, skipped: 0, retired: 0, failed: 1, blocked: 0, unknown: 0 },
  });
  const [code] = await once(watcher, "close");
  expect(code).toBe(1);
  expect(text).not.toContain("\u001b");
  const lines = text.replaceAll(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ /gm, "TIME ").split("\n");
  expect(lines.slice(0, 9)).toEqual([
    "TIME R-1 started: plan P-1, 60 node-roles, 60 steps, engine on deck, process 4711",
    "TIME node1/web running",
    "TIME node31/db running",
    "TIME node1/web file:/x failed with exit code 1 after 1.2s",
    "    | one",
    "    | no space\\x1b[2J left",
    "TIME node1/web failed: STEP_FAILED: file /x: exit code 1",
    "TIME node31/db active",
    "TIME R-1 failed in 1.0s: 1 active, 1 failed",
  ]);
});
