import { globSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { readSource, violations } from "./support/layers.ts";

const root = join(import.meta.dirname, "..");

function sourcesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourcesBelow(path);
    return /\.[cm]?[jt]sx?$/.test(entry.name) ? [relative(root, path)] : [];
  });
}

describe("the house", () => {
  const files = sourcesBelow(join(root, "src"));

  test("every file keeps the rules", () => {
    expect(files.flatMap((path) => violations(path, readFileSync(join(root, path), "utf8")))).toEqual([]);
  });

  test("the scan saw every source file and their imports", () => {
    const independent = globSync("src/**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}", { cwd: root });
    expect(files.toSorted()).toEqual(independent.toSorted());
    expect(files).toContain("src/core/errors.ts");
    const imports = files.map((path) => readSource(path, readFileSync(join(root, path), "utf8")).imports.length);
    const textual = files.filter((path) => /^(import|export)\b.*\bfrom "/m.test(readFileSync(join(root, path), "utf8")));
    expect(imports.filter((count) => count > 0).length).toBeGreaterThanOrEqual(textual.length);
    expect(textual.length).toBeGreaterThan(0);
  });

  test("there is no file of another kind of code", () => {
    expect(files.filter((path) => !/\.tsx?$/.test(path))).toEqual([]);
  });
});

describe("planted violations are caught", () => {
  const planted: readonly (readonly [string, string, RegExp])[] = [
    ["src/core/plan/a.ts", 'import { readFileSync } from "node:fs";', /core imports only/],
    ["src/core/plan/a.ts", 'import { readFileSync } from "fs";', /core imports only/],
    ["src/core/plan/a.ts", 'import type { Stats } from "node:fs";', /core imports only/],
    ["src/core/plan/a.ts", 'export { spawn } from "node:child_process";', /core imports only/],
    ["src/core/plan/a.ts", 'export * from "node:net";', /core imports only/],
    ["src/core/plan/a.ts", 'const fs = await import("node:fs");', /core imports only/],
    ["src/core/plan/a.ts", "const fs = await import(`node:fs`);", /core imports only/],
    ["src/core/plan/a.ts", "const fs = await import(name);", /computed/],
    ["src/core/plan/a.ts", 'type S = import("node:fs").Stats;', /core imports only/],
    ["src/core/plan/a.ts", 'import fs = require("node:fs");', /core imports only/],
    ["src/core/plan/a.ts", 'const fs = require("node:fs");', /core imports only/],
    ["src/core/plan/a.ts", 'const fs = process.getBuiltinModule("fs");', /core imports only/],
    ["src/core/plan/a.ts", 'import "ssh2";', /core imports only/],
    ["src/core/plan/a.ts", 'import { inspect } from "node:util";', /core imports only/],
    ["src/core/engine.ts", 'import { x } from "./adapters/ssh.ts";', /composition root/],
    ["src/core/plan/a.ts", 'import type { X } from "../adapters/ssh.ts";', /composition root/],
    ["src/core/plan/a.ts", 'import { x } from "../../cli/main.ts";', /core imports only core/],
    ["src/core/adapters/a.ts", 'import { x } from "../../tui/app.ts";', /core imports only core/],
    ["src/core/plan/a.ts", 'import { x } from "../../../test/x.ts";', /outside of src/],
    ["src/core/run/a.ts", 'import { x } from "../words/say.ts";', /front ends choose words/],
    ["src/bot/a.ts", 'import { x } from "../tui/app.ts";', /bot imports only core/],
    ["src/tui/a.tsx", 'import { x } from "../bot/app.ts";', /tui imports only core/],
    ["src/tui/a.tsx", 'import { x } from "../cli/main.ts";', /tui imports only core/],
    ["src/bot/a.ts", 'import { x } from "../core/adapters/ssh.ts";', /composition root/],
    ["src/bot/a.ts", 'import { readFileSync } from "node:fs";', /touch the outside/],
    ["src/tui/a.tsx", 'import { Client } from "ssh2";', /touch the outside/],
    ["src/core/adapters/a.ts", '\nthrow new Error("x");', /a\.ts:2 throws a bare error/],
    ["src/cli/a.ts", 'throw Error("x");', /bare error/],
    ["src/core/plan/utils.ts", "export const x = 1;", /called utils/],
  ];

  test.each(planted)("%s: %s", (path, text, expected) => {
    expect(violations(path, text).join("\n")).toMatch(expected);
  });

  test("a file that is too long", () => {
    expect(violations("src/core/plan/a.ts", "f();\n".repeat(350))).toEqual([]);
    expect(violations("src/core/plan/a.ts", "f();\n".repeat(351))).toEqual(["src/core/plan/a.ts has 351 lines: split it (at most 350)"]);
  });

  test("a file that does not parse is an error, not an empty file", () => {
    expect(() => violations("src/core/a.ts", "import {")).toThrow("src/core/a.ts");
  });
});

describe("what the house allows passes", () => {
  const allowed: readonly (readonly [string, string])[] = [
    ["src/core/plan/a.ts", 'import { z } from "zod"; import { createHash } from "node:crypto"; import { x } from "../model/x.ts";'],
    [
      "src/core/adapters/ssh/a.ts",
      'import { Client } from "ssh2"; import { readFile } from "node:fs/promises"; import { fail } from "../../errors.ts";',
    ],
    ["src/core/commands/a.ts", 'import { x } from "../words/say.ts";'],
    [
      "src/cli/main.ts",
      'import process from "node:process"; import { x } from "../core/adapters/a.ts"; import { y } from "../tui/app.ts";',
    ],
    ["src/bot/a.ts", 'import { App } from "@slack/bolt"; import { x } from "../core/engine.ts";'],
    ["src/core/plan/a.ts", 'throw fail("BUG", { message: "x" });'],
  ];

  test.each(allowed)("%s: %s", (path, text) => {
    expect(violations(path, text)).toEqual([]);
  });
});
