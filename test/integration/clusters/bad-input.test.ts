import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ClusterFolder } from "../barclamps/halligan.ts";

const head = "halligan: 1\ncluster: x\nnodes: { n1: { address: 127.0.0.9 }, n2: { address: 127.0.0.10 } }\n";
let cluster: ClusterFolder;

beforeAll(() => {
  cluster = new ClusterFolder(mkdtempSync(join(tmpdir(), "halligan-bad-")));
  for (const name of ["p1", "p2"]) {
    mkdirSync(join(cluster.folder, "barclamps", name), { recursive: true });
    const roles = `{ ${name}-server: { provides: [sql] }, ${name}-user: { requires: [sql] } }`;
    writeFileSync(join(cluster.folder, "barclamps", name, "barclamp.yaml"), `barclamp: ${name}\nversion: 1.0.0\nroles: ${roles}\n`);
  }
});
afterAll(() => {
  rmSync(cluster.folder, { recursive: true });
});

/** What `validate --json` says about a cluster file: `CODE line:column message`. */
async function told(text: string): Promise<readonly string[]> {
  writeFileSync(cluster.file, text);
  const outcome = await cluster.run("validate", "--json");
  const { problems } = JSON.parse(outcome.stdout) as {
    readonly problems: readonly {
      readonly code: string;
      readonly message: string;
      readonly hint: string;
      readonly at?: { readonly line?: number };
    }[];
  };
  expect([outcome.code, outcome.stderr]).toEqual([problems.length === 0 ? 0 : 2, ""]);
  return problems.map((each) => `${each.code} ${each.at?.line ?? "-"} ${each.message} ${each.hint}`);
}

test("the line that the hint of an ambiguous provider prints works", async () => {
  const text = `${head}deployments:\n  d:\n    place: { p1-user: n1, p1-server: n2, p2-server: n2 }\n`;
  const [problem = ""] = await told(text);
  expect(problem).toContain("PROVIDER_AMBIGUOUS");
  const [, use = ""] = /`(use: [^`]+)`/u.exec(problem) ?? [];
  expect(await told(text.replace("    place", `    ${use}\n    place`))).toEqual([]);
});

test("missing providers and circles are told before any plan, with the path", async () => {
  expect(await told(`${head}deployments: { d: { place: { p1-user: n1 } } }\n`)).toEqual([expect.stringContaining("PROVIDER_MISSING")]);
  const circle = "barclamp: p2\nversion: 1.0.0\nroles: { c1: { requires: [c2] }, c2: { requires: [c1] } }\n";
  writeFileSync(join(cluster.folder, "barclamps/p2/barclamp.yaml"), circle);
  expect(await told(`${head}deployments: { d: { place: { c1: n1, c2: all } } }\n`)).toEqual([expect.stringContaining("c1 -> c2 -> c1")]);
});

test("a folder in the place of a file is said to lack the file", async () => {
  mkdirSync(join(cluster.folder, "folder.yaml"));
  const outcome = await cluster.run("validate", "-f", "folder.yaml", "--json");
  expect(outcome.stdout).toContain("folder.yaml/cluster.yaml: it does not exist");
});
