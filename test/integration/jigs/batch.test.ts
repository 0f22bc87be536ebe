import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { compileScript } from "../../../src/core/jigs/shell/compile.ts";
import { busyboxAlone, expectDone, nodeRole, Place, type Ran, shells, step, withoutPerl } from "./run-script.ts";

let place: Place;
beforeEach(() => void (place = new Place()));
afterEach(() => place.remove());

const file = (path: string, content: string, more = {}) => step("file", { path, content, mode: "0640" }, more);

/** Beginnings and ends of steps, in the order of the log: `+0`, `-0 changed`. */
function order(ran: Ran): readonly string[] {
  return ran.frames.flatMap((frame) => {
    if (frame.type === "begin") return [`+${frame.index}`];
    return frame.type === "end" ? [`-${frame.index} ${frame.status}`] : [];
  });
}

/** The batch of each step, by the settings of the script. */
function batches(...steps: Parameters<typeof nodeRole>[0]): readonly string[] {
  const text = Buffer.concat(compileScript({ mode: "apply", nodeRole: nodeRole(steps) }).script).toString("utf8");
  return steps.map((_, index) => new RegExp(`\\bB_${index}=(\\d*)`, "u").exec(text)?.[1] ?? "missing");
}

describe.each([...shells, busyboxAlone])("%s", (shell) => {
  test("neighbours are applied one after another and looked at together; content arrives byte by byte", async () => {
    const odd = "it's $HOME `x` \\n\n\n  last line without end\t";
    const steps = [
      step("directory", { path: place.path("d"), mode: "0750" }),
      file(place.path("d/a"), odd),
      file(place.path("d/b"), ""),
      file(place.path("d/c"), "c\n"),
    ];
    const ran = await place.run({ mode: "apply", nodeRole: nodeRole(steps) }, { shell });
    expectDone(ran, "changed");
    expect(order(ran)).toEqual(["+0", "+1", "+2", "+3", "-0 changed", "-1 changed", "-2 changed", "-3 changed"]);
    expect(["d/a", "d/b", "d/c"].map((name) => readFileSync(place.path(name), "utf8"))).toEqual([odd, "", "c\n"]);
    expect([statSync(place.path("d")).mode & 0o7777, statSync(place.path("d/a")).mode & 0o7777]).toEqual([0o750, 0o640]);
    expectDone(await place.run({ mode: "apply", nodeRole: nodeRole(steps) }, { shell }), "ok");
  });

  test("when one fails, what came before is said to have changed, and nothing after it begins", async () => {
    const steps = [file(place.path("a"), "a"), file(place.path("none/b"), "b"), file(place.path("c"), "c")];
    const ran = await place.run({ mode: "apply", nodeRole: nodeRole(steps) }, { shell });
    expect(ran.frames.at(-1)).toMatchObject({
      type: "done",
      status: "failed",
      message: expect.stringContaining("none does not exist") as string,
    });
    expect(order(ran)).toEqual(["+0", "+1", "-1 failed", "-0 changed"]);
    expect([existsSync(place.path("a")), existsSync(place.path("c"))]).toEqual([true, false]);
  });

  test("what became something else on its way is applied once more; what then differs still has failed", async () => {
    const tools = join(place.root, "tools");
    mkdirSync(tools);
    withoutPerl(tools);
    // Stands for a folder whose own rules change what is made in it.
    writeFileSync(join(tools, "mv"), `#!/bin/sh\nPATH=/usr/bin:/bin\nmv "$@"\nfor to; do :; done\n[ ! -f "$to" ] || chmod 600 "$to"\n`);
    chmodSync(join(tools, "mv"), 0o755);
    const env = { PATH: `${tools}:${process.env["PATH"]}` };
    const steps = [file(place.path("a"), "a"), file(place.path("b"), "b")];
    const ran = await place.run(
      { mode: "apply", nodeRole: nodeRole(steps) },
      { shell: shell === busyboxAlone ? "busybox ash" : shell, env },
    );
    expectDone(ran, "changed");
    expect(statSync(place.path("b")).mode & 0o7777).toBe(0o640);
    writeFileSync(join(tools, "chmod"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
    const stuck = [file(place.path("c"), "c"), file(place.path("d"), "d")];
    const failed = await place.run(
      { mode: "apply", nodeRole: nodeRole(stuck) },
      { shell: shell === busyboxAlone ? "busybox ash" : shell, env },
    );
    expect(failed.frames.at(-1)).toMatchObject({ status: "failed", message: expect.stringContaining("did not converge") as string });
  });
});

test("steps that could meet, wait, or be told stay out of each other's batch", () => {
  const [a, b] = [file("/srv/a", "a"), file("/srv/b", "b")];
  expect(batches(a, b)).toEqual(["0", "0"]);
  expect(batches(a)).toEqual([""]);
  // the same path twice
  expect(batches(a, b, step("line", { path: "/srv/a", line: "x" }), file("/srv/c", "c"))).toEqual(["0", "0", "1", "1"]);
  // a file below a link that is made before it, and a folder above a file that is
  expect(batches(step("link", { path: "/srv/now", to: "/srv/v1" }), file("/srv/now/a", "a"))).toEqual(["", ""]);
  expect(batches(file("/srv/d/a", "a"), step("directory", { path: "/srv/d" }))).toEqual(["", ""]);
  expect(batches(step("directory", { path: "/srv/d" }), file("/srv/d/a", "a"))).toEqual(["0", "0"]);
  // a command between them may do anything
  expect(batches(a, step("command", { name: "x", run: "true" }), b)).toEqual(["", "", ""]);
  expect(batches(a, file("/srv/r", "r", { retries: 2 }), b)).toEqual(["", "", ""]);
});

test("contents of secrets stand in no variable", () => {
  const secret = file("/srv/s", "hunter2", { secret: true });
  const text = Buffer.concat(compileScript({ mode: "apply", nodeRole: nodeRole([secret, file("/srv/a", "plain")]) }).script).toString(
    "utf8",
  );
  expect(text).toMatch(/^y_\d+=plain$/mu);
  expect(text).not.toMatch(/^y_\d+=.*hunter2/mu);
  expect(Buffer.concat(compileScript({ mode: "check", nodeRole: nodeRole([secret]) }).script).toString("utf8")).not.toContain("hunter2");
});
