import { describe, expect, test } from "vitest";
import { acceptances } from "../../../src/core/plan/acceptance.ts";
import type { BoundNodeRole } from "../../../src/core/plan/graph.ts";
import type { Json } from "../../../src/core/ports.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** A role with one step, bound; the barclamp has attributes port, name and word (a secret). */
function boundWith(kind: string, args: Json, templates: Readonly<Record<string, string>> = {}): BoundNodeRole {
  return {
    deployment: { name: "web" },
    barclamp: {
      name: "nginx",
      attributes: { port: { type: "port" }, name: { type: "string" }, word: { type: "secret" } },
      files: new Map(Object.entries(templates).map(([path, content]) => [`templates/${path}`, text(content)])),
    },
    role: { steps: [{ id: "step", kind, args, common: {} }] },
  } as unknown as BoundNodeRole;
}

const values = {
  port: { value: 80, layer: "default" },
  name: { value: "shop", layer: "deployment", name: "web" },
  word: { value: "x", layer: "secrets" },
};
const path = (name: string): string => `deployments.web.set.nginx.${name}`;

describe("what is on the node as a setting", () => {
  const template = boundWith(
    "template",
    { path: "/x", source: "x.conf" },
    { "x.conf": "listen {{ set.port }};\nname {{ set.name }};\nuser me;\n" },
  );

  test("a line of a template that is made from one attribute", () => {
    const diff = "@@ -1,3 +1,3 @@\n-listen 8080;\n+listen 80;\n name shop;";
    expect(acceptances(template, values, [{ id: "step", diff }])).toEqual([{ step: "step", path: path("port"), value: 8080 }]);
  });

  test("one argument among several, by its key", () => {
    const ini = boundWith("ini", { path: "/x", set: { "http.port": "{{ set.port }}", other: "1" } });
    expect(acceptances(ini, values, [{ id: "step", diff: "http.port: 8080 -> 80" }])).toEqual([
      { step: "step", path: path("port"), value: 8080 },
    ]);
    expect(acceptances(ini, values, [{ id: "step", diff: "other: 8080 -> 80" }])).toEqual([]);
  });

  test.each<readonly [string, string]>([
    ["another line is otherwise", "-user you;\n+user me;"],
    ["a line was added that looks like it", "-listen 8080;"],
    ["there are two lines that could be it", "-listen 8080;\n-listen 8081;\n+listen 80;"],
    ["the attribute does not take the value", "-listen many;\n+listen 80;"],
    ["what was applied is not what the diff says", "-listen 8080;\n+listen 81;"],
  ])("nothing is guessed: %s", (_, diff) => {
    expect(acceptances(template, values, [{ id: "step", diff }])).toEqual([]);
  });

  test("a secret is never suggested, nor what is set for one node", () => {
    const secret = boundWith("file", { path: "/x", content: "{{ set.word }}\n" });
    expect(acceptances(secret, values, [{ id: "step", diff: "-y\n+x" }])).toEqual([]);
    const own = { ...values, port: { value: 80, layer: "node", name: "n1" } };
    expect(acceptances(template, own, [{ id: "step", diff: "-listen 8080;\n+listen 80;" }])).toEqual([]);
  });

  test("inline content, with or without the names that a diff begins with", () => {
    const inline = boundWith("file", { path: "/x", content: "{{ set.name }}\n" });
    for (const head of ["", "--- file:/x\n+++ file:/x\n"]) {
      expect(acceptances(inline, values, [{ id: "step", diff: `${head}@@ -1 +1 @@\n-stall\n+shop` }])).toEqual([
        { step: "step", path: path("name"), value: "stall" },
      ]);
    }
  });
});
