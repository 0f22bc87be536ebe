import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ResolvedStep } from "../../../src/core/jigs/resolved.ts";
import { inverseSteps } from "../../../src/core/jigs/shell/inverse.ts";
import { pretend } from "./foreign-machine.ts";
import { writeOpenrc } from "./imitations.ts";
import { PrivateMachine } from "./private-machine.ts";
import { busyboxAlone, changes, expectDone, nodeRole, Place, type Ran, shells, step } from "./run-script.ts";

let place: Place;
let machine: PrivateMachine;
beforeEach(async () => {
  place = new Place();
  machine = await PrivateMachine.open();
  await pretend(machine, "apk");
  writeOpenrc(place.path("rc-service"), place.path("rc-update"));
  await machine.sh(
    `chmod 755 '${place.root}'; cp '${place.path("rc-service")}' '${place.path("rc-update")}' /usr/bin; mount -t tmpfs tmpfs /run; mkdir -p /run/openrc/started /etc/runlevels/default /etc/runlevels/boot; : >/run/openrc/softlevel; printf '#!/sbin/openrc-run\\n' >/etc/init.d/hgsvc; chmod 755 /etc/init.d/hgsvc`,
  );
});
afterEach(async () => {
  await machine.close();
  place.remove();
});

describe.each([...shells, busyboxAlone])("an imitation of OpenRC, %s", (shell) => {
  const run = (mode: "check" | "apply" | "remove", steps: readonly ResolvedStep[]): Promise<Ran> =>
    place.run({ mode, nodeRole: nodeRole(steps) }, { shell, under: machine.under });
  const look = (): Promise<string> => machine.sh("ls /run/openrc/started /etc/runlevels/default /etc/init.d | grep -v '^$'");

  test("services of packages are started, enabled, restarted when notified, and go back", async () => {
    const before = await look();
    const steps = (content: string) => [
      step("file", { path: place.path("conf"), content }, { notify: ["s"] }),
      step("service", { name: "hgsvc", state: "running", enabled: true }, { id: "s" }),
    ];
    expect(changes(await run("check", steps("1")))).toEqual(["create", "change"]);
    expectDone(await run("apply", steps("1")), "changed");
    expectDone(await run("apply", steps("1")), "ok");
    expectDone(await run("apply", steps("2")), "changed");
    expect(await machine.sh("cat /var/rc-calls; ls -l /etc/runlevels/default | grep -c hgsvc")).toBe("start hgsvc\nrestart hgsvc\n1\n");
    expectDone(await run("remove", inverseSteps(steps("2"))), "changed");
    expect(await look()).toBe(before);
  });

  test("a program of our own has a script for supervise-daemon", async () => {
    const before = await look();
    const steps = [step("service", { name: "hgown", exec: "/bin/sleep 1000", user: "nobody", env: { WORD: "it's" } })];
    expect(changes(await run("check", steps))).toEqual(["create"]);
    expectDone(await run("apply", steps), "changed");
    expectDone(await run("apply", steps), "ok");
    const script = await machine.sh("cat /etc/init.d/hgown; sh -n /etc/init.d/hgown; stat -c %a /etc/init.d/hgown");
    expect(script).toMatch(
      /^#!\/sbin\/openrc-run\n[\s\S]*supervisor=supervise-daemon\ncommand=\/bin\/sh\ncommand_args=\/var\/lib\/halligan\/services\/hgown\/run\ncommand_user=nobody\n[\s\S]*755\n$/u,
    );
    expectDone(await run("remove", inverseSteps(steps)), "changed");
    expect(await look()).toBe(before);
  });
});
