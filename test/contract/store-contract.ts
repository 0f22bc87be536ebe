import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { HalliganError } from "../../src/core/errors.ts";
import type { Json, Store, StoredEvent } from "../../src/core/ports.ts";
import { act, spamUntilKilled } from "../support/store-processes.ts";

/** A new empty store for one case. */
export interface FreshStore {
  /** What `openStore` takes, so that other processes can open the same store. */
  readonly url: string;
  /** Opens it once more; `clock` replaces the store's clock, `room` limits how many bytes it may hold. */
  open(options?: { readonly clock?: { now(): number }; readonly room?: number }): Promise<Store>;
  /** Removes everything. */
  dispose(): Promise<void>;
}

/** The code of the problem that a promise is rejected with; fails when it is kept. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no error",
    (error: HalliganError) => error.code ?? String(error),
  );
}

const event = (n: number): { type: string; data: Json } => ({ type: "counted", data: { n } });

/** Everything that any adapter of the `Store` port must do. */
export function describeStoreContract(name: string, makeFresh: () => Promise<FreshStore>): void {
  describe(`the store contract: ${name}`, () => {
    let fresh: FreshStore;
    let store: Store;
    beforeEach(async () => {
      fresh = await makeFresh();
      store = await fresh.open();
    });
    afterEach(async () => {
      await store.close();
      await fresh.dispose();
    });

    journal(() => store);
    trimming(() => ({ store, fresh }));
    documents(() => store);
    leases(() => ({ store, fresh }));
    following(() => ({ store, fresh }));
    manyProcesses(() => ({ store, fresh }));
    faults(() => ({ store, fresh }));
  });
}

function journal(get: () => Store): void {
  test("append, read back, in order", async () => {
    const store = get();
    const a = await store.append("a", [event(1), event(2)]);
    const b = await store.append("b", [event(3)]);
    expect([a.version, a.duplicate, b.version]).toEqual([2, false, 1]);
    expect(b.position).toBeGreaterThan(a.position);
    const all = await store.read({});
    expect(all.map((each) => [each.stream, each.version, each.type, each.data])).toEqual([
      ["a", 1, "counted", { n: 1 }],
      ["a", 2, "counted", { n: 2 }],
      ["b", 1, "counted", { n: 3 }],
    ]);
    expect(all[1]?.position).toBe(a.position);
    expect((await store.read({ stream: "a", after: 1 })).map((each) => each.data)).toEqual([{ n: 2 }]);
    expect((await store.read({ after: a.position })).map((each) => each.stream)).toEqual(["b"]);
    expect(await store.read({ limit: 1 })).toHaveLength(1);
    expect(await store.read({ stream: "nobody" })).toEqual([]);
  });

  test("an expected version is checked", async () => {
    const store = get();
    await store.append("a", [event(1)], { expected: 0 });
    expect(await codeOf(store.append("a", [event(2)], { expected: 0 }))).toBe("VERSION_CONFLICT");
    await store.append("a", [event(2)], { expected: 1 });
    expect(await store.read({ stream: "a" })).toHaveLength(2);
  });

  test("an append is all or nothing", async () => {
    const store = get();
    expect(await codeOf(store.append("a", [event(1), event(2), event(3)], { expected: 7 }))).toBe("VERSION_CONFLICT");
    expect(await store.read({})).toEqual([]);
  });

  test("a command id applies once per stream, even with an outdated expected version", async () => {
    const store = get();
    const first = await store.append("a", [event(1), event(2)], { expected: 0, commandId: "c" });
    await store.append("a", [event(3)]);
    const second = await store.append("a", [event(1), event(2)], { expected: 0, commandId: "c" });
    expect(second).toEqual({ ...first, duplicate: true });
    await store.append("b", [event(1)], { commandId: "c" });
    expect((await store.read({})).map((each) => each.stream)).toEqual(["a", "a", "a", "b"]);
  });

  test("one failing append among many at once does not hurt its neighbours", async () => {
    const store = get();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, (_, n) =>
        store.append(`s-${n}`, [event(n), event(n)], { expected: n % 4 === 1 ? 5 : 0, commandId: `c-${n}` }),
      ),
    );
    expect(outcomes.map((each) => each.status)).toEqual(Array.from({ length: 40 }, (_, n) => (n % 4 === 1 ? "rejected" : "fulfilled")));
    const streams = (await store.read({})).map((each) => each.stream);
    expect(streams).toEqual(Array.from({ length: 40 }, (_, n) => n).flatMap((n) => (n % 4 === 1 ? [] : [`s-${n}`, `s-${n}`])));
    // The refused ones left no command id behind: they can be tried again.
    expect((await store.append("s-1", [event(1)], { expected: 0, commandId: "c-1" })).duplicate).toBe(false);
  });

  test("large values, odd names and every kind of character come back as they were", async () => {
    const store = get();
    const large = 'ä€😀\u0000"\\\n\u2028'.repeat(100_000);
    const odd = "ström/ \u0000 '; DROP TABLE events; -- 😀";
    await store.append(odd, [{ type: odd, data: { [odd]: large, nested: [null, true, 1.5, -0.1, 9007199254740991, ""] } }], {
      commandId: odd,
    });
    const [back] = await store.read({ stream: odd });
    expect([back?.stream, back?.type]).toEqual([odd, odd]);
    expect(back?.data).toEqual({ [odd]: large, nested: [null, true, 1.5, -0.1, 9007199254740991, ""] });
    expect((await store.append(odd, [event(1)], { commandId: odd })).duplicate).toBe(true);
    await store.put(odd, odd, large, 0);
    expect((await store.get(odd, odd))?.value).toBe(large);
  });
}

function trimming(get: () => { store: Store; fresh: FreshStore }): void {
  /** A stream of n events among others, each with a command id. */
  async function fill(store: Store, n: number): Promise<readonly number[]> {
    const positions: number[] = [];
    for (let each = 1; each <= n; each += 1) {
      positions.push((await store.append("old", [event(each)], { commandId: `c-${each}` })).position);
      if (each % 40 === 0) await store.append("other", [event(each)], { commandId: `c-${each}` });
    }
    return positions;
  }

  test("a trimmed stream keeps its first and its last event, their positions and versions, and what others wrote", async () => {
    const { store, fresh } = get();
    const positions = await fill(store, 1_200);
    const [others, head] = [await store.read({ stream: "other" }), await store.head()];
    expect(await store.trim("old")).toBe(1_198);
    await store.compact();
    for (const each of [store, await fresh.open()]) {
      expect((await each.read({ stream: "old" })).map(({ version, position, data }) => [version, position, data])).toEqual([
        [1, positions[0], { n: 1 }],
        [1_200, positions.at(-1), { n: 1_200 }],
      ]);
      expect(await each.read({ stream: "old", after: 1 })).toHaveLength(1);
      expect(await each.read({ stream: "old", after: 1, limit: 1 })).toHaveLength(1);
      expect(await each.read({ stream: "old", after: 1_200 })).toEqual([]);
      expect(await each.read({ stream: "other" })).toEqual(others);
      expect(await each.head()).toBe(head);
      expect((await each.read({})).map(({ position }) => position)).toEqual(
        [positions[0], ...others.map(({ position }) => position), positions.at(-1)].toSorted((a, b) => Number(a) - Number(b)),
      );
      if (each !== store) await each.close();
    }
    expect(await codeOf(store.append("old", [event(0)], { expected: 0 }))).toBe("VERSION_CONFLICT");
    expect(await store.append("old", [event(0)], { commandId: "c-1200" })).toMatchObject({ version: 1_200, duplicate: true });
    const next = await store.append("old", [event(1_201)], { expected: 1_200 });
    expect(next).toMatchObject({ version: 1_201, duplicate: false });
    expect(next.position).toBeGreaterThan(head);
  });

  test("trimming short, unknown and trimmed streams removes nothing", async () => {
    const { store } = get();
    await store.append("two", [event(1), event(2)]);
    expect([await store.trim("two"), await store.trim("nobody")]).toEqual([0, 0]);
    await store.append("two", [event(3)]);
    expect([await store.trim("two"), await store.trim("two")]).toEqual([1, 0]);
    await store.append("two", [event(4), event(5)]);
    expect(await store.trim("two")).toBe(2);
    expect((await store.read({ stream: "two" })).map(({ version }) => version)).toEqual([1, 5]);
  });

  test("a subscription to some types gives these alone, those that were there and those that come, and misses none", async () => {
    const { store } = get();
    const of = (type: string, n: number) => ({ type, data: { n } });
    await store.append(
      "many",
      Array.from({ length: 700 }, (_, n) => of(n % 300 === 0 ? "rare" : "common", n)),
    );
    const leave = new AbortController();
    const seen: StoredEvent[] = [];
    const following = (async () => {
      for await (const each of store.subscribe({ after: 0, signal: leave.signal, types: ["rare", "last"] })) {
        seen.push(each);
        if (each.type === "last") break;
      }
    })();
    while (seen.length < 3) await sleep(5);
    await store.append("many", [of("common", 700), of("rare", 701), of("common", 702)]);
    while (seen.length < 4) await sleep(5);
    await store.append("other", [of("last", 1)]);
    await following;
    leave.abort();
    expect(seen.map(({ type, data }) => [type, data])).toEqual([
      ["rare", { n: 0 }],
      ["rare", { n: 300 }],
      ["rare", { n: 600 }],
      ["rare", { n: 701 }],
      ["last", { n: 1 }],
    ]);
  });

  test("a subscription goes on over a trim, whether it has read what went or not", async () => {
    const { store } = get();
    await fill(store, 30);
    const leave = new AbortController();
    const seen: StoredEvent[] = [];
    const following = (async () => {
      for await (const each of store.subscribe({ after: 0, signal: leave.signal })) {
        seen.push(each);
        if (seen.length === 1) await store.trim("old");
        if (each.type === "end") break;
      }
    })();
    while (seen.length === 0) await sleep(5);
    await store.trim("old");
    await store.append("old", [{ type: "end", data: {} }]);
    await following;
    leave.abort();
    const positions = seen.map(({ position }) => position);
    expect(positions).toEqual([...new Set(positions)].toSorted((a, b) => a - b));
    expect(seen.at(-1)).toMatchObject({ stream: "old", version: 31 });
  });
}

function documents(get: () => Store): void {
  test("documents are written by compare-and-swap", async () => {
    const store = get();
    expect(await store.get("plans", "P-1")).toBeUndefined();
    expect(await codeOf(store.put("plans", "P-1", 1, 3))).toBe("VERSION_CONFLICT");
    expect(await store.put("plans", "P-1", { a: 1 }, 0)).toBe(1);
    expect(await codeOf(store.put("plans", "P-1", { a: 2 }, 0))).toBe("VERSION_CONFLICT");
    expect(await store.put("plans", "P-1", { a: 2 }, 1)).toBe(2);
    expect(await store.get("plans", "P-1")).toEqual({ key: "P-1", value: { a: 2 }, rev: 2 });
    expect(await store.get("other", "P-1")).toBeUndefined();
  });

  test("documents are listed by prefix, taken literally, in order", async () => {
    const store = get();
    for (const key of ["b", "a%c", "a_b", "a/2", "a/1", "ab", "A/3", "a/😀", "a"]) await store.put("c", key, key, 0);
    await store.put("d", "a/9", 0, 0);
    expect((await store.list("c", "a/")).map((each) => each.value)).toEqual(["a/1", "a/2", "a/😀"]);
    expect((await store.list("c", "a_")).map((each) => each.key)).toEqual(["a_b"]);
    expect((await store.list("c", "a%")).map((each) => each.key)).toEqual(["a%c"]);
    expect(await store.list("c")).toHaveLength(9);
    expect(await store.list("c", "zz")).toEqual([]);
    expect(await store.keys("c")).toEqual((await store.list("c")).map((each) => each.key));
    expect(await store.keys("nothing")).toEqual([]);
  });

  test("documents are listed without a field that is not needed, or with one alone", async () => {
    const store = get();
    await store.put("c", "a", { "heavy $.x": [1, 2], light: { "heavy $.x": 3 } }, 0);
    await store.put("c", "b", { light: 1 }, 0);
    await store.put("c", "d", ["heavy $.x"], 0);
    await store.put("c", "gone", 1, 0);
    await store.delete("c", "gone", 1);
    expect((await store.list("c", "", { without: "heavy $.x" })).map((each) => each.value)).toEqual([
      { light: { "heavy $.x": 3 } },
      { light: 1 },
      ["heavy $.x"],
    ]);
    expect((await store.list("c", "", { only: "heavy $.x" })).map((each) => each.value)).toEqual([
      { "heavy $.x": [1, 2] },
      { "heavy $.x": null },
      { "heavy $.x": null },
    ]);
    expect((await store.list("c", "d", { only: "light" })).map(({ key, value }) => [key, value])).toEqual([["d", { light: null }]]);
    expect((await store.list("c", "", { only: "light" })).map((each) => each.value)).toEqual([
      { light: { "heavy $.x": 3 } },
      { light: 1 },
      { light: null },
    ]);
    expect((await store.get("c", "a"))?.value).toEqual({ "heavy $.x": [1, 2], light: { "heavy $.x": 3 } });
    expect(await store.keys("c")).toEqual(["a", "b", "d"]);
  });

  test("of many who create the same document at once, one wins", async () => {
    const store = get();
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => store.put("c", "k", n, 0)));
    expect(outcomes.filter((each) => each.status === "fulfilled")).toHaveLength(1);
    expect((await store.get("c", "k"))?.value).toBe(outcomes.findIndex((each) => each.status === "fulfilled"));
  });

  test("delete removes exactly the revision it names, and revisions are not repeated after it", async () => {
    const store = get();
    await store.put("c", "k", "one", 0);
    await store.put("c", "k", "two", 1);
    expect(await codeOf(store.delete("c", "k", 1))).toBe("VERSION_CONFLICT");
    await store.delete("c", "k", 2);
    expect(await store.get("c", "k")).toBeUndefined();
    expect(await store.list("c")).toEqual([]);
    expect(await codeOf(store.delete("c", "k", 2))).toBe("VERSION_CONFLICT");
    expect(await codeOf(store.delete("c", "nothing", 1))).toBe("VERSION_CONFLICT");
    expect(await codeOf(store.put("c", "k", "old writer", 2))).toBe("VERSION_CONFLICT");
    const rev = await store.put("c", "k", "three", 0);
    expect(rev).toBeGreaterThan(2);
    expect(await store.get("c", "k")).toEqual({ key: "k", value: "three", rev });
  });
}

function leases(get: () => { store: Store; fresh: FreshStore }): void {
  test("a lease has one holder; its tokens grow; renewing keeps the token", async () => {
    const { store } = get();
    const [ann, bob] = await Promise.all([store.acquire("engine", "ann", 60_000), store.acquire("engine", "bob", 60_000)]);
    expect([ann?.owner, ann?.token, bob]).toEqual(["ann", 1, undefined]);
    expect((await store.acquire("engine", "ann", 90_000))?.token).toBe(1);
    expect(await store.holder("engine")).toMatchObject({ lease: "engine", owner: "ann", token: 1 });
    if (ann === undefined) throw new Error("unreachable");
    await store.release(ann);
    expect(await store.holder("engine")).toBeUndefined();
    expect((await store.acquire("engine", "bob", 60_000))?.token).toBe(2);
    await store.release(ann); // an old holder cannot release what another holds
    expect((await store.holder("engine"))?.owner).toBe("bob");
    expect(await store.holder("nothing")).toBeUndefined();
  });

  test("a holder whose lease was taken over can no longer write", async () => {
    const { store } = get();
    const zombie = await store.acquire("engine", "zombie", 1);
    if (zombie === undefined) throw new Error("the first acquire was refused");
    await store.append("run", [event(1)], { fence: zombie });
    await sleep(10);
    expect(await store.holder("engine")).toBeUndefined();
    await store.append("run", [event(2)], { fence: zombie }); // nobody else came: still good
    const next = await store.acquire("engine", "next", 60_000);
    expect(next?.token).toBe(zombie.token + 1);
    expect(await codeOf(store.append("run", [event(3)], { fence: zombie }))).toBe("FENCED");
    if (next !== undefined) await store.append("run", [event(4)], { fence: next });
    expect((await store.read({ stream: "run" })).map((each) => each.data)).toEqual([{ n: 1 }, { n: 2 }, { n: 4 }]);
    expect(await codeOf(store.append("run", [event(5)], { fence: { lease: "never held", token: 1 } }))).toBe("FENCED");
  });

  test("a clock that is set back keeps a dead holder's lease for one term at most", async () => {
    let now = 1_000_000_000;
    const store = await get().fresh.open({ clock: { now: () => now } });
    try {
      await store.acquire("engine", "dead", 10_000);
      now -= 3_600_000;
      expect(await store.acquire("engine", "next", 10_000)).toBeUndefined();
      now += 10_000;
      expect((await store.acquire("engine", "next", 10_000))?.token).toBe(2);
    } finally {
      await store.close();
    }
  });
}

/** Collects what a subscription yields until `count` events have come. */
async function collect(store: Store, after: number, count: number): Promise<StoredEvent[]> {
  const stop = new AbortController();
  const found: StoredEvent[] = [];
  for await (const each of store.subscribe({ after, signal: stop.signal })) {
    found.push(each);
    if (found.length >= count) stop.abort();
  }
  return found;
}

function following(get: () => { store: Store; fresh: FreshStore }): void {
  test("a subscription catches up, goes on live, and ends when it is told to", async () => {
    const { store } = get();
    const first = await store.append("a", [event(1)]);
    await store.append("a", [event(2)]);
    const following = collect(store, first.position, 3);
    await sleep(30);
    await store.append("a", [event(3)]);
    await store.append("b", [event(4)]);
    expect((await following).map((each) => each.data)).toEqual([{ n: 2 }, { n: 3 }, { n: 4 }]);
    const idle = new AbortController();
    setTimeout(() => idle.abort(), 20);
    for await (const each of store.subscribe({ after: 1_000_000, signal: idle.signal })) expect.unreachable(String(each.position));
  });

  test("closing the store ends its subscriptions", async () => {
    const { fresh } = get();
    const other = await fresh.open();
    const ended = collect(other, 0, 1);
    await sleep(20);
    await other.close();
    expect(await ended).toEqual([]);
    expect(await codeOf(other.append("a", [event(1)]))).toBe("STORE_UNAVAILABLE");
    expect(await codeOf(other.read({}))).toBe("STORE_UNAVAILABLE");
  });

  test("two readers see everything that three other processes write, in order, once", { timeout: 60_000 }, async () => {
    const { store, fresh } = get();
    const readers = [collect(store, 0, 603), collect(store, 0, 603)];
    await Promise.all([1, 2, 3].map(() => act(fresh.url, "write", 200)));
    await store.append("end", [event(1), event(2), event(3)]);
    for (const seen of await Promise.all(readers)) {
      expect(seen.map((each) => each.position)).toEqual((await store.read({ limit: 10_000 })).map((each) => each.position));
    }
  });
}

function manyProcesses(get: () => { store: Store; fresh: FreshStore }): void {
  test("4 processes increment optimistically: no update is lost", { timeout: 60_000 }, async () => {
    const { store, fresh } = get();
    await Promise.all([1, 2, 3, 4].map(() => act(fresh.url, "increment", 50)));
    const events = await store.read({ stream: "counter", limit: 10_000 });
    expect(events.map((each) => each.version)).toEqual(Array.from({ length: 200 }, (_, n) => n + 1));
  });

  test("5 processes deliver the same approvals 20 times: two votes, one start", { timeout: 60_000 }, async () => {
    const { store, fresh } = get();
    const outcomes = await Promise.all([1, 2, 3, 4, 5].map(() => act<{ started: number }>(fresh.url, "approve")));
    expect(outcomes.reduce((sum, each) => sum + each.started, 0)).toBe(1);
    expect((await store.read({ stream: "approval:A-1" })).map((each) => each.data)).toEqual([{ user: "ann" }, { user: "bob" }]);
    expect(await store.read({ stream: "run:A-1" })).toHaveLength(1);
  });

  test("kill -9 twenty times in the middle of appends: nothing acknowledged is lost, nothing is there twice or by half", {
    timeout: 120_000,
  }, async () => {
    const { store, fresh } = get();
    let acknowledged = -1;
    // after so many as are sure, anything from none to all of the next append has happened
    for (let round = 0; round < 20; round++) acknowledged = await spamUntilKilled(fresh.url, acknowledged + 1, 1 + (round % 5), round / 4);
    const events = await store.read({ stream: "spam", limit: 1_000_000 });
    const numbers = events.filter((each) => each.type === "first").map((each) => (each.data as { number: number }).number);
    expect(acknowledged).toBeGreaterThanOrEqual(4 * (1 + 2 + 3 + 4 + 5) - 1);
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, n) => n));
    expect(numbers.length).toBeGreaterThan(acknowledged);
    expect(events).toHaveLength(numbers.length * 2);
  });
}

function faults(get: () => { store: Store; fresh: FreshStore }): void {
  test("a full store refuses with STORE_FULL, keeps what it had, and goes on when there is room again", async () => {
    const { store, fresh } = get();
    const small = await fresh.open({ room: 256 * 1024 });
    await small.append("kept", [event(1)]);
    const big = { type: "big", data: "x".repeat(300_000) };
    const outcomes = await Promise.all([
      codeOf(small.append("a", [event(1)])),
      codeOf(small.append("b", [big])),
      codeOf(small.append("c", [event(1)])),
    ]);
    expect(outcomes[1]).toBe("STORE_FULL");
    // Its neighbours may share its fate where they share a transaction; what is told of them is what is there.
    const kept = ["kept", ...["a", "b", "c"].filter((_, index) => outcomes[index] === "no error")];
    for (const outcome of outcomes) expect(["STORE_FULL", "no error"]).toContain(outcome);
    expect((await small.read({})).map((each) => each.stream)).toEqual(kept);
    while ((await codeOf(small.append("kept", [event(2)], { commandId: "small" }))) === "STORE_FULL") await sleep(50);
    await small.close();
    await store.append("b", [big]);
    expect((await store.read({})).map((each) => each.stream)).toEqual([...kept, "kept", "b"]);
  });

  test("what was written is there after closing and opening again, command ids and leases too", async () => {
    const { fresh } = get();
    const before = await fresh.open();
    await before.append("a", [event(1)], { commandId: "c" });
    await before.put("c", "k", "v", 0);
    await before.acquire("engine", "ann", 60_000);
    await before.close();
    await before.close(); // twice is harmless
    const after = await fresh.open();
    expect((await after.append("a", [event(1)], { commandId: "c" })).duplicate).toBe(true);
    expect((await after.get("c", "k"))?.value).toBe("v");
    expect((await after.holder("engine"))?.owner).toBe("ann");
    await after.close();
  });
}
