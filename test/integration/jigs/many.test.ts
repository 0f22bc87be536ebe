import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compileScript } from "../../../src/core/jigs/shell/compile.ts";
import { wholeOf } from "../../../src/core/jigs/script.ts";
import { changes, expectDone, nodeRole, Place, shells, step } from "./run-script.ts";

const files = (place: Place, count: number) =>
  nodeRole([
    step("directory", { path: place.path("d") }),
    ...Array.from({ length: count }, (_, at) => step("file", { path: place.path(`d/${at}`), content: `${at}\n`, mode: "0640" })),
    step("line", { path: place.path("d/7"), line: "more" }, { id: "more" }),
  ]);

test.each(shells)("a role of many files is applied, and then there is nothing to do: %s", async (shell) => {
  const place = new Place();
  try {
    const role = files(place, 130);
    expectDone(await place.run({ mode: "apply", nodeRole: role }, { shell }), "changed");
    expect(readFileSync(place.path("d/129"), "utf8")).toBe("129\n");
    expect(readFileSync(place.path("d/7"), "utf8")).toBe("7\nmore\n");
    // All but the file whose content and whose line undo each other.
    const settled = nodeRole(role.steps.filter(({ args }) => !("path" in args && args["path"] === place.path("d/7"))));
    expect(new Set(changes(await place.run({ mode: "check", nodeRole: settled }, { shell })))).toEqual(new Set(["none"]));
  } finally {
    place.remove();
  }
});

test("where there are many paths, what functions look up stands before the paths, each once; a small script does without", () => {
  const place = new Place();
  try {
    const text = (count: number): string => wholeOf(compileScript({ mode: "apply", nodeRole: files(place, count) }).script).toString();
    const [first = "", many = ""] = text(130).split("\n");
    expect(first).toMatch(/^hg_data= hg_base=\d+ *$/u);
    const names = many.split(" ");
    expect(names).toEqual(expect.arrayContaining(["hg_change=", "hg_i=", "hg_line=", "hg_retries=", "k=", "p=", "t="]));
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z_]+=$/u.test(name))).toEqual([]);
    expect(text(20).split("\n")[1]).toBe("set -f");
  } finally {
    place.remove();
  }
});
