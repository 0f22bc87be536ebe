import { expect, test } from "vitest";
import type { ResolvedStep } from "../../../src/core/jigs/resolved.ts";
import type { Json } from "../../../src/core/ports.ts";
import { madeBy } from "../../../src/core/run/shared-undo.ts";

const step = (kind: string, args: Readonly<Record<string, Json>>): ResolvedStep => ({
  id: `${kind}:x`,
  kind,
  label: kind,
  args,
  blobs: {},
  secret: false,
  unknown: false,
  notify: [],
  timeoutMs: 1,
  retries: 0,
  retryDelayMs: 0,
});

test("a step and its undo go by the same names", () => {
  const pairs: readonly (readonly [ResolvedStep, ResolvedStep])[] = [
    [step("template", { path: "/a/b", source: "t" }), step("file", { path: "/a/b", state: "absent", restore: true })],
    [step("directory", { path: "/srv//app/" }), step("directory", { path: "/srv/app", state: "absent", restore: true })],
    [step("package", { name: "nginx=1.2*" }), step("package", { name: ["nginx"], state: "absent", restore: true })],
    [step("ini", { path: "/x", set: { b: "1", a: "2" } }), step("ini", { path: "/x", set: { a: "", b: "" }, unset: [], restore: true })],
    [step("user", { name: "ops", groups: ["sudo"] }), step("user", { name: "ops", state: "absent", restore: true })],
  ];
  for (const [made, undone] of pairs) {
    expect(madeBy(made).names).toHaveLength(1);
    expect(madeBy(made).names).toEqual(madeBy(undone).names);
  }
});

test("what cannot be taken back has no names", () => {
  expect(madeBy(step("command", { run: "true" })).names).toEqual([]);
});
