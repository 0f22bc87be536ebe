import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ResolvedStep } from "../../../src/core/jigs/resolved.ts";
import { compileScript } from "../../../src/core/jigs/shell/compile.ts";
import { checkResult } from "../../../src/core/run/remote/check.ts";
import { busyboxAlone, nodeRole, Place, shells, step } from "./run-script.ts";

let place: Place;
beforeEach(() => {
  place = new Place();
  for (const name of ["folder", "other"]) mkdirSync(place.path(name));
  writeFileSync(place.path("plain"), "x\n");
  symlinkSync("plain", place.path("link"));
});
afterEach(() => place.remove());

/** Steps that can never be done where something else stands in their place, and what is said of each. */
const hopeless: readonly (readonly [string, (at: (name: string) => string) => ResolvedStep, RegExp])[] = [
  ["a file", (at) => step("file", { path: at("folder"), content: "x" }), /folder is a directory: it is not replaced by a file$/u],
  ["a file of any content", (at) => step("file", { path: at("folder") }), /is a directory: it is not replaced by a file$/u],
  ["a symlink", (at) => step("link", { path: at("folder"), to: "plain" }), /is a directory: it is not replaced by a symlink$/u],
  ["a directory", (at) => step("directory", { path: at("plain") }), /plain exists and is no directory \(.*\): it is not replaced$/u],
  ["a line", (at) => step("line", { path: at("link"), line: "x" }), /link is a symlink: name the file that it points to$/u],
  ["a key", (at) => step("ini", { path: at("folder"), set: { "a.b": "c" } }), /folder is no file/u],
  ["a block", (at) => step("block", { path: at("folder"), block: "x" }), /folder is no file/u],
];

describe.each([...shells, busyboxAlone])("%s", (shell) => {
  const look = async (steps: readonly ResolvedStep[]) => {
    const input = { mode: "check" as const, nodeRole: nodeRole(steps) };
    const { frames, trouble } = await place.run(input, { shell });
    expect(trouble).toBe("");
    return checkResult(compileScript(input), frames, { node: "n1", role: "web" });
  };

  test.each(hopeless)("%s that something else stands in the way of is refused by the check, not by the run", async (_, make, why) => {
    const one = make((name) => place.path(name));
    const { failed, steps } = await look([one]);
    expect(failed).toMatchObject({ code: "CHECK_FAILED", at: { node: "n1", role: "web", step: one.id } });
    expect(failed?.message).toMatch(why);
    expect(steps.map(({ change }) => change)).toEqual(["change"]);
  });

  test("an earlier step of the node-role may clear the way, so nothing is refused then", async () => {
    const clears = step("directory", { path: place.path("folder"), state: "absent" });
    const { failed, steps } = await look([clears, step("file", { path: place.path("folder"), content: "x" })]);
    expect([failed, steps.map(({ change }) => change)]).toEqual([undefined, ["destroy", "change"]]);
  });
});
