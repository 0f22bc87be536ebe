import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PrivateMachine } from "./private-machine.ts";
import { changes, done, nodeRole, Place, type Ran, shells, step } from "./run-script.ts";

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

const reboot = (args: Parameters<typeof step>[1] = {}) => step("reboot", { name: "m", ...args }, { id: "reboot:m" });
const observed = (ran: Ran): readonly string[] => ran.frames.flatMap((frame) => (frame.type === "observed" ? [frame.observed] : []));

describe.each(shells)("%s", (shell) => {
  const check = async (...steps: Parameters<typeof nodeRole>[0]): Promise<Ran> => {
    const ran = await place.run({ mode: "check", nodeRole: nodeRole(steps) }, { shell, under: machine.under });
    expect({ ...done(ran), trouble: ran.trouble }).toMatchObject({ status: "ok", trouble: "" });
    return ran;
  };

  test("tells when a reboot is needed, may become so, or was asked for", async () => {
    const kernel = (await machine.sh("uname -r; mount -t tmpfs tmpfs /boot; mount -t tmpfs tmpfs /run")).trim();
    expect(changes(await check(reboot()))).toEqual(["none"]);
    const file = step("file", { path: place.path("f"), content: "x" });
    expect(changes(await check(file, reboot()))).toEqual(["create", "unknown"]);
    expect(changes(await check(reboot(), file))).toEqual(["none", "create"]);
    expect(changes(await check({ ...file, notify: ["reboot:m"] }, reboot({ on: "notify" })))).toEqual(["create", "change"]);
    expect(changes(await check({ ...file, notify: ["reboot:m"] }, reboot()))).toEqual(["create", "change"]);
    expect(changes(await check(file, reboot({ on: "notify" })))).toEqual(["create", "none"]);
    expect(changes(await check(reboot({ on: "always" })))).toEqual(["change"]);
    await machine.sh(": >/run/reboot-required");
    expect(observed(await check(reboot()))).toEqual(["/run/reboot-required is there"]);
    await machine.sh("rm /run/reboot-required");
    const others = ["0-rescue-abc", "1.0.0-1-cloud-amd64", "99.0.0-1-rt-amd64"].map((name) => `: >/boot/vmlinuz-${name}`).join(";");
    await machine.sh(`: >/boot/vmlinuz-${kernel}; ${others}`);
    expect(changes(await check(reboot()))).toEqual(["none"]);
    const newer = `100.${kernel}`;
    await machine.sh(`: >/boot/vmlinuz-${newer}`);
    expect(observed(await check(reboot()))).toEqual([`kernel ${newer} is installed, ${kernel} runs`]);
    expect(changes(await check(reboot({ kernel: false })))).toEqual(["none"]);
  });
});
