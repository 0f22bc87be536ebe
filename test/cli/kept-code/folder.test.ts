import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keptCodeFolder } from "../../../src/cli/kept-code/folder.ts";

let base: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "halligan-code-"));
});

afterEach(() => rmSync(base, { recursive: true, force: true }));

test("compiled code is kept in a folder of one's own, which is made", () => {
  const folder = keptCodeFolder({ XDG_CACHE_HOME: join(base, "cache") });
  expect(folder).toBe(join(base, "cache", "halligan"));
  expect(statSync(join(base, "cache", "halligan")).mode & 0o777).toBe(0o700);
  expect(keptCodeFolder({ XDG_CACHE_HOME: join(base, "cache") })).toBe(folder);
});

test("without a named place, or with a relative one, it is below the home folder", () => {
  for (const env of [{}, { XDG_CACHE_HOME: "" }, { XDG_CACHE_HOME: "cache" }])
    expect(keptCodeFolder(env, () => base)).toBe(join(base, ".cache", "halligan"));
});

test("a home folder that is not there is not made", () => {
  expect(keptCodeFolder({}, () => join(base, "nonexistent"))).toBeUndefined();
  expect(existsSync(join(base, "nonexistent"))).toBe(false);
});

test("nothing is kept where others could put code that would be run", () => {
  const env = { XDG_CACHE_HOME: base };
  const folder = join(base, "halligan");
  mkdirSync(folder);
  chmodSync(folder, 0o777);
  expect(keptCodeFolder(env)).toBeUndefined();
  chmodSync(folder, 0o775);
  expect(keptCodeFolder(env)).toBeUndefined();
  chmodSync(folder, 0o755);
  expect(keptCodeFolder(env)).toBe(folder);

  rmSync(folder, { recursive: true });
  mkdirSync(join(base, "elsewhere"));
  symlinkSync(join(base, "elsewhere"), folder);
  expect(keptCodeFolder(env)).toBeUndefined();

  rmSync(folder);
  writeFileSync(folder, "");
  expect(keptCodeFolder(env)).toBeUndefined();
});

test.runIf(process.getuid?.() === 0)("nor in a folder that belongs to somebody else, as root too", () => {
  const folder = join(base, "halligan");
  mkdirSync(folder, { mode: 0o700 });
  chownSync(folder, 65_534, 65_534);
  expect(keptCodeFolder({ XDG_CACHE_HOME: base })).toBeUndefined();
});
