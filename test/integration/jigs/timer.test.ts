import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { inverseSteps } from "../../../src/core/jigs/shell/inverse.ts";
import { timerKind } from "../../../src/core/jigs/shell/kinds/timer.ts";
import { startNspawn, type TestLab } from "../../support/lab.ts";
import { onNode } from "../../support/lab-ssh.ts";
import { writeCluster } from "../../support/cluster-folder.ts";
import { ClusterFolder } from "../barclamps/halligan.ts";
import { changes, done, nodeRole, Place, shells, step } from "./run-script.ts";

describe.each(shells)("where no systemd runs, %s", (shell) => {
  let place: Place;
  beforeEach(() => {
    place = new Place();
  });
  afterEach(() => place.remove());

  test("a timer is refused with what to do instead, and a fixture judges it all the same", async () => {
    const steps = [step("timer", { name: "hgjob", schedule: "daily", command: "true" })];
    const ran = await place.run({ mode: "apply", nodeRole: nodeRole(steps) }, { shell });
    expect(done(ran)).toMatchObject({
      status: "failed",
      message: expect.stringMatching(/^systemd does not run on this node.*use a cron step/u),
    });
    const judge = async (services: Record<string, { active: boolean; enabled: boolean }>) =>
      changes(await place.run({ mode: "check", nodeRole: nodeRole(steps), observe: { services } }, { shell }));
    expect(await judge({})).toEqual(["create"]);
    expect(await judge({ "hgjob.timer": { active: true, enabled: false } })).toEqual(["change"]);
    expect(await judge({ "hgjob.timer": { active: true, enabled: true } })).toEqual(["none"]);
    expect(done(await place.run({ mode: "remove", nodeRole: nodeRole(inverseSteps(steps)) }, { shell })).status).toBe("ok");
  });
});

test("schedules that would end in another line of the unit are refused", () => {
  const take = (args: object): boolean => timerKind.schema.safeParse({ name: "a", command: "true", ...args }).success;
  expect(take({ schedule: ["Mon..Fri 08:00 UTC", "*-*-01 00:00:00"] })).toBe(true);
  for (const schedule of ["daily\nPersistent=true", "%n", "", "-daily"]) expect(take({ schedule })).toBe(false);
  expect(take({})).toBe(false);
  expect(take({ schedule: "daily", every: "1m" })).toBe(false);
  expect(take({ every: "900ms" })).toBe(false);
  expect(take({ every: "15m" })).toBe(true);
});

const iAmRoot = process.getuid?.() === 0;

describe.runIf(iAmRoot)("systemd on a real machine", () => {
  let lab: TestLab;
  let cluster: ClusterFolder;
  beforeAll(async () => {
    lab = await startNspawn(1);
    cluster = new ClusterFolder(lab.folder);
    await cluster.discover();
  }, 600_000);
  afterAll(() => lab.dispose(), 60_000);

  const place = (steps: string): void => {
    writeCluster(lab, steps === "" ? "" : "deployments:\n  all:\n    place:\n      job: { on: all }\n", {
      "barclamps/job/barclamp.yaml": `barclamp: job\nversion: 1.0.0\nroles:\n  job:\n    steps:\n${steps === "" ? "      - command: 'true'\n" : steps}`,
    });
  };
  const sh = async (text: string): Promise<string> => (await onNode(lab.status, 1, `exec 2>&1; ${text}`)).stdout;

  test("a timer runs its command as it is written, is changed, and goes without a trace", async () => {
    const look =
      "ls -A /etc/systemd/system /etc/systemd/system/*.wants /var/lib/systemd/timers; systemctl list-units --all --no-legend 'hg*'";
    const before = await sh(look);
    const timer = (more: string): string =>
      `      - timer: { name: hgjob, user: ops, env: { WORD: "it's \\"$(id)\\" 100%\\n-x" }, workdir: /var/tmp, command: 'printf "%s|%s|%s\\n" "$WORD" "$(id -un)" "$PWD" >>/tmp/hgjob.out', ${more} }\n`;
    place(timer("every: 1s"));
    await cluster.apply();
    expect(await cluster.plan()).toEqual({});
    for (let tries = 0; tries < 50 && !(await sh("cat /tmp/hgjob.out")).includes("ops"); tries += 1) await sleep(200);
    expect((await sh("cat /tmp/hgjob.out")).startsWith(`it's "$(id)" 100%\n-x|ops|/var/tmp\n`)).toBe(true);
    expect(await sh("stat -c '%a %U' /var/lib/halligan/timers/hgjob/run; systemctl is-enabled hgjob.timer")).toBe("500 ops\nenabled\n");
    place(timer('schedule: ["*-*-* 02:30", "Sun 12:00"], persistent: true, spread: 5m'));
    expect(await cluster.plan()).toEqual({ "n1/job": "apply: timer:hgjob change" });
    await cluster.apply();
    expect(await cluster.plan()).toEqual({});
    expect(await sh("systemctl show -p TimersCalendar -p RandomizedDelayUSec -p Persistent hgjob.timer")).toMatch(
      /OnCalendar=Sun \*-\*-\* 12:00:00[\s\S]*OnCalendar=\*-\*-\* 02:30:00[\s\S]*RandomizedDelayUSec=5min[\s\S]*Persistent=yes/u,
    );
    await sh("systemctl stop hgjob.timer");
    expect(await cluster.plan()).toEqual({ "n1/job": "apply: timer:hgjob change" });
    place(timer("schedule: 32nd of May"));
    expect((await cluster.apply(1)).stdout).toContain("systemd on this node does not understand the schedule '32nd of May'");
    place("");
    await cluster.apply();
    expect(await sh(`rm /tmp/hgjob.out; ls /var/lib/halligan/timers 2>/dev/null; ${look}`)).toBe(before);
  }, 180_000);

  test("a service of a package that must not start starts once, configured; a drop-in that changes is read", async () => {
    const steps = (word: string): string =>
      [
        "- package: { name: lighttpd, start: false }",
        "- directory: /etc/systemd/system/lighttpd.service.d",
        `- file: { path: /etc/systemd/system/lighttpd.service.d/hg.conf, content: "[Service]\\nEnvironment=HGWORD=${word}\\n", notify: lighttpd }`,
        "- service: { name: lighttpd, state: running, enabled: true }",
      ]
        .map((line) => `      ${line}\n`)
        .join("");
    const look =
      "tr '\\0' '\\n' </proc/$(systemctl show -p MainPID --value lighttpd)/environ | grep HGWORD; journalctl -u lighttpd | grep -c ': Started '; ls /usr/sbin/policy-rc.d";
    const noPolicy = "ls: cannot access '/usr/sbin/policy-rc.d': No such file or directory\n";
    place(steps("one"));
    await cluster.apply();
    expect(await sh(look)).toBe(`HGWORD=one\n1\n${noPolicy}`);
    expect(await cluster.plan()).toEqual({});
    place(steps("two"));
    await cluster.apply();
    expect(await sh(look)).toBe(`HGWORD=two\n2\n${noPolicy}`);
    place("");
    await cluster.apply();
    expect(await sh("systemctl is-active lighttpd; dpkg-query -W lighttpd; ls -d /etc/systemd/system/lighttpd*")).toMatch(
      /^inactive\ndpkg-query: no packages[\s\S]*cannot access/u,
    );
  }, 180_000);

  test("units of others are not overwritten", async () => {
    await sh("echo '[Timer]' >/etc/systemd/system/hgtheirs.timer");
    place("      - timer: { name: hgtheirs, schedule: daily, command: 'true' }\n");
    expect((await cluster.apply(1)).stdout).toContain("hgtheirs.timer is there and was not written by Halligan");
    expect(await sh("cat /etc/systemd/system/hgtheirs.timer; rm /etc/systemd/system/hgtheirs.timer")).toBe("[Timer]\n");
    place("");
    await cluster.apply();
  }, 120_000);

  test("timers of the distribution are services of the same name with their suffix", async () => {
    place("      - service: { name: dpkg-db-backup.timer, state: running, enabled: true }\n");
    await cluster.apply();
    expect(await sh("systemctl is-active dpkg-db-backup.timer; systemctl is-enabled dpkg-db-backup.timer")).toBe("active\nenabled\n");
    expect(await cluster.plan()).toEqual({});
    place("");
    await cluster.apply();
  }, 120_000);
});
