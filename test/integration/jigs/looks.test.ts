import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LookInput, ResolvedStep } from "../../../src/core/jigs/resolved.ts";
import { compileLooks, compileScript } from "../../../src/core/jigs/shell/compile.ts";
import { checkResult } from "../../../src/core/run/remote/check.ts";
import { framesOf } from "../../../src/core/run/remote/look.ts";
import { busyboxAlone, nodeRole, Place, shells, step } from "./run-script.ts";

/** Several node-roles in one script are told what each of them is told alone. */

let place: Place;
beforeEach(() => {
  place = new Place();
  mkdirSync(place.path("folder"), { mode: 0o755 });
  writeFileSync(place.path("plain"), "a = 1\nb = 2\n");
  writeFileSync(place.path("other"), "other\n\n");
  symlinkSync("plain", place.path("link"));
});
afterEach(() => place.remove());

const now = 1_700_000_000_000;

/** Node-roles that look at the same things, in different ways, and have steps of the same names. */
function roles(): readonly LookInput[] {
  const at = (name: string): string => place.path(name);
  const role = (name: string, steps: readonly ResolvedStep[], checks: readonly ResolvedStep[] = []): LookInput => ({
    nodeRole: nodeRole(steps, { id: `n1/${name}` }),
    checks,
  });
  const reload = (more: Partial<ResolvedStep> = {}): ResolvedStep =>
    step("command", { name: "reload", run: "true", on: "notify" }, { id: "command:reload", ...more });
  const command = (name: string, guards: Record<string, string>): ResolvedStep => step("command", { name, run: "true", ...guards });
  return [
    role("files", [
      step("file", { path: at("plain"), content: "a = 1\nb = 3\n" }, { notify: ["command:reload"] }),
      step("directory", { path: at("folder"), mode: "0755" }),
      step("link", { path: at("link"), to: "plain" }),
      reload(),
    ]),
    role("lines", [
      step("line", { path: at("plain"), line: "a = 1", match: "^a" }),
      step("line", { path: at("plain"), line: "b = 9", match: "^b" }),
      step("line", { path: at("other"), line: "a = 1", match: "^a" }),
      step("ini", { path: at("plain"), set: { "x.y": "z" } }),
      reload(),
    ]),
    // Its notification waits on the node, that of its namesakes does not.
    role("waiting", [step("file", { path: at("other"), content: "other\n\n" }, { notify: ["command:reload"] }), reload()]),
    role("hidden", [
      step("line", { path: at("other"), line: "password = hunter2" }, { secret: true }),
      step("file", { path: at("new"), content: "hunter2" }, { secret: true }),
    ]),
    role("refused", [step("file", { path: at("folder"), content: "x" }), step("directory", { path: at("plain") })]),
    role("allowed", [
      step("directory", { path: at("folder"), state: "absent" }),
      step("file", { path: at("folder"), content: "x" }),
      step("file", { path: at("late"), content: "?" }, { unknown: true }),
    ]),
    role("commands", [
      command("done", { unless: "test -d /" }),
      command("open", { unless: "test -e /nonexistent" }),
      command("void", { onlyIf: "exit 3" }),
      command("made", { creates: at("plain") }),
      command("odd", { unless: "exec 1>&2; exit 0" }),
    ]),
    role("more-commands", [command("done", { unless: "false" }), command("open", { unless: "true" }), step("command", { run: "true" })]),
    role("accounts", [
      step("user", { name: "root" }),
      step("user", { name: "nobody-of-halligan" }),
      step("group", { name: "root" }),
      step("group", { name: "none-of-halligan" }),
    ]),
    role(
      "conditions",
      [step("file", { path: at("plain"), content: "a = 1\nb = 2\n" })],
      [
        step("command", { name: "holds", run: "test -d /" }),
        step("command", { name: "does-not", run: "echo because of this; exit 4" }),
        step("memory", { total: "900TB" }, { id: "memory" }),
      ],
    ),
    role("more-conditions", [], [step("command", { name: "holds", run: "echo no; false" })]),
    role("nothing", []),
  ];
}

describe.each([...shells, busyboxAlone])("%s", (shell) => {
  const told = async (inputs: readonly LookInput[]): Promise<readonly unknown[]> => {
    const [first, ...more] = inputs;
    if (first === undefined) throw new Error("nothing to look at");
    const { script, parts } = compileLooks([first, ...more], now);
    const { frames, trouble, log } = await place.runScript({ script }, { shell });
    expect(trouble).toBe("");
    expect(frames.at(-1), log.toString()).toMatchObject({ type: "done", status: "ok" });
    const split = framesOf(parts, frames);
    return inputs.map((input, at) => checkResult(parts[at] ?? { steps: [] }, split[at] ?? [], { node: "n1", role: input.nodeRole.id }));
  };

  test("is what each says alone, in any order", async () => {
    mkdirSync(place.state("pending/waiting"), { recursive: true });
    writeFileSync(place.state(`pending/waiting/${encodeURIComponent("command:reload")}`), "");
    const all = roles();
    const alone: unknown[] = [];
    for (const input of all) {
      const compiled = compileScript({ mode: "check", ...input, now });
      const { frames, trouble } = await place.runScript(compiled, { shell });
      expect(trouble).toBe("");
      alone.push(checkResult(compiled, frames, { node: "n1", role: input.nodeRole.id }));
    }
    expect(await told(all)).toEqual(alone);
    expect(await told(all.toReversed())).toEqual(alone.toReversed());
    // What the comparison is worth: each of these is seen in it.
    const text = JSON.stringify(alone);
    for (const part of ["notified before", "CHECK_FAILED", '"unknown"', "because of this", '"destroy"', "b = 3", "onlyIf does not hold"])
      expect(text).toContain(part);
    expect(text).not.toContain("hunter2");
  });
});
