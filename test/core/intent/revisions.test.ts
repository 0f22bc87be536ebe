import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStore } from "../../../src/core/adapters/store/open.ts";
import {
  headRevision,
  listRevisions,
  noteRevision,
  type RevisionEntry,
  findRevision,
  runsByRevision,
} from "../../../src/core/intent/revisions.ts";
import type { Plan } from "../../../src/core/model/plan.ts";
import type { Store } from "../../../src/core/ports.ts";
import { requestRun } from "../../../src/core/run/requests.ts";
import { keepRevision, readRevision, readRevisionText, type Revision } from "../../../src/core/run/revision.ts";
import { planBody } from "../run/plans.ts";

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "halligan-revisions-"));
  store = await openStore(join(folder, "state.db"));
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

async function see(text: string, barclamp: `sha256:${string}` = "sha256:b0", head = true): Promise<RevisionEntry> {
  const revision: Revision = { file: "cluster.yaml", text, barclamps: { base: { folder: "base", digest: barclamp } } };
  const digest = await keepRevision(store, revision, new Map([[barclamp, new Map([["barclamp.yaml", Buffer.from("x")]])]]));
  return await noteRevision(store, digest, revision, { by: "ann", at: 7, head });
}

test("each content has one number, whoever sees it how often, and says how it came about", async () => {
  const [first, again] = await Promise.all([see("a"), see("a")]);
  expect(again.revision).toBe(first.revision);
  const second = await see("b");
  const third = await see("b", "sha256:b1");
  expect(second).toMatchObject({ origin: { kind: "edit" }, before: first.revision });
  expect(third).toMatchObject({ origin: { kind: "barclamps" }, before: second.revision });
  expect(await see("a")).toEqual(first);
  expect((await headRevision(store))?.revision).toBe(first.revision);
  expect((await listRevisions(store)).map((each) => each.revision)).toEqual([third.revision, second.revision, first.revision]);
  const events = (await store.read({ stream: "revisions" })).map((each) => each.data);
  expect(events).toHaveLength(3);
});

test("a revision is found by its number, its digest, and the runs and plans that used it", async () => {
  const entry = await see("a");
  const plan = { id: "P-1", digest: "sha256:1", body: planBody(), author: "ann", at: 1, revision: entry.digest, facts: "sha256:2" } as Plan;
  await store.put("plans", "P-1", plan as never, 0);
  const run = await requestRun(store, plan, "ann", 5);
  for (const name of [entry.revision, entry.digest, entry.digest.slice(7, 15), "P-1", run])
    expect(await findRevision(store, name)).toEqual(entry);
  expect((await runsByRevision(store)).get(entry.digest)).toEqual([
    { run, plan: "P-1", phase: "requested", at: 5, deployments: plan.body.deployments },
  ]);
  await expect(findRevision(store, "V-99")).rejects.toThrow(/REVISION_NOT_FOUND/u);
  await expect(findRevision(store, "R-99")).rejects.toThrow(/RUN_NOT_FOUND/u);
  await expect(findRevision(store, "../../etc")).rejects.toThrow(/REVISION_NOT_FOUND/u);
});

test("of those that no run was asked for the newest 200 are kept, and bundles that others need", async () => {
  const applied = await see("applied", "sha256:old");
  const plan = {
    id: "P-1",
    digest: "sha256:1",
    body: planBody(),
    author: "ann",
    at: 1,
    revision: applied.digest,
    facts: "sha256:2",
  } as Plan;
  await requestRun(store, plan, "ann", 5);
  const lost = await see("lost", "sha256:lost");
  for (let number = 0; number < 200; number += 1) await see(`text ${number}`);
  const all = await listRevisions(store);
  expect(all).toHaveLength(201);
  expect(all.map((each) => each.revision)).toContain(applied.revision);
  expect(await readRevisionText(store, lost.digest)).toBeUndefined();
  expect(await store.get("bundles", "sha256:lost")).toBeUndefined();
  expect((await readRevision(store, applied.digest))?.bundles.get("base")?.size).toBe(1);
  await expect(findRevision(store, lost.revision)).rejects.toThrow(/REVISION_NOT_FOUND/u);
});
