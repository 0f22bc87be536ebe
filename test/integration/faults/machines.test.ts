import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startNspawn, type TestLab } from "../../support/lab.ts";
import { onNode } from "../../support/lab-ssh.ts";
import { clusterText, type Going, hasStackTrace, makePlace, type Place, type Told } from "./place.ts";

const sudoPassword = "S3cr3t-pw!";
const counted = (name: string, then: string): string =>
  `      - command: { name: ${name}, run: "echo ${name} >>/root/count-{{ role.name }}; ${then}" }`;
const barclamp = `barclamp: faulty
version: 1.0.0
roles:
  slow:
    steps:
${counted("one", "sleep 1")}
${counted("two", "for i in 1 2 3 4 5 6 7 8; do echo tick $i; sleep 1; done")}
${counted("three", "true")}
  endless:
    steps:
      - file: { path: /etc/faulty-endless, content: "half of it" }
${counted("wait", "sleep 600")}
  guarded:
    steps:
      - command: { name: guarded, run: "touch /root/guarded; sleep 600", unless: "[ -e /root/guarded ]" }
  target:
    steps:
      - file: { path: /mnt/small/file, content: "{{ node.name }} 0123456789" }
`;

// Real machines with systemd, logind and OpenSSH: they need root; without it the sandbox's tests of jobs are what there is.
describe.runIf(process.getuid?.() === 0)("faults on real machines", { timeout: 120_000 }, () => {
  let lab: TestLab;
  const places: Place[] = [];

  beforeAll(async () => {
    lab = await startNspawn(2);
    await on(
      1,
      `for u in pw none tty; do useradd -m -s /bin/bash -g users u$u; cp -a /root/.ssh /home/u$u/; chown -R u$u /home/u$u/.ssh; echo "u$u:${sudoPassword}" | chpasswd; done
       echo "upw ALL=(ALL) ALL" >/etc/sudoers.d/upw; printf 'Defaults:utty requiretty\\nutty ALL=(ALL) NOPASSWD: ALL\\n' >/etc/sudoers.d/utty
       printf 'echo WELCOME; echo HALLIGAN/1 job started\\n' | tee /home/upw/.bashrc >/home/upw/.profile`,
    );
  }, 120_000);

  afterAll(async () => {
    for (const place of places) place.dispose();
    await lab?.dispose();
  });

  async function on(index: number, command: string): Promise<string> {
    const { code, stdout, stderr } = await onNode(lab.status, index, command);
    if (code !== 0) throw new Error(`${command}: ${stdout}${stderr}`);
    return stdout;
  }

  function placeFor(name: string, node: string, roles: readonly string[], ssh = "user: root"): Place {
    const place = makePlace(clusterText(lab, name, [node], roles, ssh), barclamp, lab.status.knownHosts, {
      HG_TEST_PASSWORD: sudoPassword,
    });
    writeFileSync(join(place.folder, "wrong"), "not-the-password\n", { mode: 0o600 });
    places.push(place);
    return place;
  }

  /** No stack trace, no secret, whatever happened. */
  function clean(told: Told): Told {
    expect(hasStackTrace(told.text)).toBe(false);
    expect(told.text).not.toContain(sudoPassword);
    return told;
  }

  const cut = (user: string): string => `pkill -9 -f '[s]shd: ${user}@notty' || true`;

  test("each way of not getting in, or not becoming root, has its own code", async () => {
    const password = (from: string): string => `become: sudo, becomePassword: ${from}`;
    const cases: readonly (readonly [string, string, number])[] = [
      ["1 seen", `user: upw, ${password("{ env: HG_TEST_PASSWORD }")}`, 0],
      ["BECOME_PASSWORD_NEEDED", "user: upw, become: sudo", 5],
      ["BECOME_PASSWORD_WRONG", `user: upw, ${password("{ file: wrong }")}`, 5],
      ["BECOME_REFUSED", `user: unone, ${password("{ env: HG_TEST_PASSWORD }")}`, 5],
      ["BECOME_REFUSED", "user: utty, become: sudo", 5],
      ["AUTH_FAILED", "user: nobody-here", 5],
      ["SECRET_MISSING", `user: upw, ${password("{ env: HG_TEST_NO_SUCH }")}`, 2],
    ];
    for (const [what, ssh, code] of cases) {
      const told = clean(await placeFor("ways", "n1", [], ssh).run("discover", "--plain"));
      expect(told.text).toContain(what);
      expect(told.code, told.text).toBe(code);
    }
  });

  test("a job outlives its connection under sudo, and where logind ends what a user leaves behind", async () => {
    await on(2, "apt-get -qy update >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get -qy install libpam-systemd >/dev/null 2>&1");
    await on(
      2,
      "mkdir -p /etc/systemd/logind.conf.d; printf '[Login]\\nKillUserProcesses=yes\\n' >/etc/systemd/logind.conf.d/k.conf; systemctl restart systemd-logind",
    );
    const place = placeFor("outlives", "n2", ["slow"], "user: ops, become: sudo");
    const apply = place.start("apply", "--yes", "--json");
    await apply.until(/"step":"command:two"/u);
    for (let cuts = 0; cuts < 3; cuts += 1) {
      await on(2, cut("ops"));
      await sleep(1_000);
    }
    const told = clean(await apply.ended);
    expect(told.text).toContain('"contact":"lost"');
    expect(told.text).toContain('"phase":"succeeded"');
    expect(told.code).toBe(0);
    expect(await on(2, "cat /root/count-slow; ls /var/lib/halligan/jobs /run/halligan")).toBe(
      "one\ntwo\nthree\n/run/halligan:\n\n/var/lib/halligan/jobs:\n",
    );
  });

  test("cancel --now ends the step at once, says what was left half done, and leaves no process behind", async () => {
    const place = placeFor("cancelled", "n1", ["endless"], `user: upw, become: sudo, becomePassword: { env: HG_TEST_PASSWORD }`);
    const apply = place.start("apply", "--yes", "--json");
    await apply.until(/"type":"step.started".*"step":"command:wait"/u);
    expect(await place.run("cancel", "--now")).toMatchObject({ code: 0 });
    const told = clean(await apply.ended);
    expect(told.code).toBe(6);
    expect(told.text).toMatch(/"type":"run.ended".*"phase":"cancelled".*"changed":1/u);
    expect(await on(1, "pgrep -fx 'sleep 600' || echo none; cat /etc/faulty-endless; ls /run/halligan")).toBe("none\nhalf of it");
  });

  test("a job that was killed is unknown, or settled by its check; its secrets do not stay", async () => {
    const kill = async (apply: Going, step: RegExp): Promise<Told> => {
      await apply.until(step);
      await sleep(500);
      await on(1, "read -r p rest </var/lib/halligan/jobs/*/pid; z=$(ps -o sid= -p $p); pkill -9 -s $z");
      return clean(await apply.ended);
    };
    const open = await kill(placeFor("killed", "n1", ["endless"]).start("apply", "--yes", "--json"), /"step.started".*command:wait/u);
    expect(open).toMatchObject({ code: 1 });
    expect(open.text).toMatch(/OUTCOME_UNKNOWN.*command:wait/u);
    const settled = await kill(
      placeFor("settled", "n1", ["guarded"]).start("apply", "--yes", "--json"),
      /"step.started".*command:guarded/u,
    );
    expect(settled).toMatchObject({ code: 0 });
    expect(settled.text).toContain("settled by check");
    expect(await on(1, "ls /var/lib/halligan/jobs /run/halligan")).toBe("/run/halligan:\n\n/var/lib/halligan/jobs:\n");
  });

  test("an engine that was frozen for longer than its lease is replaced, and does nothing when it wakes", async () => {
    await on(1, "rm -f /root/count-slow");
    const place = placeFor("frozen", "n1", ["slow"]);
    expect((await place.run("apply", "--yes", "--detach")).code).toBe(0);
    const apply = place.start("watch", "--json");
    await apply.until(/"step":"command:one"/u);
    const engine = Number(/"engine":"[^":]+:(\d+)/u.exec(apply.text())?.[1]);
    process.kill(engine, "SIGSTOP");
    const told = clean(await apply.ended);
    process.kill(engine, "SIGCONT");
    expect(told.code).toBe(0);
    expect(told.text).toContain('"type":"run.resumed"');
    expect(await on(1, "cat /root/count-slow")).toBe("one\ntwo\nthree\n");
    for (let waited = 0; alive(engine) && waited < 20_000; waited += 100) await sleep(100);
    expect(alive(engine)).toBe(false);
  });

  test("full and read-only file systems on the node are told, and nothing half written stays", async () => {
    await on(1, "mkdir -p /mnt/small; mount -t tmpfs -o size=4k,nr_inodes=1 tmpfs /mnt/small");
    const place = placeFor("full", "n1", ["target"]);
    const full = clean(await place.run("apply", "--yes", "--plain"));
    expect(full.code).toBe(1);
    expect(full.text).toMatch(/STEP_FAILED[\s\S]*the disk is full/u);
    await on(1, "mount -o remount,ro /mnt/small");
    const readOnly = clean(await place.run("apply", "--yes", "--plain"));
    expect(readOnly.text).toMatch(/STEP_FAILED[\s\S]*the file system is read-only/u);
    expect(await on(1, "ls -A /mnt/small; umount /mnt/small")).toBe("");
    await on(1, "mount -t tmpfs -o size=4k tmpfs /run/halligan; head -c 9999 /dev/zero >/run/halligan/fill 2>/dev/null || true");
    const volatile = clean(await place.run("apply", "--yes", "--plain"));
    await on(1, "umount /run/halligan; mount --bind -o ro /var/lib/halligan /var/lib/halligan");
    expect(volatile.text).toMatch(/NODE_DISK_FULL/u);
    const state = clean(await place.run("apply", "--yes", "--plain"));
    await on(1, "umount /var/lib/halligan");
    expect(state.text).toMatch(/NODE_DISK_FULL[\s\S]*Read-only file system/u);
    expect(clean(await place.run("apply", "--yes", "--plain"))).toMatchObject({ code: 0 });
  });
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
