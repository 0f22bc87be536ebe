import { expect, test } from "vitest";
import { kindView } from "../../../src/core/jigs/shell/kind-view.ts";

test.each([
  ["file", { path: "/opt/port", content: 8080 }, { path: "/opt/port", content: "8080" }],
  ["file", { path: "/opt/on", content: true }, { path: "/opt/on", content: "true" }],
  ["command", { name: "x", run: 5 }, { name: "x", run: "5" }],
  ["command", { name: "x", run: ["echo", 5, "y"] }, { name: "x", run: ["echo", "5", "y"] }],
])("%s takes numbers and truth values where it wants text", (kind, args, wanted) => {
  expect(kindView(kind)?.accept(args)).toEqual({ ok: true, args: wanted });
});

test("what is no text at all stays refused, with its place", () => {
  expect(kindView("file")?.accept({ path: "/x", content: { a: 1 } })).toMatchObject({ ok: false, issues: [{ path: "content" }] });
  expect(kindView("file")?.accept({ path: "/x", content: 1, mode: "rwx" })).toMatchObject({ ok: false, issues: [{ path: "mode" }] });
});
