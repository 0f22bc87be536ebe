import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStore } from "../../../src/core/adapters/store/open.ts";
import type { Store } from "../../../src/core/ports.ts";
import { keepDrift, readDrift, settleDrift } from "../../../src/core/run/drift-kept.ts";
import type { DriftFound } from "../../../src/core/run/drift.ts";

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "hg-drift-"));
  store = await openStore(join(folder, "state.db"));
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const at = (node: string): Pick<DriftFound, "id" | "node" | "deployment" | "run" | "plan"> => ({
  id: `${node}/web`,
  node,
  deployment: "web",
  run: "R-1",
  plan: "P-1",
});
const same = (node: string): DriftFound => ({ ...at(node), state: "same" });
const drifted = (node: string): DriftFound => ({ ...at(node), state: "drifted", steps: [], accept: [] });
const standing = ["n1", "n2", "n3"].map(at);

test("it is kept which nodes were looked at, and when", async () => {
  await keepDrift(store, [same("n1")], { at: 1000, by: "ann", standing });
  expect(await readDrift(store)).toMatchObject({ checked: 1, nodes: { n1: 1000 }, nodeRoles: [] });
  await keepDrift(store, [same("n2"), drifted("n1")], { at: 2000, by: "bob", standing });
  expect((await readDrift(store))?.nodes).toEqual({ n1: 2000, n2: 2000 });
  await keepDrift(store, [same("n2")], { at: 3000, by: "bob", standing: standing.slice(1) });
  const kept = await readDrift(store);
  expect([kept?.nodes, kept?.nodeRoles]).toEqual([{ n2: 3000 }, []]);
});

test("findings stay until somebody looks again or a run has settled them", async () => {
  await keepDrift(store, [drifted("n1"), drifted("n2")], { at: 1000, by: "ann", standing });
  await keepDrift(store, [same("n1")], { at: 2000, by: "ann", standing });
  expect((await readDrift(store))?.nodeRoles.map(({ id, at: since }) => [id, since])).toEqual([["n2/web", 1000]]);
  await settleDrift(store, new Set(["n2/web"]));
  expect((await readDrift(store))?.nodeRoles).toEqual([]);
});
