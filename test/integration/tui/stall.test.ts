import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { halligan } from "../../cli/run-cli.ts";
import { writeCluster } from "../../support/cluster-folder.ts";
import { type TestLab, startSandbox } from "../../support/lab.ts";
import { openPty } from "../../support/pty.ts";

const barclamp = (times: number): string => `barclamp: chatter
version: 1.0.0
description: Steps that say much for about twelve seconds.
roles:
  chatter:
    steps:
      - command: { name: talk, run: "for i in $(seq ${times}); do seq 200; sleep 0.1; done" }
`;

let lab: TestLab;

beforeAll(async () => {
  lab = await startSandbox(3);
  writeBarclamp(120);
  await halligan(["discover"], { cwd: lab.folder });
});

afterAll(async () => {
  await lab.dispose();
});

function writeBarclamp(times: number): void {
  writeCluster(lab, "deployments:\n  all:\n    place:\n      chatter: { on: all }\n", {
    "barclamps/chatter/barclamp.yaml": barclamp(times),
  });
}

/** What a run came to: its end and the order-free outcome of its node-roles. */
async function outcomeOf(run: string): Promise<unknown> {
  const { stdout, code } = await halligan(["watch", run, "--json"], { cwd: lab.folder });
  const last = stdout
    .trim()
    .split("\n")
    .map((text) => JSON.parse(text) as { type?: string; phase?: string; nodeRoles?: unknown })
    .findLast(({ type }) => type === "run.ended");
  return { code, phase: last?.phase, nodeRoles: last?.nodeRoles };
}

async function startRun(): Promise<void> {
  expect((await halligan(["apply", "--yes", "--detach"], { cwd: lab.folder })).code).toBe(0);
}

test("nobody reads the terminal for ten seconds of a run, another is killed, a third quits: the runs end as without them", async () => {
  await startRun();
  const alone = await outcomeOf("R-1");
  expect(alone).toMatchObject({ code: 0, phase: "succeeded" });

  writeBarclamp(121);
  await startRun();
  await using stalled = openPty(["tui", "--screen", "run"], { cwd: lab.folder });
  await using killed = openPty(["tui", "--screen", "run"], { cwd: lab.folder });
  await using left = openPty(["tui"], { cwd: lab.folder });
  await Promise.all([stalled.see(/R-2 running/u), killed.see(/R-2 running/u), left.see(/R-2 running/u)]);
  stalled.stall();
  killed.kill("SIGKILL");
  left.press("q");
  expect((await left.exit).code).toBe(0);
  await sleep(10_000);
  expect(await outcomeOf("R-2")).toEqual(alone);
  stalled.resume();
  await stalled.see(/R-2 (?:succeeded|done|finished)/u);
}, 120_000);

test("an engine that is gone is named, and :resume starts one that ends the run", async () => {
  writeBarclamp(122);
  await startRun();
  await using tui = openPty(["tui"], { cwd: lab.folder });
  await tui.see(/engine \S+ .*R-\d+ running/u);
  const run = /R-\d+/u.exec(tui.screen()[0] ?? "")?.[0] ?? "";
  const { stdout } = await halligan(["status", "--json"], { cwd: lab.folder });
  const { engine } = JSON.parse(stdout) as { readonly engine: { readonly pid: number } };
  process.kill(engine.pid, "SIGKILL");
  await tui.see(`engine gone: ${run} waits, :resume`);
  tui.press(":", "r", "e", "s", "u", "m", "e", "\r");
  await tui.see("does it");
  await sleep(400); // a person reads the question
  tui.press("y");
  await tui.gone("engine gone");
  expect(await outcomeOf(run)).toMatchObject({ phase: "succeeded" });
}, 120_000);
