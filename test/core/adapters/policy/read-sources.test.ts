import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readPolicyFixtures, readPolicySources } from "../../../../src/core/adapters/policy/read-sources.ts";
import { HalliganError } from "../../../../src/core/errors.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "halligan-policy-files-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const codes = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => "read",
    (error: unknown) => (error instanceof HalliganError ? error.problems.map((each) => each.code) : error),
  );

test("a folder without rules has none of its own, and those that come with Halligan", async () => {
  const { own, shipped } = await readPolicySources(folder);
  expect(own).toEqual([]);
  expect(shipped.map((each) => each.file.split("/").at(-1))).toEqual(["shipped.yaml"]);
  expect((await readPolicyFixtures(undefined)).length).toBeGreaterThan(10);
});

test("YAML files are read in the order of their names; folders, hidden files and others are not", async () => {
  mkdirSync(join(folder, "policy/fixtures"), { recursive: true });
  for (const name of ["b.yaml", "a.yml", ".hidden.yaml", "notes.txt", "fixtures/x.yaml"]) writeFileSync(join(folder, "policy", name), name);
  expect((await readPolicySources(folder)).own.map((each) => each.text)).toEqual(["a.yml", "b.yaml"]);
  expect((await readPolicyFixtures(folder)).map((each) => each.text)).toEqual(["fixtures/x.yaml"]);
});

test("rules that are there and cannot be read are a problem, not no rules", async () => {
  symlinkSync("/nonexistent", join(folder, "policy"));
  expect(await codes(readPolicySources(folder))).toEqual(["FILE_NOT_FOUND"]);
  rmSync(join(folder, "policy"));
  writeFileSync(join(folder, "policy"), "a file");
  expect(await codes(readPolicySources(folder))).toEqual(["FILE_NOT_FOUND"]);
  rmSync(join(folder, "policy"));
  mkdirSync(join(folder, "policy"));
  symlinkSync("/nonexistent", join(folder, "policy/rules.yaml"));
  expect(await codes(readPolicySources(folder))).toEqual(["FILE_NOT_FOUND"]);
});
