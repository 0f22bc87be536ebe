import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStore } from "../../../src/core/adapters/store/open.ts";
import { fail } from "../../../src/core/errors.ts";
import { factsHistory, readAllFacts, readFacts, recordFacts } from "../../../src/core/inventory/record.ts";
import { factsDigest } from "../../../src/core/inventory/stable.ts";
import type { Facts } from "../../../src/core/model/facts.ts";
import type { Clock, Store } from "../../../src/core/ports.ts";
import { sampleFacts } from "./sample.ts";

let dir: string;
let store: Store;
let now = 0;
const clock: Clock = { now: () => ++now, sleep: () => Promise.reject(new Error("nothing sleeps here")) };
const named = (hostname: string): Facts => ({ ...sampleFacts, hostname });

beforeEach(async () => {
  now = 1_800_000_000_000;
  dir = mkdtempSync(join(tmpdir(), "hg-facts-"));
  store = await openStore(join(dir, "state.db"));
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

async function seen(node: string): Promise<readonly unknown[]> {
  return (await store.read({ stream: `node:${node}` })).map((event) => [event.type, event.data]);
}

describe("recordFacts", () => {
  it("tells only changes of the stable part, but keeps the latest facts", async () => {
    await recordFacts(store, "lab", "web-1", named("a"), clock);
    await recordFacts(store, "lab", "web-1", { ...named("a"), services: ["cron"] }, clock);
    expect((await readFacts(store, "lab", "web-1"))?.facts.services).toEqual(["cron"]);
    const last = await recordFacts(store, "lab", "web-1", named("b"), clock);
    expect(await seen("web-1")).toEqual([
      ["node.seen", { v: 1, node: "web-1", digest: factsDigest(named("a")), changed: [] }],
      ["node.seen", { v: 1, node: "web-1", digest: factsDigest(named("b")), changed: ["hostname"] }],
    ]);
    expect(await readFacts(store, "lab", "web-1")).toEqual(last);
  });

  it("tells a change back as a change", async () => {
    for (const name of ["a", "b", "a"]) await recordFacts(store, "lab", "web-1", named(name), clock);
    expect(await seen("web-1")).toHaveLength(3);
    expect((await factsHistory(store, "lab", "web-1")).map((record) => record.facts.hostname)).toEqual(["a", "b"]);
  });

  it("keeps the last 20 bodies of a node, and those of others", async () => {
    await recordFacts(store, "lab", "web-10", named("other"), clock);
    for (let index = 1; index <= 23; index++) await recordFacts(store, "lab", "web-1", named(`h${index}`), clock);
    const names = (await factsHistory(store, "lab", "web-1")).map((record) => record.facts.hostname);
    expect(names).toEqual(Array.from({ length: 20 }, (_, index) => `h${23 - index}`));
    expect(await factsHistory(store, "lab", "web-10")).toHaveLength(1);
    expect([...(await readAllFacts(store, "lab")).keys()].sort()).toEqual(["web-1", "web-10"]);
    expect(await readAllFacts(store, "la")).toEqual(new Map());
  });

  it("tells a change once when it is started again after a crash before the last write", async () => {
    await recordFacts(store, "lab", "web-1", named("a"), clock);
    const dying: Store = Object.assign(Object.create(store) as Store, {
      put: (collection: string, ...rest: [string, never, number]) =>
        collection === "facts" ? Promise.reject(fail("STORE_UNAVAILABLE", { message: "gone" })) : store.put(collection, ...rest),
    });
    await expect(recordFacts(dying, "lab", "web-1", named("b"), clock)).rejects.toThrow("STORE_UNAVAILABLE");
    await recordFacts(store, "lab", "web-1", named("b"), clock);
    expect(await seen("web-1")).toHaveLength(2);
    expect((await readFacts(store, "lab", "web-1"))?.facts.hostname).toBe("b");
  });

  it("takes turns with another process that records the same node", async () => {
    const other = await openStore(join(dir, "state.db"));
    try {
      await Promise.all([recordFacts(store, "lab", "web-1", named("a"), clock), recordFacts(other, "lab", "web-1", named("a"), clock)]);
      await Promise.all([recordFacts(store, "lab", "web-1", named("b"), clock), recordFacts(other, "lab", "web-1", named("b"), clock)]);
      expect(await seen("web-1")).toHaveLength(2);
    } finally {
      await other.close();
    }
  });
});
