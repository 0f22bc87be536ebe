import { describe, expect, test } from "vitest";
import { HalliganError } from "../../../src/core/errors.ts";
import { loadCluster } from "../../../src/core/files/load-cluster.ts";
import type { ImportedNode } from "../../../src/core/inventory/import/imported.ts";
import { mergeNodes } from "../../../src/core/inventory/import/merge.ts";

const file = "cluster.yaml";
const at = { file: "hosts", line: 3 };

function node(name: string, address: string, more: Partial<ImportedNode> = {}): ImportedNode {
  return { name, address, keys: [], jump: [], labels: new Map(), at, ...more };
}

function messages(text: string, nodes: readonly ImportedNode[]): readonly string[] {
  try {
    mergeNodes(file, text, nodes);
  } catch (error) {
    if (error instanceof HalliganError) return error.problems.map((each) => `${each.code}: ${each.message}`);
    throw error;
  }
  return [];
}

const existing = `# the lab
halligan: 1
cluster: lab   # its name

ssh:    { user: ops,   port: 2200 }
nodes:
    # control plane
    ctl-[1-2]: { address: 10.0.0.1[1-2], labels: { rack: r[1-2] } }   # two of them
    web:
        address: "10.0.0.20"
        labels:
            tier: web # last value

    # old: { address: 10.0.0.99 }
deployments:
    base: { place: { base: all } }
`;

describe("nodes are added to a cluster file", () => {
  test("behind the last node, at its indent; every other character stays", () => {
    const merged = mergeNodes(file, existing, [
      node("db", "10.0.0.30", { user: "root", labels: new Map([["tier", "db"]]) }),
      node("a", "a.example"),
    ]);
    const added = `    db: { address: 10.0.0.30, port: 22, labels: { tier: db }, ssh: { user: root } }\n    a: { address: a.example, port: 22 }\n`;
    expect(merged.text).toBe(existing.replace("tier: web # last value\n", `tier: web # last value\n${added}`));
    expect(merged.added).toEqual(["db", "a"]);
  });

  test.each([
    ["an empty map in braces", "halligan: 1\ncluster: t\nnodes: {}\nset: {}\n"],
    ["an empty map in braces at the end", "halligan: 1\ncluster: t\nnodes: {}"],
    ["nodes in braces", "halligan: 1\ncluster: t\nnodes: { x-[1-3]: { address: 10.0.0.[1-3] }, }\n"],
    [
      "nodes in braces over lines",
      "halligan: 1\ncluster: t\nnodes: {\n  x: { address: x.example }, # here\n  y: { address: y.example }\n}\n",
    ],
    ["no newline at the end", "halligan: 1\ncluster: t\nnodes:\n  x: { address: x.example }"],
    ["Windows line ends", "halligan: 1\r\ncluster: t\r\nnodes:\r\n  x:\r\n    address: x.example\r\nset: {}\r\n"],
    ["a byte order mark", "\uFEFFhalligan: 1\ncluster: t\nnodes:\n  x: { address: x.example }\nset: {}\n"],
    ["the outermost map in braces", "{ halligan: 1, cluster: t, nodes: { x: { address: x.example } } }\n"],
  ])("%s", (_what, text) => {
    const long = node("long", "long.example", {
      jump: ["u@j.example:22"],
      keys: ["~/.ssh/a key", "~/b"],
      labels: new Map([["l", "x, {y}: #z"]]),
    });
    const before = loadCluster({ file, text, defaults: { user: "me" } });
    const merged = mergeNodes(file, text, [node("new", "192.0.2.1", { port: 23 }), long]);
    const after = loadCluster({ file, text: merged.text, defaults: { user: "me" } });
    expect(after.problems).toEqual([]);
    expect(after.cluster?.nodes.slice(0, -2)).toEqual(before.cluster?.nodes);
    expect(after.cluster?.nodes.slice(-2)).toMatchObject([
      { name: "new", address: "192.0.2.1", ssh: { port: 23 } },
      { name: "long", ssh: { keys: ["~/.ssh/a key", "~/b"] }, labels: { l: "x, {y}: #z" } },
    ]);
    const ends = (each: string): ReadonlySet<string> => new Set(each.match(/\r?\n/gu));
    expect(ends(merged.text)).toEqual(ends(text === text.trimEnd() ? merged.text : text));
  });

  test("a node that says the same is left alone, and a second import changes nothing", () => {
    const nodes = [
      node("web", "10.0.0.20", { port: 2200, user: "ops", labels: new Map([["tier", "web"]]) }),
      node("new", "10.0.0.50", { port: 22 }),
    ];
    const once = mergeNodes(file, existing, nodes);
    expect(once).toMatchObject({ added: ["new"], same: ["web"] });
    expect(mergeNodes(file, once.text, nodes)).toEqual({ text: once.text, cluster: "lab", added: [], same: ["web", "new"] });
  });

  test("all nodes that differ are told at once", () => {
    const nodes = [
      node("web", "10.0.0.21", { user: "root", labels: new Map([["tier", "db"]]) }),
      node("ctl-2", "10.0.0.12", { port: 22, jump: ["j.example"], keys: ["k"], become: "sudo" }),
      node("other", "10.0.0.11", { port: 2200 }),
      node("fine", "10.0.0.60"),
    ];
    expect(messages(existing, nodes)).toEqual([
      "IMPORT_CONFLICT: web is there already, with address 10.0.0.20 instead of 10.0.0.21, another user than root, another value of the label tier.",
      "IMPORT_CONFLICT: ctl-2 is there already, with port 2200 instead of 22, other keys, become none instead of sudo, other hosts to jump over.",
      "IMPORT_CONFLICT: other has the same address and port as ctl-1, which is there already.",
    ]);
  });

  test("a file with problems, and one that cannot be added to", () => {
    expect(messages("halligan: 1\ncluster: t\nnodess: {}\n", [node("a", "a.example")])).toEqual([
      expect.stringContaining("KEY_MISSING"),
      expect.stringContaining("KEY_UNKNOWN"),
    ]);
    const braces = "{ halligan: 1, cluster: t, nodes: {} }\n";
    expect(messages(braces, [node("a", "a.example")])).toEqual([
      expect.stringContaining("IMPORT_UNMERGEABLE: Nodes cannot be added to cluster.yaml"),
    ]);
  });
});
