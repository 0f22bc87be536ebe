import { appendFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startNspawn, type TestLab } from "../../support/lab.ts";
import { onNode } from "../../support/lab-ssh.ts";
import { ClusterFolder } from "../barclamps/halligan.ts";

// A real machine: it needs root and the package systemd-container, which the lab's driver installs.
const iAmRoot = process.getuid?.() === 0;

/**
 * Every path of the machine with type, mode, owner and link target, and digests of all files; left out are kernel and run-time file systems, and
 * what machines write by themselves: logs, caches, apt's lists, random seeds.
 */
const everything = `{ find / -xdev \\( -path /proc -o -path /sys -o -path /run -o -path /tmp -o -path /dev -o -path /var/log -o -path /var/cache \\
    -o -path /var/lib/apt -o -path /var/lib/systemd -o -path /var/tmp \\) -prune -o -printf '%p %y %m %u:%g %l\\n'
  find / -xdev \\( -path /proc -o -path /sys -o -path /run -o -path /tmp -o -path /dev -o -path /var/log -o -path /var/cache \\
    -o -path /var/lib/apt -o -path /var/lib/systemd -o -path /var/tmp \\) -prune -o -type f -exec sha256sum {} +; } 2>/dev/null | sort`;

/** What is documented as kept (docs/day-two.md): back-up copies that the tools for users and packages make, and what the package nginx leaves. */
const kept: readonly RegExp[] = [
  /^\/etc\/(?:passwd|group|shadow|gshadow|subuid|subgid)-$/u,
  /^\/var\/lib\/dpkg\/status(?:-old)?$/u,
  /^\/var\/www(?:\/html(?:\/index\.nginx-debian\.html)?)?$/u,
];

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
    const listed = async (): Promise<ReadonlySet<string>> => new Set((await onNode(lab.status, 1, everything)).stdout.split("\n"));
    const before = await listed();
    expect(before.size).toBeGreaterThan(10_000);
    await cluster.apply();
    const during = await listed();
    expect([...during].filter((line) => line.startsWith("/var/lib/halligan")).length).toBeGreaterThan(0);
    expect((await onNode(lab.status, 1, "curl -sf http://127.0.0.1/ || wget -qO- http://127.0.0.1/")).stdout).toContain("static on");
    const done = await cluster.run("reset", "--yes", "--json");
    expect(done.code).toBe(0);
    const after = await listed();
    const differs = [...before].filter((line) => !after.has(line)).concat([...after].filter((line) => !before.has(line)));
    const paths = [...new Set(differs.map((line) => /^[\da-f]{64} {2}(.*)$/u.exec(line)?.[1] ?? line.split(" ")[0] ?? ""))];
    expect(paths.filter((path) => !kept.some((each) => each.test(path)))).toEqual([]);
    expect((await onNode(lab.status, 1, "ls -d /var/lib/halligan /run/halligan 2>/dev/null; getent passwd ada")).stdout).toBe("");
  });
});
