import { mkdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ResolvedStep } from "../../../src/core/jigs/resolved.ts";
import { inverseSteps } from "../../../src/core/jigs/shell/inverse.ts";
import { pretend, rpmRepository } from "./foreign-machine.ts";
import { writeApk } from "./imitations.ts";
import { PrivateMachine } from "./private-machine.ts";
import { busyboxAlone, changes, done, expectDone, nodeRole, Place, type Ran, shells, step } from "./run-script.ts";
import { shareDependency } from "./shared-packages.ts";

let place: Place;
let machine: PrivateMachine;
beforeEach(async () => {
  place = new Place();
  machine = await PrivateMachine.open();
});
afterEach(async () => {
  await machine.close();
  place.remove();
});

const run = (mode: "check" | "apply" | "remove", steps: readonly ResolvedStep[], shell: string): Promise<Ran> =>
  place.run({ mode, nodeRole: nodeRole(steps) }, { shell, under: machine.under });

/** What a repository file of each manager says. */
const sources = {
  dnf: (folder: string) =>
    `mkdir -p /etc/yum.repos.d; printf '[hg]\\nname=hg\\nbaseurl=file://%s\\ngpgcheck=0\\n' '${folder}' >/etc/yum.repos.d/hg.repo`,
  zypper: (folder: string) =>
    `mkdir -p /etc/zypp/repos.d; printf '[hg]\\nname=hg\\nbaseurl=dir:%s\\ngpgcheck=0\\nenabled=1\\nautorefresh=1\\n' '${folder}' >/etc/zypp/repos.d/hg.repo`,
} as const;

describe.each(["dnf", "zypper"] as const)("%s", (manager) => {
  describe.each(shells)("%s", (shell) => {
    test("packages: a version, the newest, and removed with what came along", async () => {
      const repository = place.path("repo");
      mkdirSync(repository);
      await pretend(machine, manager);
      expect(await machine.sh(`chmod 755 '${place.root}'; ${rpmRepository(repository, place.path("build"))}`)).toBe("");
      await machine.sh(sources[manager](repository));
      const old = [step("package", { name: "hgtest-main=1.2*" })];
      expect(changes(await run("check", old, shell))).toEqual(["create"]);
      expectDone(await run("apply", old, shell), "changed");
      expectDone(await run("apply", old, shell), "ok");
      expectDone(await run("apply", [step("package", { name: ["hgtest-main=1.2", "hgtest-dep=1.0-1"] })], shell), "ok");
      const latest = [step("package", { name: ["hgtest-main"], state: "latest", update: "false" })];
      const planned = await run("check", latest, shell);
      expect(changes(planned)).toEqual(["change"]);
      expect(planned.frames.flatMap((f) => (f.type === "diff" ? [Buffer.from(f.content).toString()] : []))).toEqual([
        "hgtest-main: 1.2-1 -> 1.3-1\n",
      ]);
      expectDone(await run("apply", latest, shell), "changed");
      expect(changes(await run("check", latest, shell))).toEqual(["none"]);
      expect(await machine.sh("rpm -qa | sort; cat /etc/hgtest-main.conf")).toBe(
        "hgtest-base-1-1.noarch\nhgtest-dep-1.0-1.noarch\nhgtest-main-1.3-1.noarch\n1.3-1",
      );
      const back = [step("package", { name: "hgtest-main=1.2-1" })];
      expectDone(await run("apply", back, shell), "changed");
      expect(await machine.sh("rpm -q hgtest-main")).toBe("hgtest-main-1.2-1.noarch\n");
      expectDone(await run("remove", inverseSteps(old), shell), "changed");
      expect(await machine.sh("rpm -qa; ls /etc/hgtest*")).toMatch(/^hgtest-base-1-1.noarch\nls: cannot access/u);
      expectDone(await run("remove", inverseSteps(old), shell), "ok");
      const unknown = await run("apply", [step("package", { name: "hgtest-nowhere" })], shell);
      expect(done(unknown).message).toMatch(new RegExp(`^${manager} ended with exit code [1-9]`, "u"));
      const never = await run("apply", [step("package", { name: "hgtest-main=9*" })], shell);
      expect(done(never).status).toBe("failed");
    }, 120_000);
  });

  test("packages of others stay, and so does what others need", async () => {
    const repository = place.path("repo");
    mkdirSync(repository);
    await pretend(machine, manager);
    await machine.sh(`chmod 755 '${place.root}'; ${rpmRepository(repository, place.path("build"))}\n${sources[manager](repository)}`);
    const dep = [step("package", { name: "hgtest-dep" })];
    expectDone(await run("apply", dep, "dash"), "changed");
    const both = [step("package", { name: ["hgtest-main", "hgtest-dep"] })];
    expectDone(await run("apply", both, "dash"), "changed");
    expectDone(await run("remove", inverseSteps(both), "dash"), "changed");
    expect(await machine.sh("rpm -qa | sort")).toBe("hgtest-base-1-1.noarch\nhgtest-dep-1.0-1.noarch\n");
    expectDone(await run("apply", [step("package", { name: "hgtest-dep", state: "absent" })], "dash"), "changed");
    expect(await machine.sh("rpm -qa")).toBe("hgtest-base-1-1.noarch\n");
  }, 120_000);
});

test("zypper: a dependency of two roles goes with the second, a package that others need stays for them", async () => {
  const repository = place.path("repo");
  mkdirSync(repository);
  await pretend(machine, "zypper");
  await machine.sh(`chmod 755 '${place.root}'; ${rpmRepository(repository, place.path("build"))}\n${sources.zypper(repository)}`);
  await shareDependency(
    run,
    async () => await machine.sh("rpm -qa --qf '%{NAME}\\n' | grep -v base | sort | tr '\\n' ' '"),
    "bash --posix",
  );
  expect(await machine.sh("rpm -qa")).toBe("hgtest-base-1-1.noarch\n");
  expect(place.remembered()).toEqual([]);
}, 120_000);

describe.each([...shells, busyboxAlone])("an imitation of apk, %s", (shell) => {
  test("packages: a version, the newest, and removed with what came along", async () => {
    await pretend(machine, "apk");
    writeApk(place.path("apk"));
    await machine.sh(
      `chmod 755 '${place.root}'; cp '${place.path("apk")}' /usr/bin/apk; mkdir -p /lib/apk/db /etc/apk; printf 'P:musl\\nV:1.2.5-r0\\nA:x86_64\\n\\n' >/lib/apk/db/installed; echo musl >/etc/apk/world`,
    );
    const old = [step("package", { name: "hgtest-main=1.2*" })];
    expect(changes(await run("check", old, shell))).toEqual(["create"]);
    expectDone(await run("apply", old, shell), "changed");
    expectDone(await run("apply", old, shell), "ok");
    expectDone(await run("apply", [step("package", { name: ["hgtest-main=1.2", "hgtest-dep=1.0-r0", "musl"] })], shell), "ok");
    const latest = [step("package", { name: ["hgtest-main"], state: "latest" })];
    expect(changes(await run("check", latest, shell))).toEqual(["change"]);
    expectDone(await run("apply", latest, shell), "changed");
    const exact = [step("package", { name: "hgtest-main=1.2-r0" })];
    expectDone(await run("apply", exact, shell), "changed");
    expectDone(await run("remove", inverseSteps(old), shell), "changed");
    expect(await machine.sh("cat /lib/apk/db/installed /etc/apk/world")).toBe("P:musl\nV:1.2.5-r0\nA:x86_64\n\nmusl\n");
    const unknown = await run("apply", [step("package", { name: "hgtest-nowhere", update: true })], shell);
    expect(done(unknown).message).toBe("apk ended with exit code 1");
    expect(await machine.sh("cat /var/apk-calls")).toBe(
      [
        "--no-progress --wait 30 update",
        "--no-progress --wait 30 add hgtest-main=~1.2",
        ...Array.from({ length: 1 }, () => "version -l < -- hgtest-main"),
        "version -l < -- hgtest-main",
        "--no-progress --wait 30 add --upgrade hgtest-main",
        "version -l < -- hgtest-main",
        "--no-progress --wait 30 add hgtest-main=1.2-r0",
        "--no-progress --wait 30 del hgtest-main",
        "--no-progress --wait 30 update",
        "--no-progress --wait 30 add hgtest-nowhere",
        "",
      ].join("\n"),
    );
  }, 60_000);
});
