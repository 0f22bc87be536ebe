import { expect, test } from "vitest";
import type { JournalEvent } from "../../../src/core/journal/events.ts";
import { eventWords } from "../../../src/core/words/events.ts";

const code = "sha256:01";
const told: readonly (readonly [JournalEvent, string])[] = [
  [{ type: "link.offered", v: 1, code, person: "bob", by: "ann", until: 1 }, "ann made a code with which somebody can become bob"],
  [
    { type: "link.offered", v: 1, code, person: "bob", by: "ann", until: 1, principal: "local:b" },
    "ann made a code with which local:b can become bob",
  ],
  [{ type: "link.made", v: 1, code, person: "bob", principal: "local:b" }, "local:b is bob from now on"],
  [{ type: "link.removed", v: 1, person: "bob", principal: "local:b", by: "ann" }, "ann took local:b away from bob"],
];

test.each(told)("$type is told in one sentence", (event, words) => {
  expect(eventWords(event)).toBe(words);
});
