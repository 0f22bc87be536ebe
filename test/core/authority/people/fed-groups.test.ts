import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAuthority } from "../../../../src/cli/house/people-desk.ts";
import { openStore } from "../../../../src/core/adapters/store/open.ts";
import { authorise } from "../../../../src/core/authority/authorise.ts";
import { fedLifetimeMs, keepFedGroups, readFedGroups } from "../../../../src/core/authority/people/fed-groups.ts";
import { readKeptPeople } from "../../../../src/core/authority/people/kept.ts";
import type { Store } from "../../../../src/core/ports.ts";

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "halligan-groups-"));
  store = await openStore(join(folder, "state.db"));
  writeFileSync(
    join(folder, "people.yaml"),
    `halligan: 1
people:
  ann: { local: [ann], slack: [T01/U01] }
  bob: { slack: [T01/U02] }
  cy: { slack: [T01/U03] }
groups: { ops: [], leads: [ops, cy] }
roles: { admin: [ann], operator: [ops], approver: [leads] }
`,
  );
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function may(action: "operate" | "approve", principal: string): Promise<boolean> {
  const authority = await createAuthority(folder, store)();
  return authorise({ authority, who: { principal }, action, resource: { kind: "cluster" } }).allowed;
}

describe("groups that Slack keeps", () => {
  test("give their members what the group of people.yaml has, through groups of groups as well", async () => {
    expect(await may("operate", "slack:T01/U02")).toBe(false);
    await keepFedGroups(store, new Map([["ops", ["slack:T01/U02", "slack:T01/U99"]]]), Date.now());
    expect(await may("operate", "slack:T01/U02")).toBe(true);
    expect(await may("approve", "slack:T01/U02")).toBe(true);
    expect(await may("operate", "slack:T01/U03")).toBe(false);
    // in the group, and nobody in people.yaml
    expect(await may("operate", "slack:T01/U99")).toBe(false);
  });

  test("what is older than a minute, or from the future, gives nothing", async () => {
    const members = new Map([["ops", ["slack:T01/U02"]]]);
    for (const off of [-fedLifetimeMs - 5_000, fedLifetimeMs + 5_000]) {
      await keepFedGroups(store, members, Date.now() + off);
      expect(await may("operate", "slack:T01/U02")).toBe(false);
    }
    expect(await readFedGroups(store, Date.now() + fedLifetimeMs + 5_000)).toEqual(members);
  });

  test("a group that people.yaml does not have is no group", async () => {
    await keepFedGroups(
      store,
      new Map([
        ["admins", ["slack:T01/U02"]],
        ["constructor", ["slack:T01/U02"]],
      ]),
      Date.now(),
    );
    expect(await may("operate", "slack:T01/U02")).toBe(false);
  });

  test("who decided then can be read again by its digest", async () => {
    await keepFedGroups(store, new Map([["ops", ["slack:T01/U02"]]]), Date.now());
    const authority = await createAuthority(folder, store)();
    if (authority.mode !== "people") throw new Error("no people");
    const kept = await readKeptPeople(store, authority.people.digest);
    expect(kept?.cluster.operator).toEqual(new Set(["bob"]));
  });
});
