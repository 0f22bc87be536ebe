import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStore } from "../../../src/core/adapters/store/open.ts";
import type { Clock, Store } from "../../../src/core/ports.ts";
import { createPresenter, readPresence } from "../../../src/core/presence/presence.ts";

/** A clock that stands until it is moved; who sleeps is woken when their time has come. */
class HandClock implements Clock {
  at = 1_000_000;
  readonly #sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();

  now(): number {
    return this.at;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const sleeper = { until: this.at + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", () => {
        this.#sleepers.delete(sleeper);
        reject(signal.reason as Error);
      });
    });
  }

  /** Moves on second by second, so that what is woken can fall asleep again. */
  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      this.at += 1_000;
      for (const sleeper of this.#sleepers) {
        if (sleeper.until > this.at) continue;
        this.#sleepers.delete(sleeper);
        sleeper.wake();
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
}

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "halligan-presence-"));
  store = await openStore(join(folder, "state.db"));
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const ann = { id: "there:1:0", person: "ann", front: "tui", host: "there" } as const;
const bob = { id: "here:2:0", person: "bob", front: "tui", host: "here" } as const;

test("who is here is on the list, with what they look at, until they leave", async () => {
  const clock = new HandClock();
  const [one, two] = [createPresenter({ store, clock }, ann), createPresenter({ store, clock }, bob)];
  one.show({ where: "nodes" });
  two.show({ where: "plan", doing: "plan" });
  await clock.pass(3);
  expect(await readPresence(store, clock.now())).toMatchObject([
    { person: "bob", where: "plan", doing: "plan" },
    { person: "ann", where: "nodes" },
  ]);
  one.show({ where: "events" });
  await clock.pass(3);
  expect((await readPresence(store, clock.now())).map(({ where }) => where)).toContain("events");
  await two.leave();
  expect((await readPresence(store, clock.now())).map(({ person }) => person)).toEqual(["ann"]);
  await one.leave();
  expect(await readPresence(store, clock.now())).toEqual([]);
});

test("who stays still is heard of every 15 s; who was killed is forgotten after 45 s and swept away later", async () => {
  const clock = new HandClock();
  await store.put("presence", "dead", { ...ann, id: "dead", where: "nodes", since: 0, seenAt: clock.now() }, 0);
  const two = createPresenter({ store, clock }, bob);
  two.show({ where: "nodes" });
  let [rev, writes] = [0, 0];
  for (let second = 0; second < 60; second += 1) {
    await clock.pass(1);
    const now = (await store.get("presence", bob.id))?.rev ?? 0;
    if (now !== rev) [rev, writes] = [now, writes + 1];
  }
  expect(writes).toBeGreaterThanOrEqual(4);
  expect(writes).toBeLessThanOrEqual(6);
  expect((await readPresence(store, clock.now())).map(({ person }) => person)).toEqual(["bob"]);
  expect(await store.get("presence", "dead")).toBeDefined();
  await clock.pass(11 * 60);
  expect(await store.get("presence", "dead")).toBeUndefined();
  await two.leave();
});
