import { expect, test } from "vitest";
import { compileScript } from "../../../src/core/jigs/shell/compile.ts";
import { nodeRole, step } from "../../integration/jigs/run-script.ts";

type Steps = Parameters<typeof nodeRole>[0];

/** Of each step: how much it may change, and whether it looks again where only such changes came before it; as the settings of the script say. */
function looks(...steps: Steps): readonly string[] {
  const text = Buffer.concat(compileScript({ mode: "apply", nodeRole: nodeRole(steps) }).script).toString("utf8");
  return steps.map((_, index) => {
    const [, breadth, again] = new RegExp(`\\bF_${index}=(\\w) X_${index}=(\\d)`, "u").exec(text) ?? [];
    return `${breadth}${again === "1" ? " again" : ""}`;
  });
}

const file = (path: string, more = {}) => step("file", { path, content: "x", ...more });
const ini = (path: string, key: string) => step("ini", { path, set: { [key]: "1" } }, { id: key });
const command = (unless: string) => step("command", { name: unless, run: "true", unless });

test("steps on paths of their own leave what others look at alone", () => {
  expect(looks(file("/a/x"), file("/a/y"), ini("/a/z", "k"), step("archive", { path: "/s.tar", dest: "/a/app" }))).toEqual([
    "1",
    "1",
    "1",
    "1",
  ]);
});

test("who looks at a path of an earlier step looks again, unless somebody has since", () => {
  expect(looks(file("/a/x"), ini("/a/x", "k"), ini("/a/x", "l"))).toEqual(["1", "1 again", "1"]);
  expect(looks(ini("/a/x", "k"), file("/a/x"))).toEqual(["1", "1 again"]);
  expect(looks(step("archive", { path: "/s.tar", dest: "/a/app" }), file("/a/app/x"))).toEqual(["1", "1 again"]);
  expect(looks(step("link", { path: "/a/now", to: "/b" }), file("/a/now/x"))).toEqual(["1", "1 again"]);
});

test("new accounts matter to who looks at accounts, not to paths; the files of accounts matter to all", () => {
  const group = step("group", { name: "g" });
  const user = step("user", { name: "u", group: "g", system: true });
  expect(looks(group, user, file("/a/x", { owner: "u:g" }))).toEqual(["c", "c", "1"]);
  expect(looks(user, step("group", { name: "u" }))).toEqual(["c", "c again"]);
  expect(looks(file("/etc/passwd"), user, file("/a/x"))).toEqual(["1", "c again", "1 again"]);
});

test("whatever may change anything says so, and guards, packages and services are always asked again", () => {
  expect(looks(step("user", { name: "u" }), command("a"), command("b"))).toEqual(["2", "2 again", "2 again"]);
  expect(looks(file("/a/x"), step("package", { name: "p" }), step("service", { name: "s", state: "running" }))).toEqual([
    "1",
    "2 again",
    "2 again",
  ]);
});

test("one file by two names is one file, where that can be told", () => {
  expect(looks(file("/lib/x/y"), ini("/usr/lib/x/y", "k"))).toEqual(["1", "1 again"]);
  expect(looks(file("/var/run/y"), ini("/run/y", "k"))).toEqual(["1", "1 again"]);
  const link = step("link", { path: "/srv/now", to: "/srv/1" });
  expect(looks(link, file("/srv/now/x"), ini("/srv/1/x", "k"), ini("/etc/y", "l"))).toEqual(["1", "1 again", "1 again", "1 again"]);
});
