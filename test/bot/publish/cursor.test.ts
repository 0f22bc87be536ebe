import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openCursor, readCursor } from "../../../src/bot/publish/cursor.ts";
import { openStore } from "../../../src/core/adapters/store/open.ts";
import type { Store } from "../../../src/core/ports.ts";

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "halligan-cursor-"));
  store = await openStore(join(folder, "state.db"));
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

async function happen(times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) await store.append("run:R-1", [{ type: "test.happened", data: {} }]);
}

test("who tells a cluster for the first time begins with what happens from then on, and the next one in the same place though the first died before it looked", async () => {
  await happen(3);
  const first = await openCursor(store, "lab");
  expect(first.position).toBe(await store.head());
  const began = first.position;

  await happen(2);
  first.advance(await store.head(), false); // told, not written down: here it is killed
  const next = await openCursor(store, "lab");
  expect(next.position).toBe(began);
});

test("a saved position is where the next one begins", async () => {
  const first = await openCursor(store, "lab");
  await happen(2);
  first.advance(await store.head(), false);
  await first.save();
  expect((await openCursor(store, "lab")).position).toBe(await store.head());
});

test("who only wants to know how far it was told writes nothing", async () => {
  await happen(1);
  expect(await readCursor(store, "lab")).toBeUndefined();
  await happen(1);
  expect((await openCursor(store, "lab")).position).toBe(await store.head());
});
