import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/cli/house/clock.ts";
import { wholeOf } from "../../../src/core/jigs/script.ts";
import { compileLooks, compileScript } from "../../../src/core/jigs/shell/compile.ts";
import type { Connection } from "../../../src/core/ports.ts";
import { runCheck } from "../../../src/core/run/remote/check.ts";
import { superviseJob } from "../../../src/core/run/remote/job.ts";
import { askNode, collect, type NodeLink } from "../../../src/core/run/remote/node-link.ts";
import { cancelCommand, cleanCommand, nodeExit } from "../../../src/core/run/remote/node-shell.ts";
import { lastTurn, takeTurn } from "../../../src/core/run/remote/standing.ts";
import { type TestLab, startSandbox } from "../../support/lab.ts";
import { type TestLinks, testLinks } from "../../support/nodes.ts";
import { nodeRole, shells, step } from "../jigs/run-script.ts";
import { receiverByHand } from "./receiver-by-hand.ts";

/** The receiver that stays: one script after another over one channel of a real node. */

let lab: TestLab;
let links: TestLinks;
let connection: Connection;
let number = 0;

beforeAll(async () => {
  lab = await startSandbox(1);
  links = testLinks(lab.targets);
  ({ connection } = await links.link("n1"));
});

afterAll(async () => {
  await links?.end();
  await lab?.dispose();
});

const bytes = (text: string): Uint8Array => Buffer.from(text);
const steps = [
  step("directory", { path: "/srv/standing" }),
  step("file", { path: "/srv/standing/it's", content: "grüße\nHALLIGAN/1 a b c 3\n" }),
];
const look = (): Uint8Array => wholeOf(compileLooks([{ nodeRole: nodeRole(steps) }], 0).script);
const apply = (): Uint8Array =>
  wholeOf(compileScript({ mode: "apply", nodeRole: nodeRole(steps), expected: {}, staleness: "bounded" }).script);
const jobName = (): string => `feedbeef.R-${(number += 1)}.1.web`;

async function onNode(command: string): Promise<string> {
  const { stdout, stderr } = await connection.exec(command);
  const [said] = await Promise.all([collect(stdout, 1 << 20), collect(stderr, 0)]);
  return said.toString("utf8");
}

describe.each(shells.flatMap((shell) => [[shell, "helper"] as const, [shell, "no helper"] as const]))("under %s, %s", (shell, helper) => {
  test("looks, does a job, looks again, does another job and cleans, over one channel", async () => {
    await onNode("rm -rf /srv/standing /run/halligan/* /var/lib/halligan");
    const { turn, end, exit } = receiverByHand(connection, shell, helper);
    const [one, other] = [jobName(), jobName()];
    expect(await turn("look check 0", look())).toMatch(/^HALLIGAN\/1 look started\n@ hello [^]*@ observed 1 create[^]*@ done ok 0\n\n$/u);
    expect(await turn(`${one} feedbeef 1`, apply())).toContain("@ done changed 0");
    expect(await turn("look check 0", look())).toMatch(/@ observed 1 none[^]*@ done ok 0/u);
    expect(await turn(`${other} feedbeef 1`, apply())).toContain("@ done ok 0");
    expect(await onNode("cat /srv/standing/*")).toBe("grüße\nHALLIGAN/1 a b c 3\n");
    // Each job has a process of its own, by which it is known, and both are gone.
    expect(
      await onNode(`cd /var/lib/halligan/jobs; cat ${one}/pid ${other}/pid | while read -r p rest; do echo $p; done | sort -u | wc -l`),
    ).toBe("2\n");
    expect(await onNode("ls /run/halligan")).toBe("");
    const cleaned = turn("clean check 0", bytes(`${cleanCommand([one, other])}\nexit 0\n`));
    end();
    expect(await cleaned).toBe("HALLIGAN/1 clean started\n");
    expect(await exit()).toEqual({ kind: "exited", code: 0 });
    expect(await onNode("ls /var/lib/halligan/jobs")).toBe("");
  });

  test("ends where a job is refused, was cut, died or was not heard to its end", async () => {
    const ends = async (who: string, script: Uint8Array, size?: number) => {
      const { turn, end, exit } = receiverByHand(connection, shell, helper);
      expect(await turn("look check 0", look())).toContain("@ done ok 0");
      const said = turn(who, script, size);
      if (size !== undefined) end();
      return { said: await said, exit: await exit() };
    };
    const exited = (code: number) => ({ kind: "exited", code });
    const [first, cut] = [jobName(), jobName()];
    expect(await ends(`${first} feedbeef 2`, bytes("exit 5\n"))).toEqual({ said: `HALLIGAN/1 ${first} started\n`, exit: exited(5) });
    expect(await ends(`${first} feedbeef 2`, bytes("exit 5\n"))).toEqual({
      said: `HALLIGAN/1 ${first} exists\n`,
      exit: exited(nodeExit.exists),
    });
    const late = jobName();
    expect(await ends(`${late} feedbeef 1`, bytes("exit 5\n"))).toEqual({
      said: `HALLIGAN/1 ${late} fenced 2\n`,
      exit: exited(nodeExit.fenced),
    });
    expect(await ends(`${cut} feedbeef 2`, bytes("touch /srv/cut\nexit 5\n"), 100)).toEqual({
      said: `HALLIGAN/1 ${cut} cut 22\n`,
      exit: exited(nodeExit.cut),
    });
    const killed = await ends(`${jobName()} feedbeef 2`, bytes("kill -9 $$\nsleep 9\n"));
    expect(killed.exit).toMatchObject({ kind: "exited", code: 137 });
    const loud = step("command", { name: "loud", run: "head -c 60000 /dev/zero | tr '\\000' x" });
    const much = compileScript({ mode: "apply", nodeRole: nodeRole([loud]), expected: {}, staleness: "bounded" });
    const unheard = await ends(`${jobName()} feedbeef 2`, wholeOf(much.script));
    expect(unheard).toMatchObject({ said: expect.not.stringContaining("@ done"), exit: exited(1) });
    expect(await onNode("ls /srv/cut 2>/dev/null")).toBe("");
  });
});

/** What `superviseJob` needs, over the kept connection. */
const around = {
  link: (signal: AbortSignal) => links.link("n1", signal),
  clock: systemClock,
  patienceMs: 20_000,
  beforeSend: () => Promise.resolve(),
  onFrame: () => Promise.resolve(),
  onContact: () => Promise.resolve(),
};
const supervise = (script: string, name = jobName()) =>
  superviseJob({ name, scope: "feedbeef", fence: "9", script: [bytes(script)] }, around, {
    attachFirst: false,
    signal: AbortSignal.timeout(60_000),
  });
const say = (frame: string): string => `printf '%s' '@ ${frame}\n\n' | tee -a "$HG_JOB/log"\n`;
const standing = (): Promise<string> =>
  onNode("for p in /proc/[0-9]*; do tr '\\000' ' ' <$p/cmdline; echo; done 2>/dev/null | grep -c 'while l=; do whil[e]'");
const limits = { clock: systemClock, deadlineMs: 30_000 };

test("a look that has more behind it keeps its receiver for the jobs, and who cleans ends it", async () => {
  const link = await links.link("n1");
  const script = compileLooks([{ nodeRole: nodeRole(steps) }], 0).script;
  expect((await runCheck(link, "plan.web", script, limits)).at(-1)).toMatchObject({ type: "done" });
  expect(await standing()).toBe("0\n");
  expect((await runCheck(link, "plan.web", script, { ...limits, moreFollows: true })).at(-1)).toMatchObject({ type: "done" });
  expect(await standing()).toBe("1\n");
  const job = jobName();
  expect(await supervise(say("done changed 0"), job)).toMatchObject({ type: "done", status: "changed" });
  expect(await supervise(say("done ok 0"))).toMatchObject({ type: "done", status: "ok" });
  expect(await standing()).toBe("1\n");
  expect(await lastTurn(link, "clean", cleanCommand([job]))).toEqual({ kind: "exited", code: 0 });
  expect(await standing()).toBe("0\n");
  expect(await lastTurn(link, "clean", cleanCommand([job]))).toBeUndefined();
});

test("a receiver that is gone is found out: the script is sent over another, and begins once", async () => {
  const link: NodeLink = await links.link("n1");
  // While the first job still tidies up, the second one's script waits to be read.
  const slow = `true >"$HG_JOB/ended"\n${say("done changed 0")}exec >/dev/null 2>&1\nsleep 3\n`;
  expect(await supervise(slow)).toMatchObject({ type: "done" });
  const killed = sleep(300).then(() =>
    onNode("for p in /proc/[0-9]*; do grep -qs 'while l=; do whil[e]' $p/cmdline && kill -9 ${p#/proc/}; done; true"),
  );
  const since = Date.now();
  expect(await supervise(`echo x >>/srv/begun\n${say("done changed 0")}`)).toMatchObject({ type: "done", status: "changed" });
  // Less than it takes until a receiver counts as stuck.
  expect(Date.now() - since).toBeLessThan(9_000);
  await killed;
  expect(await onNode("cat /srv/begun; rm /srv/begun")).toBe("x\n");
  const turn = await takeTurn(link, "look check 0", compileLooks([{ nodeRole: nodeRole(steps) }], 0).script);
  expect(turn?.first).toBe(false);
  turn?.abandon();
});

test("a job that is told to end now leaves the receiver for the next one", async () => {
  const name = jobName();
  const link = await links.link("n1");
  const running = supervise(`sleep 60; [ -e "$HG_JOB/cancel" ] && ${say("done cancelled 0")}`, name);
  await sleep(500);
  await askNode(link, cancelCommand(name, true));
  expect(await running).toMatchObject({ type: "done", status: "cancelled" });
  expect(await standing()).toBe("1\n");
  expect(await supervise(say("done ok 0"))).toMatchObject({ type: "done", status: "ok" });
  await lastTurn(link, "clean", cleanCommand([name]));
});

test("one that is idle gives way to whoever waits for a channel, and its place is free again, each time", async () => {
  const link = await links.link("n1");
  for (let round = 0; round < 9; round += 1) {
    expect(await supervise(say("done ok 0"))).toMatchObject({ type: "done" });
    const sleepers = await Promise.all(Array.from({ length: 8 }, () => askNode(link, "sleep 0.1")));
    expect(sleepers.map(({ exit }) => exit)).toEqual(Array.from({ length: 8 }, () => ({ kind: "exited", code: 0 })));
    expect(await standing()).toBe("0\n");
  }
});
