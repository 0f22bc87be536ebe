import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ResolvedStep } from "../../../src/core/jigs/resolved.ts";
import { inverseSteps } from "../../../src/core/jigs/shell/inverse.ts";
import { pretend } from "./foreign-machine.ts";
import { writeAccounts } from "./imitations.ts";
import { PrivateMachine } from "./private-machine.ts";
import { changes, done, expectDone, nodeRole, Place, type Ran, shells, step } from "./run-script.ts";

let place: Place;
let machine: PrivateMachine;
beforeEach(async () => {
  place = new Place();
  machine = await PrivateMachine.open();
  await pretend(machine, "apk");
  writeAccounts(place.path("busybox-accounts"));
  await machine.sh(
    `chmod 755 '${place.root}'; cd /usr/sbin && rm -f useradd usermod userdel groupadd groupmod groupdel adduser addgroup deluser delgroup; cp '${place.path("busybox-accounts")}' . && for name in adduser addgroup deluser delgroup; do ln -s busybox-accounts $name; done`,
  );
});
afterEach(async () => {
  await machine.close();
  place.remove();
});

describe.each(shells)("an imitation of busybox's account tools, %s", (shell) => {
  const run = (mode: "check" | "apply" | "remove", steps: readonly ResolvedStep[]): Promise<Ran> =>
    place.run({ mode, nodeRole: nodeRole(steps) }, { shell, under: machine.under });

  test("groups and users come, join groups, and go", async () => {
    const look = (): Promise<string> => machine.sh("cat /etc/passwd /etc/group; ls -A /home; cut -d: -f1 /etc/shadow");
    const before = await look();
    const steps = [
      step("group", { name: "hgteam", gid: "4001" }),
      step("user", { name: "hgops", uid: 4002, groups: ["hgteam", "daemon"], comment: "The Ops", keys: ["ssh-ed25519 AAAA it's"] }),
      step("user", { name: "hgapp", system: true, home: "/var/lib/hgapp" }, { id: "user:hgapp" }),
    ];
    expect(changes(await run("check", steps))).toEqual(["create", "create", "create"]);
    expectDone(await run("apply", steps), "changed");
    expectDone(await run("apply", steps), "ok");
    expect(
      await machine.sh("id hgops; getent passwd hgops hgapp; getent shadow hgops | cut -d: -f2; cat /home/hgops/.ssh/authorized_keys"),
    ).toMatch(
      /^uid=4002\(hgops\) gid=4002\(hgops\) groups=4002\(hgops\),1\(daemon\),4001\(hgteam\)\nhgops:x:4002:4002:The Ops:\/home\/hgops:\/bin\/sh\nhgapp:x:\d+:\d+::\/var\/lib\/hgapp:\/sbin\/nologin\n\*\nssh-ed25519 AAAA it's\n$/u,
    );
    const more = [steps[0]!, step("user", { name: "hgops", groups: ["hgteam", "daemon", "adm"] }), steps[2]!];
    expectDone(await run("apply", more), "changed");
    expect(await machine.sh("id -nG hgops")).toMatch(/\badm\b/u);
    const changed = await run("apply", [step("user", { name: "hgops", shell: "/bin/dash" })]);
    expect(done(changed).message).toContain("install the package shadow");
    expectDone(await run("remove", inverseSteps(steps)), "changed");
    expect(await look()).toBe(before);
  });
});
