import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { completed, gapsOf } from "../scripts/lib/lock-file.mjs";

const lock = JSON.parse(readFileSync(new URL("../package-lock.json", import.meta.url), "utf8"));

test("package-lock.json describes the binaries for every platform (else: node scripts/complete-lock.mjs)", () => {
  expect(gapsOf(lock)).toEqual([]);
});

test("a gap is found, and filled with the platform that the name says", () => {
  const { "node_modules/@biomejs/cli-linux-x64-musl": known, ...others } = lock.packages;
  const broken = { ...lock, packages: others };
  const filled = { version: known.version, cpu: ["x64"], libc: ["musl"], os: ["linux"], dev: true, optional: true };
  expect(gapsOf(broken)).toEqual([["node_modules/@biomejs/cli-linux-x64-musl", filled]]);
  expect(gapsOf(completed(broken))).toEqual([]);
});
