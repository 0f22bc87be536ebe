import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { changes, done, nodeRole, Place, shells, step } from "./run-script.ts";

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

describe.each(shells)("kinds that measure the node, under %s", (shell) => {
  test("what holds, and what does not, with what was seen", async () => {
    const good = [
      step("disk", { path: "/no/such/folder", free: "1K", total: "1M" }, { id: "d1" }),
      step("memory", { total: "1M", available: "1M" }, { id: "m1" }),
      step("clock", { offset: "1m" }, { id: "c1" }),
      step("resolves", { name: "localhost" }, { id: "r1" }),
      step("available", { package: "dpkg" }, { id: "a1" }),
    ];
    const bad = [
      step("disk", { path: "/", total: "900T" }, { id: "d2" }),
      step("memory", { available: "900T" }, { id: "m2" }),
      step("resolves", { name: "localhost", address: "192.0.2.7" }, { id: "r2" }),
      step("resolves", { name: ["localhost", "nothing.invalid"] }, { id: "r3" }),
    ];
    const ran = await place.run({ mode: "check", nodeRole: nodeRole([]), checks: [...good, ...bad], now: Date.now() }, { shell });
    expect(ran.trouble).toBe("");
    expect(changes(ran)).toEqual([...good.map(() => "none"), ...bad.map(() => "change")]);
    const texts = ran.frames.flatMap((frame) => (frame.type === "observed" && frame.change !== "none" ? [frame.observed] : []));
    expect(texts[0]).toMatch(/^the file system of \/ has \d+ [GM]iB in all, 921600 GiB are needed$/u);
    expect(texts[1]).toMatch(/^\d+ [GM]iB of memory are available, 921600 GiB are needed$/u);
    expect(texts[2]).toMatch(/^localhost is \S+, not 192\.0\.2\.7$/u);
    expect(texts[3]).toBe("the name nothing.invalid is not found");
  });

  test("a look at what repositories offer leaves alone what was gathered for the steps", async () => {
    const role = nodeRole([step("package", { name: ["dpkg", "tar"] })]);
    const ran = await place.run({ mode: "check", nodeRole: role, checks: [step("available", { package: "sed" }, { id: "a" })] }, { shell });
    expect(changes(ran)).toEqual(["none", "none"]);
  });

  test("a clock that is off is told with how much, in both directions", async () => {
    const check = async (now: number) => {
      const ran = await place.run({ mode: "check", nodeRole: nodeRole([]), checks: [step("clock", { offset: "10m" })], now }, { shell });
      return ran.frames.flatMap((frame) => (frame.type === "observed" ? [frame.observed] : []))[0];
    };
    expect(await check(Date.now())).toBe("the clock is right");
    expect(await check(Date.now() + 3_600_000)).toMatch(/^the clock is 3[56]\d\d s behind the engine's$/u);
    expect(await check(Date.now() - 3_600_000)).toMatch(/^the clock is 3[56]\d\d s ahead of the engine's$/u);
  });

  test("apply judges them again before the first change, tells all that do not hold, and goes back from nothing", async () => {
    const role = nodeRole([step("file", { path: place.path("made"), content: "x" })], {
      around: { before: [], after: [], onFailure: [step("file", { path: place.path("back"), content: "x" }, { id: "back" })] },
    });
    const checks = [
      step("memory", { total: "900T" }, { id: "m" }),
      step("clock", {}, { id: "c" }),
      step("disk", { path: "/", free: "900T" }, { id: "d" }),
    ];
    const ran = await place.run({ mode: "apply", nodeRole: role, checks, now: Date.now() }, { shell });
    expect(done(ran)).toMatchObject({ status: "failed", message: "a condition for it does not hold; nothing was changed" });
    const ends = ran.frames.flatMap((frame) => (frame.type === "end" ? [frame.status] : []));
    expect(ends).toEqual(["failed", "failed"]);
    const again = await place.run({ mode: "check", nodeRole: role }, { shell });
    expect(changes(again)).toEqual(["create"]);
    const good = await place.run({ mode: "apply", nodeRole: role, checks: checks.slice(1, 2), now: Date.now() }, { shell });
    expect(done(good).status).toBe("changed");
    // The role is here now: what it keeps takes up room.
    const later = await place.run({ mode: "check", nodeRole: role, checks: checks.slice(2), now: Date.now() }, { shell });
    expect(changes(later)).toEqual(["none", "none"]);
  });
});
