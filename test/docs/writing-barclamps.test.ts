import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { halligan, temporaryFolder } from "../cli/run-cli.ts";

const text = readFileSync(new URL("../../docs/writing-barclamps.md", import.meta.url), "utf8");
const blocks = [...text.matchAll(/^```(?:yaml|sh)?\n([\s\S]*?)^```$/gmu)].flatMap((match) => match[1] ?? []);

function insertBehind(file: string, line: RegExp, block: string): void {
  const lines = readFileSync(file, "utf8").split("\n");
  const at = lines.findIndex((each) => line.test(each));
  expect(at).toBeGreaterThan(0);
  writeFileSync(file, lines.toSpliced(at + 1, 0, block.trimEnd()).join("\n"));
}

test("what the page tells an author to do does what it says", { timeout: 120_000 }, async () => {
  using folder = temporaryFolder();
  const [attribute = "", step = "", failure = "", change = "", again = ""] = blocks.filter((each) => /signature/u.test(each));
  const barclamp = join(folder.path, "barclamps/motd/barclamp.yaml");
  const fixtures = join(folder.path, "barclamps/motd/fixtures");
  const run = async (...args: readonly string[]): Promise<string> => (await halligan(args, { cwd: folder.path })).stdout;
  await run("barclamp", "new", "motd");
  expect(await run("barclamp", "test", "motd")).toContain("1 passed, 0 failed");
  expect(await run("barclamp", "lint", "motd")).toBe("motd fine\n");
  insertBehind(barclamp, /^attributes:/u, attribute);
  insertBehind(barclamp, /^ +- template:/u, step);
  expect(await run("barclamp", "test", "motd")).toContain(failure);
  insertBehind(join(fixtures, "first-time.yaml"), /^changes:/u, change);
  writeFileSync(join(fixtures, "again.yaml"), again);
  expect(await run("barclamp", "test", "motd")).toContain("2 passed, 0 failed");
  const [deployments = ""] = blocks.filter((each) => each.startsWith("deployments:"));
  writeFileSync(join(folder.path, "cluster.yaml"), `halligan: 1\ncluster: c\nnodes: { n1: { address: 127.0.0.1 } }\n${deployments}`);
  expect(await run("validate")).toContain("valid ");
});
