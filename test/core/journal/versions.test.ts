import { expect, test } from "vitest";
import { HalliganError } from "../../../src/core/errors.ts";
import { fromStored } from "../../../src/core/journal/events.ts";
import { type Casts, presentForm } from "../../../src/core/journal/versions.ts";
import type { Json, StoredEvent } from "../../../src/core/ports.ts";

const stored = (type: string, data: Json): StoredEvent => ({ type, data, position: 17, stream: "run:R-1", version: 1, at: 5 });

function codeOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    return error instanceof HalliganError ? error.code : String(error);
  }
  return "no error";
}

test("going back one version: types that are not known are passed over, fields that were added are left out", () => {
  expect(fromStored(stored("run.teleported", { v: 1 }))).toBeUndefined();
  expect(fromStored(stored("run.teleported", { v: 9 }))).toBeUndefined();
  expect(fromStored(stored("intent.pause", { v: 1, run: "R-1", by: "ann", added: true }))).toEqual({
    type: "intent.pause",
    v: 1,
    run: "R-1",
    by: "ann",
    seq: 17,
    at: 5,
    stream: "run:R-1",
    version: 1,
  });
});

test("a known type with a newer version is refused as that, not as damage", () => {
  expect(codeOf(() => fromStored(stored("intent.pause", { v: 2, run: "R-1", by: "ann" })))).toBe("STORE_NEWER");
  expect(codeOf(() => fromStored(stored("intent.pause", { v: 1, run: 7 })))).toBe("STORE_CORRUPT");
  for (const data of [{ run: "R-1" }, { v: "1" }, { v: 0.5 }, null, [], "x"])
    expect(codeOf(() => fromStored(stored("intent.pause", data)))).toBe("STORE_CORRUPT");
});

test("going forward: older events are brought up step by step, and are not written anew", () => {
  const casts: Casts = {
    moved: [
      ({ node, ...rest }) => ({ ...rest, nodes: [node ?? null] }),
      ({ nodes, ...rest }) => ({ ...rest, nodes: nodes ?? [], count: 1 }),
    ],
  };
  const old = stored("moved", { v: 1, node: "n1", by: "ann" });
  expect(presentForm(old, casts)).toEqual({ v: 3, nodes: ["n1"], count: 1, by: "ann" });
  expect(presentForm(stored("moved", { v: 2, nodes: ["a", "b"] }), casts)).toEqual({ v: 3, nodes: ["a", "b"], count: 1 });
  expect(presentForm(stored("moved", { v: 3, nodes: [] }), casts)).toEqual({ v: 3, nodes: [] });
  expect(codeOf(() => presentForm(stored("moved", { v: 4 }), casts))).toBe("STORE_NEWER");
  expect(old.data).toEqual({ v: 1, node: "n1", by: "ann" });
});
