import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { compile } from "../../../src/cli/kept-code/compile.ts";
import { createLoader } from "../../../src/cli/kept-code/loader.ts";

let base: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "halligan-loader-"));
});

afterEach(() => rmSync(base, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(base, name)), { recursive: true });
    writeFileSync(join(base, name), text);
  }
}

function load(name: string): unknown {
  return createLoader((file) => compile(file))(join(base, name));
}

test("a file is loaded once, whoever asks for it, and finds its place as under Node.js", () => {
  write({
    "a.cjs": `"use strict"; exports.all = [require("./b.cjs"), require("./b.cjs"), __filename, __dirname, this === exports, module.exports === exports];`,
    "b.cjs": `module.exports = { made: (globalThis.loaderMade = (globalThis.loaderMade ?? 0) + 1) };`,
  });
  const { all } = load("a.cjs") as { readonly all: readonly unknown[] };
  expect(all).toEqual([{ made: 1 }, { made: 1 }, join(base, "a.cjs"), base, true, true]);
});

test("in a cycle each sees what is there so far", () => {
  write({
    "a.cjs": `exports.early = 1; exports.of = require("./b.cjs").seen; exports.late = 2;`,
    "b.cjs": `const a = require("./a.cjs"); exports.seen = Object.keys(a); exports.later = () => a.late;`,
  });
  expect(load("a.cjs")).toEqual({ early: 1, of: ["early"], late: 2 });
});

test("packages, their folders, data files and what is built in are found as Node.js finds them", () => {
  write({
    "a.cjs": `exports.all = [require("p"), require("node:path").sep, require("path").sep, require.resolve("p")];`,
    "node_modules/p/package.json": `{"name":"p","main":"./lib/entry.js"}`,
    "node_modules/p/lib/entry.js": `module.exports = [require("./inner"), require("../data.json"), require("./folder")];`,
    "node_modules/p/lib/inner.js": `module.exports = "inner";`,
    "node_modules/p/lib/folder/index.js": `module.exports = "folder";`,
    "node_modules/p/data.json": `{"is":"data"}`,
  });
  const entry = join(base, "node_modules/p/lib/entry.js");
  expect(load("a.cjs")).toEqual({ all: [["inner", { is: "data" }, "folder"], "/", "/", entry] });
});

test("what is not there is told as Node.js does, and can be asked for in vain", () => {
  write({
    "a.cjs": `let code; try { require("./build/part.node"); } catch (error) { code = error.code; } exports.code = code;`,
    "b.cjs": `require("./gone.cjs");`,
  });
  expect(load("a.cjs")).toEqual({ code: "MODULE_NOT_FOUND" });
  expect(() => load("b.cjs")).toThrow(/gone\.cjs/u);
});

test("an error names file and line as they are", () => {
  write({ "a.cjs": `"use strict";\nconst one = 1;\nthrow new Error("no " + one);\n` });
  const place = `${join(base, "a.cjs")}:3:7`;
  expect(() => load("a.cjs")).toThrow(expect.objectContaining({ message: "no 1", stack: expect.stringContaining(place) as string }));
});
