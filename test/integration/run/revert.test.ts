import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startNspawn, type TestLab } from "../../support/lab.ts";
import { onNode } from "../../support/lab-ssh.ts";
import { ClusterFolder } from "../barclamps/halligan.ts";

const iAmRoot = process.getuid?.() === 0;

/** A command that can cut the way into the machine; sessions that are there go on. */
const barclamp = `barclamp: door
version: 1.0.0
attributes:
  run: { type: string, required: true }
  confirm: { type: duration, default: 1m }
roles:
  door:
    steps:
      - command: { name: act, run: "{{ set.run }}", revert: "systemctl start ssh; date +%s >>/root/reverted", confirm: "{{ set.confirm }}" }
    around: { onFailure: [ { command: { name: back, run: touch /root/went-back } } ] }
`;

describe.runIf(iAmRoot)("a command that may lock the engine out", { timeout: 180_000 }, () => {
  let lab: TestLab;
  let cluster: ClusterFolder;
  let nodes = "";

  function act(run: string, confirm = "1m"): void {
    writeFileSync(
      cluster.file,
      `${nodes}deployments:\n  all: { place: { door: all }, set: { door: { run: ${JSON.stringify(run)}, confirm: ${confirm} } } }\n`,
    );
  }

  const seen = async (): Promise<string> =>
    (await onNode(lab.status, 1, "ls /root | tr '\\n' ' '; rm -f /root/reverted /root/went-back; systemctl is-active ssh")).stdout;

  beforeAll(async () => {
    lab = await startNspawn(1);
    cluster = new ClusterFolder(lab.folder);
    nodes = readFileSync(cluster.file, "utf8");
    mkdirSync(join(lab.folder, "barclamps/door"), { recursive: true });
    writeFileSync(join(lab.folder, "barclamps/door/barclamp.yaml"), barclamp);
    await cluster.discover();
  }, 600_000);
  afterAll(async () => {
    await lab.dispose();
  });

  test("that leaves the way open is confirmed at once, and nothing is taken back", async () => {
    act("systemctl restart ssh");
    await cluster.apply();
    expect(await seen()).toBe("active\n");
    expect((await onNode(lab.status, 1, "ls /var/lib/halligan/jobs")).stdout).toBe("");
    expect(await cluster.plan()).toEqual({});
  });

  test("that cuts the way is taken back by the machine itself, and the run says so", async () => {
    act("systemctl stop ssh", "4s");
    const failed = await cluster.apply(1);
    expect(failed.stdout).toContain("nobody could reach the node over a new connection within 4s; the node took it back");
    expect(await seen()).toBe("reverted went-back active\n");
  });

  test("that fails is taken back at once", async () => {
    act("systemctl stop ssh; exit 3");
    const failed = await cluster.apply(1);
    expect(failed.stdout).toContain("it ended with exit code 3; the node took it back");
    expect(await seen()).toBe("reverted went-back active\n");
  });

  test("is taken back too when the job is killed meanwhile", async () => {
    act("systemctl stop ssh; touch /run/stopped", "5s");
    // This session is there before the door closes.
    const killed = onNode(
      lab.status,
      1,
      "touch /run/ready; while ! [ -e /run/stopped ]; do sleep 0.1; done; for job in /var/lib/halligan/jobs/*; do read -r pid rest <$job/pid; kill -9 $pid; done; echo killed",
    );
    while ((await onNode(lab.status, 1, "test -e /run/ready")).code !== 0) await sleep(100);
    const applying = cluster.run("apply", "--yes", "--json");
    expect((await killed).stdout).toBe("killed\n");
    const outcome = await applying;
    expect(outcome.code).toBe(1);
    let back = "";
    for (let tries = 0; tries < 60 && !back.includes("reverted"); tries += 1) {
      back = await seen();
      await sleep(500);
    }
    expect(back).toBe("reverted active\n");
  });
});
