import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { eventsDocument } from "../../scripts/lib/events-doc.ts";
import { eventSchemas } from "../../src/core/journal/events.ts";

test("docs/events.md is what `npm run docs` generates", () => {
  const committed = readFileSync(new URL("../../docs/events.md", import.meta.url), "utf8");
  expect(committed === eventsDocument(), "run `npm run docs` and commit docs/events.md").toBe(true);
});

test("every event has its section and says its type and version", () => {
  const headings = [...eventsDocument().matchAll(/^## (.+)$/gm)].map((match) => match[1]);
  expect(headings).toEqual(Object.keys(eventSchemas()));
  expect(eventsDocument().match(/^\| `v` \| `1` \| always \|$/gm)).toHaveLength(headings.length);
});
