import { appendFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startNspawn, type TestLab } from "../../support/lab.ts";
import { onNode } from "../../support/lab-ssh.ts";
import { everything, unexplained } from "../../support/whole-machine.ts";
import { ClusterFolder } from "../barclamps/halligan.ts";

// A real machine: it needs root and the package systemd-container, which the lab's driver installs.
const iAmRoot = process.getuid?.() === 0;

describe.runIf(iAmRoot)("reset of a real machine", { timeout: 400_000 }, () => {
  let lab: TestLab;
  let cluster: ClusterFolder;

  beforeAll(async () => {
    lab = await startNspawn(1);
    cluster = new ClusterFolder(lab.folder);
    appendFileSync(
      cluster.file,
      `deployments:
  base:
    place: { base: { on: all } }
    set: { base: { motd: On duty, users: [{ name: ada, keys: [], groups: [adm], sudo: true }] } }
  static:
    place: { nginx: { on: all } }
    set: { nginx: { sites: [{ port: 80, text: "static on $hostname" }] } }
`,
    );
    await cluster.discover();
  }, 600_000);
  afterAll(async () => {
    await lab.dispose();
  }, 120_000);

  test("leaves the machine as it was, Halligan's own folders included", async () => {
    const listed = async (): Promise<string> => (await onNode(lab.status, 1, everything)).stdout;
    const before = await listed();
    expect(before.split("\n").length).toBeGreaterThan(10_000);
    await cluster.apply();
    const during = await listed();
    expect(during.split("\n").filter((line) => line.startsWith("/var/lib/halligan")).length).toBeGreaterThan(0);
    expect((await onNode(lab.status, 1, "curl -sf http://127.0.0.1/ || wget -qO- http://127.0.0.1/")).stdout).toContain("static on");
    const done = await cluster.run("reset", "--yes", "--json");
    expect(done.code).toBe(0);
    expect(unexplained(before, await listed())).toEqual([]);
    expect((await onNode(lab.status, 1, "ls -d /var/lib/halligan /run/halligan 2>/dev/null; getent passwd ada")).stdout).toBe("");
  });
});
