import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import { loadBarclamp } from "../../src/core/files/load-barclamp.ts";
import { loadCluster } from "../../src/core/files/load-cluster.ts";
import { fixtureStateSchema } from "../../src/core/jigs/shell/fixture-state.ts";
import { keysAt } from "../../src/core/files/schema-keys.ts";
import { barclampFileSchema, stepCommonSchema } from "../../src/core/model/barclamp-file.ts";
import { clusterFileSchema } from "../../src/core/model/cluster-file.ts";
import { migrationFixtureSchema } from "../../src/core/model/fixture-migration-file.ts";
import { fixtureFileSchema } from "../../src/core/model/fixture-file.ts";
import { lockFileSchema } from "../../src/core/model/lock-file.ts";
import { fakeKinds } from "../core/files/kinds.ts";

const text = readFileSync(new URL("../../docs/file-formats.md", import.meta.url), "utf8");

/** Keys of the table below a heading. */
function tableBelow(heading: string): readonly string[] {
  const section = text.split(/^#+ /mu).find((each) => each.startsWith(`${heading}\n`)) ?? "";
  return [...section.matchAll(/^\| `(\w+)` \|/gmu)].flatMap((match) => match[1] ?? []);
}

test.each<readonly [string, z.ZodType, readonly string[]]>([
  ["Top level", clusterFileSchema, []],
  ["ssh", clusterFileSchema, ["ssh"]],
  ["nodes", clusterFileSchema, ["nodes", "x"]],
  ["groups", clusterFileSchema, ["groups", "x"]],
  ["deployments", clusterFileSchema, ["deployments", "x"]],
  ["place", clusterFileSchema, ["deployments", "x", "place", "x"]],
  ["rollout", clusterFileSchema, ["deployments", "x", "rollout"]],
  ["secrets", clusterFileSchema, ["deployments", "x", "secrets", "x"]],
  ["freezes", clusterFileSchema, ["freezes", "x"]],
  ["Barclamp", barclampFileSchema, []],
  ["Attributes", barclampFileSchema, ["attributes", "x"]],
  ["Roles", barclampFileSchema, ["roles", "x"]],
  ["Steps", stepCommonSchema, []],
  ["Fixtures", fixtureFileSchema(z.unknown()), []],
  ["What a node looks like", fixtureStateSchema, []],
  ["Fixtures of migrations", migrationFixtureSchema, []],
  ["halligan.lock", lockFileSchema, ["barclamps", "x"]],
])("the table of %s has every key of the schema and no other", (heading, schema, path) => {
  const keys = keysAt(schema, path);
  expect(keys.length).toBeGreaterThan(1);
  expect(tableBelow(heading)).toEqual(keys);
});

test("the examples load", () => {
  const [cluster = "", barclamp = ""] = [...text.matchAll(/```yaml\n([\s\S]*?)```/gu)].flatMap((match) => match[1] ?? []);
  expect(loadCluster({ file: "x", text: cluster, defaults: { user: "u" } }).problems).toEqual([]);
  expect(loadBarclamp({ folder: "", files: new Map([["barclamp.yaml", new TextEncoder().encode(barclamp)]]) }, fakeKinds).problems).toEqual(
    [],
  );
});
