import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EngineHouse } from "../../../src/cli/house/house.ts";
import { findEngine } from "../../../src/cli/house/engine-process.ts";
import { openLocalHouse } from "../../../src/cli/house/open.ts";
import type { Recorded } from "../../../src/core/journal/events.ts";
import { writeCluster } from "../../support/cluster-folder.ts";
import { startNspawn, startSandbox, type TestLab } from "../../support/lab.ts";
import { onNode } from "../../support/lab-ssh.ts";

const iAmRoot = process.getuid?.() === 0;
const signal = new AbortController().signal;

/** Steps before and after the reboot write down in which boot they ran. */
function barclamp(round: string, reboot: string): string {
  const note = (name: string) =>
    `      - command: { name: ${name}, run: "echo ${round} ${name} $(cat /proc/sys/kernel/random/boot_id) >>/root/notes" }\n`;
  return `barclamp: machine\nversion: 1.0.0\nroles:\n  machine:\n    steps:\n${note("before")}      - command: { name: ask, run: ": ${round}; touch /run/reboot-required", notify: told }\n${reboot}${note("after")}    verify:\n      - command: { run: "test ! -e /run/reboot-required" }\n`;
}

async function withHouse<T>(
  lab: TestLab,
  text: string,
  work: (house: EngineHouse) => Promise<T>,
  user: "root" | "ops" = "root",
): Promise<T> {
  const file = writeCluster(lab, "deployments:\n  all:\n    place:\n      machine: { on: all }\n", {
    "barclamps/machine/barclamp.yaml": text,
  });
  // As another user than root, who may not log in while a machine goes down or comes up (pam_nologin), and with sudo.
  if (user === "ops") writeFileSync(file, readFileSync(file, "utf8").replace("user: root", "user: ops, become: sudo"));
  const house = await openLocalHouse({ file });
  try {
    return await work(house);
  } finally {
    await house.close();
  }
}

async function follow(house: EngineHouse, run: string, onEvent: (event: Recorded) => void = () => undefined): Promise<readonly Recorded[]> {
  const events: Recorded[] = [];
  for await (const { event } of house.follow(run, signal)) {
    events.push(event);
    onEvent(event);
  }
  return events;
}

const plan = (house: EngineHouse) => house.plan({ deployments: [], by: "test", onProgress: () => undefined, signal });
const finished = (events: readonly Recorded[]) =>
  events.flatMap((event) => (event.type === "step.finished" && event.section === "steps" ? [`${event.step} ${event.status}`] : []));

const problemsOf = (events: readonly Recorded[]) =>
  events.flatMap((event) => (event.type === "noderole.moved" && event.problem !== undefined ? [event.problem] : []));

describe.runIf(iAmRoot)("a reboot step on a real machine", () => {
  let lab: TestLab;
  beforeAll(async () => {
    lab = await startNspawn(1);
  }, 600_000);
  afterAll(async () => {
    try {
      await withHouse(lab, barclamp("end", "      - reboot: needed\n"), async (house) => {
        const engine = await findEngine(house.store, "test-lab");
        if (engine !== undefined) process.kill(engine.pid, "SIGTERM");
      });
    } finally {
      await lab.dispose();
    }
  }, 60_000);

  const notes = async (): Promise<readonly string[][]> =>
    (await onNode(lab.status, 1, "cat /root/notes; rm /root/notes")).stdout
      .trim()
      .split("\n")
      .map((line) => line.split(" "));

  test.each([
    ["when it is needed", "      - reboot: { name: told, on: needed, timeout: 2m }\n"],
    ["when it is notified", "      - reboot: { name: told, on: notify, timeout: 2m }\n"],
  ])(
    "%s: the steps after it go on in the new boot, each once",
    async (title, reboot) => {
      await withHouse(lab, barclamp(title, reboot), async (house) => {
        const made = await plan(house);
        const { run } = await house.requestRun(made, "test");
        const events = await follow(house, run);
        expect({ problems: problemsOf(events), last: events.at(-1) }).toMatchObject({
          problems: [],
          last: { type: "run.ended", phase: "succeeded" },
        });
        const steps = ["command:before changed", "command:ask changed", "command:after changed"];
        const at = title.includes("needed") ? 2 : 3;
        expect(finished(events)).toEqual(steps.toSpliced(at, 0, "reboot:told changed"));
        expect(events.flatMap((event) => (event.type === "node.contact" ? [event.contact] : []))).toEqual(["lost", "back"]);
        const [before, after] = await notes();
        expect([before?.at(-2), after?.at(-2)]).toEqual(["before", "after"]);
        expect(after?.at(-1) === before?.at(-1)).toBe(at === 3);
        expect(
          (await onNode(lab.status, 1, "ls /var/lib/halligan/jobs /run/halligan; cat /proc/sys/kernel/random/boot_id")).stdout,
        ).toMatch(/^\/run\/halligan:\n\n\/var\/lib\/halligan\/jobs:\n/u);
        const again = await plan(house);
        expect(again.body.nodeRoles.flatMap((each) => each.steps.filter((step) => step.change !== "none"))).toEqual([]);
      });
    },
    180_000,
  );

  test("an engine that is killed while the machine reboots is replaced, and the outcome is the same", async () => {
    const unit = "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\nExecStop=/bin/sleep 4\n";
    await onNode(lab.status, 1, `printf '${unit}' >/etc/systemd/system/slow.service; systemctl daemon-reload; systemctl start slow`);
    await withHouse(
      lab,
      barclamp("killed", "      - reboot: { name: told, timeout: 2m }\n"),
      async (house) => {
        const { run } = await house.requestRun(await plan(house), "test");
        let kills = 0;
        const kill = async (): Promise<void> => {
          const engine = await findEngine(house.store, "test-lab");
          if (engine === undefined) return;
          process.kill(engine.pid, "SIGKILL");
          kills += 1;
          await house.ensureEngine();
        };
        let rebooting = false;
        let killing: Promise<void> = Promise.resolve();
        const events = await follow(house, run, (event) => {
          if (event.type === "step.finished" && event.step.startsWith("reboot")) rebooting = false;
          if (event.type !== "step.started" || !event.step.startsWith("reboot")) return;
          rebooting = true;
          killing = (async () => {
            while (rebooting && kills < 6) {
              await sleep(200);
              if (rebooting) await kill();
            }
          })();
        });
        await killing;
        expect(kills).toBeGreaterThan(1);
        expect({ problems: problemsOf(events), last: events.at(-1) }).toMatchObject({
          problems: [],
          last: { type: "run.ended", phase: "succeeded" },
        });
        expect(finished(events)).toEqual(["command:before changed", "command:ask changed", "reboot:told changed", "command:after changed"]);
        const [before, after, ...more] = await notes();
        expect(more).toEqual([]);
        expect(after?.at(-1)).not.toBe(before?.at(-1));
      },
      "ops",
    );
  }, 180_000);

  test("a machine that does not come back in time is told of", async () => {
    await onNode(lab.status, 1, "systemctl disable -q ssh.service");
    await withHouse(lab, barclamp("late", "      - reboot: { name: told, timeout: 5s }\n"), async (house) => {
      const { run } = await house.requestRun(await plan(house), "test");
      const events = await follow(house, run);
      expect(events.at(-1)).toMatchObject({ type: "run.ended", phase: "failed" });
      const moved = events.flatMap((event) => (event.type === "noderole.moved" && event.state === "error" ? [event.problem] : []));
      expect(moved).toMatchObject([
        { code: "NODE_NOT_BACK", message: "n1 did not come back within 5 s from the reboot that n1/machine asked for." },
      ]);
    });
  }, 180_000);
});

test("a node that is no machine of its own refuses", async () => {
  const lab = await startSandbox(1);
  try {
    await withHouse(lab, barclamp("sandbox", "      - reboot: { name: told, on: always }\n"), async (house) => {
      const { run } = await house.requestRun(await plan(house), "test");
      const events = await follow(house, run);
      const moved = events.flatMap((event) => (event.type === "noderole.moved" && event.state === "error" ? [event.problem?.message] : []));
      expect(moved).toEqual([expect.stringContaining("this is no machine of its own")]);
      const engine = await findEngine(house.store, "test-lab");
      if (engine !== undefined) process.kill(engine.pid, "SIGTERM");
    });
  } finally {
    await lab.dispose();
  }
}, 60_000);
