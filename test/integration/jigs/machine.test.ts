import { mkdirSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ResolvedStep } from "../../../src/core/jigs/resolved.ts";
import { inverseSteps } from "../../../src/core/jigs/shell/inverse.ts";
import { PrivateMachine, tinyRepository } from "./private-machine.ts";
import { changes, done, expectDone, nodeRole, Place, type Ran, shells, step } from "./run-script.ts";
import { shareDependency } from "./shared-packages.ts";

let place: Place;
let machine: PrivateMachine;
beforeAll(async () => {
  machine = await PrivateMachine.open();
});
afterAll(() => machine.close());
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

const run = (mode: "check" | "apply" | "remove", steps: readonly ResolvedStep[], shell: string): Promise<Ran> =>
  place.run({ mode, nodeRole: nodeRole(steps) }, { shell, under: machine.under });

describe.each(shells)("%s", (shell) => {
  test("groups and users with keys come and go", async () => {
    const before = await machine.sh("cat /etc/passwd /etc/group; ls -A /home");
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA7l ops\'s "desk" $(id)';
    const steps = [
      step("group", { name: "hgteam", gid: "4001" }),
      step("user", { name: "hgops", uid: 4002, groups: ["hgteam", "daemon"], shell: "/bin/sh", comment: "The Ops", keys: [key] }),
      step("user", { name: "hgapp", system: true, home: "/var/lib/hgapp" }, { id: "user:hgapp" }),
    ];
    const planned = await run("check", steps, shell);
    expect(changes(planned)).toEqual(["create", "create", "create"]);
    expectDone(await run("apply", steps, shell), "changed");
    expectDone(await run("apply", steps, shell), "ok");
    expect(
      await machine.sh(
        "id hgops; getent passwd hgops hgapp; stat -c '%a %U %G' /home/hgops/.ssh /home/hgops/.ssh/authorized_keys; cat /home/hgops/.ssh/authorized_keys",
      ),
    ).toMatch(
      /^uid=4002\(hgops\) gid=4002\(hgops\) groups=4002\(hgops\),1\(daemon\),4001\(hgteam\)\nhgops:x:4002:4002:The Ops:\/home\/hgops:\/bin\/sh\nhgapp:x:\d+:\d+::\/var\/lib\/hgapp:\/usr\/sbin\/nologin\n700 hgops hgops\n600 hgops hgops\nssh-ed25519/u,
    );
    const changed = [steps[0]!, step("user", { name: "hgops", shell: "/bin/bash", keys: [key, "ssh-rsa other"] }), steps[2]!];
    const drifted = await run("check", changed, shell);
    expect(changes(drifted)).toEqual(["none", "change", "none"]);
    expectDone(await run("apply", changed, shell), "changed");
    expect(await machine.sh("getent passwd hgops | cut -d: -f7; wc -l </home/hgops/.ssh/authorized_keys")).toBe("/bin/bash\n2\n");
    expectDone(await run("remove", inverseSteps(steps), shell), "changed");
    expect(await machine.sh("cat /etc/passwd /etc/group; ls -A /home")).toBe(before);
  });

  test("keys that are added to a user of others go alone", async () => {
    await machine.sh(
      "useradd -m -s /bin/sh hgother && install -d -o hgother -m 700 /home/hgother/.ssh && echo theirs >/home/hgother/.ssh/authorized_keys",
    );
    const steps = [step("user", { name: "hgother", keys: ["ours"] })];
    expectDone(await run("apply", steps, shell), "changed");
    expect(await machine.sh("cat /home/hgother/.ssh/authorized_keys")).toBe("theirs\nours\n");
    expectDone(await run("remove", inverseSteps(steps), shell), "changed");
    expect(await machine.sh("cat /home/hgother/.ssh/authorized_keys; id -un hgother")).toBe("theirs\nhgother\n");
    await machine.sh("userdel -r hgother");
  });

  test("packages: a version, the newest, and purged with what came along", async () => {
    const repository = place.path("repo");
    mkdirSync(repository);
    expect(await machine.sh(`chmod 755 '${place.root}' && ${tinyRepository(repository)}`)).toBe("");
    const old = [step("package", { name: "hgtest-main=1.2*" })];
    expect(changes(await run("check", old, shell))).toEqual(["create"]);
    expectDone(await run("apply", old, shell), "changed");
    expectDone(await run("apply", old, shell), "ok");
    const latest = [step("package", { name: ["hgtest-main"], state: "latest", update: "false" })];
    expect(changes(await run("check", [step("package", { name: "hgtest-main" })], shell))).toEqual(["none"]);
    expect(changes(await run("check", latest, shell))).toEqual(["change"]);
    expectDone(await run("apply", latest, shell), "changed");
    expect(await machine.sh("dpkg-query -W -f '${Package} ${Version}\\n' 'hgtest-*'; cat /etc/hgtest-main.conf")).toBe(
      "hgtest-dep 1.0\nhgtest-main 1.3-1\n1.3-1",
    );
    const undo = await run("remove", inverseSteps(old), shell);
    expectDone(undo, "changed");
    expect(await machine.sh("dpkg-query -W 'hgtest-*'; ls /etc/hgtest*")).toMatch(/no packages found[\s\S]*No such file/u);
    expectDone(await run("remove", inverseSteps([step("package", { name: "bash" })]), shell), "ok");
    const unknown = await run("apply", [step("package", { name: "hgtest-nowhere" })], shell);
    expect(done(unknown).message).toBe("apt-get ended with exit code 100");
  });

  test("services of packages go through their init script where no init system runs", async () => {
    const text =
      "#!/bin/sh\ncase $1 in start) touch /var/hgsvc; echo x >>/var/hgsvc.log ;; stop) rm -f /var/hgsvc ;; restart) $0 stop; $0 start ;; status) test -e /var/hgsvc ;; esac\n";
    const steps = [
      step("file", { path: "/etc/hgsvc.conf", content: shell }, { notify: ["s"] }),
      step("service", { name: "hgsvc", state: "running" }, { id: "s" }),
    ];
    await machine.sh(`rm -f /var/hgsvc.log; cat >/etc/init.d/hgsvc <<'E'\n${text}E\nchmod 755 /etc/init.d/hgsvc`);
    expectDone(await run("apply", steps, shell), "changed");
    expect(await machine.sh("cat /var/hgsvc.log")).toBe("x\n");
    const second = [step("file", { path: "/etc/hgsvc.conf", content: "2" }, { notify: ["s"] }), steps[1]!];
    expectDone(await run("apply", second, shell), "changed");
    expect(await machine.sh("cat /var/hgsvc.log")).toBe("x\nx\n");
    expectDone(await run("remove", inverseSteps(second), shell), "changed");
    expect(await machine.sh("ls /var/hgsvc /etc/hgsvc.conf")).toMatch(/cannot access '\/var\/hgsvc'[\s\S]*cannot access/u);
  });
});

// One shell here and another with zypper: these take a while.
test("a dependency of two roles goes with the second, a package that others need stays for them", async () => {
  const repository = place.path("repo");
  mkdirSync(repository);
  expect(await machine.sh(`chmod 755 '${place.root}' && ${tinyRepository(repository)}`)).toBe("");
  await shareDependency(run, async () => await machine.sh("dpkg-query -W -f '${Package} ' 'hgtest-*' 2>/dev/null"), "busybox ash");
  expect(await machine.sh("dpkg-query -W 'hgtest-*'")).toMatch(/no packages found/u);
  expect(place.remembered()).toEqual([]);
}, 120_000);

test("what came along goes although something else of the machine could do with it instead of its own", async () => {
  const repository = place.path("repo");
  mkdirSync(repository);
  expect(await machine.sh(`chmod 755 '${place.root}' && ${tinyRepository(repository)}`)).toBe("");
  const there = async (): Promise<string> => await machine.sh("dpkg-query -W -f '${Package} ' 'hgtest-*' 2>/dev/null");
  const steps = [step("package", { name: "hgtest-script" })];
  expectDone(await run("apply", steps, "dash"), "changed");
  expect(await there()).toBe("hgtest-awk hgtest-dep hgtest-script ");
  // base-files asks for an awk, so apt would never remove this one by itself.
  expectDone(await run("remove", inverseSteps(steps), "dash"), "changed");
  expect(await there()).toBe("");
  expect(place.remembered()).toEqual([]);
}, 120_000);
