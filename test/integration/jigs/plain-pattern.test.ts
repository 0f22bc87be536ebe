import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isPlainPattern } from "../../../src/core/jigs/shell/plain-pattern.ts";
import { helperProgram } from "../../../src/core/jigs/shell/prelude/helper-program.ts";

const program = helperProgram(["matching"]);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hg-plain-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Lines that grep finds, and those that the helper finds; `undefined` where it leaves that to grep. */
function found(pattern: string, text: string): readonly [string, string | undefined] {
  const [file, told] = [join(folder, "text"), join(folder, "told")];
  writeFileSync(file, text, "latin1");
  const grep = spawnSync("grep", ["-snHE", "-e", pattern, "--", file], { encoding: "latin1", env: { ...process.env, LC_ALL: "C" } });
  expect(grep.status, pattern).toBeLessThan(2);
  const words = [`matching ${told}`, "--", "1", pattern, file].join("\t");
  const answer = execFileSync("perl", ["-e", program], { input: `hello\n5 ${words.length}\n${words}\n`, encoding: "latin1" });
  if (answer !== "hello\ndone\n") return [grep.stdout, undefined];
  return [grep.stdout, execFileSync("sh", ["-c", `. '${told}'; printf %s "$hg_matches"`], { encoding: "latin1" }).slice(1)];
}

describe("plain patterns", () => {
  test.each([
    "^UMASK",
    "^#?PermitRootLogin",
    "^hgbench[[:space:]]+soft[[:space:]]+nofile",
    "^HGBENCH_HOME=/opt/hgbench$",
    "^net\\.core\\.somaxconn",
    "key = .*",
    "^[#;]? *[A-Za-z0-9_-]+$",
    "^\\[main\\]$",
  ])("%s is one", (pattern) => expect(isPlainPattern(pattern)).toBe(true));

  test.each([
    "",
    "^",
    "$",
    "a|b",
    "(a)",
    "a{2}",
    "a\\b",
    "\\w",
    "\\<a",
    "a**",
    "a+?",
    "*a",
    "^*",
    "a^b",
    "a$b",
    "[a\\]]",
    "[[.a.]]",
    "a*b*c*",
    "a+b+",
    "ä",
    "a\tb",
    "[^]a]",
  ])("%s is none", (pattern) => expect(isPlainPattern(pattern)).toBe(false));

  test("find the same lines in the helper as with grep", () => {
    const atom = fc.constantFrom(
      "a",
      "b",
      " ",
      "=",
      ".",
      "\\.",
      "\\[",
      "\\$",
      "-",
      "[ab]",
      "[^a]",
      "[[:space:]]",
      "[^[:alnum:]_]",
      "[a-c-]",
    );
    const piece = fc.tuple(atom, fc.constantFrom("", "", "", "*", "+", "?")).map((parts) => parts.join(""));
    const pattern = fc
      .tuple(fc.constantFrom("", "^"), fc.array(piece, { minLength: 1, maxLength: 5 }), fc.constantFrom("", "$"))
      .map(([start, pieces, end]) => start + pieces.join("") + end)
      .filter((each) => isPlainPattern(each));
    const text = fc
      .array(fc.constantFrom("a", "b", "c", " ", "=", ".", "[", "$", "-", "\n", "\n", "\r", "\xe9"), { maxLength: 60 })
      .map((each) => each.join(""));
    let told = 0;
    fc.assert(
      fc.property(pattern, text, (each, content) => {
        const [grep, helper] = found(each, content);
        expect(helper).toBe(grep);
        told++;
      }),
      { numRuns: 300 },
    );
    expect(told).toBeGreaterThanOrEqual(300);
    expect(readFileSync(join(folder, "told"), "utf8")).toMatch(/^hg_matches=/u);
  });
});
