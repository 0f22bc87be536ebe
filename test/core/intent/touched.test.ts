import { expect, test } from "vitest";
import { eventWords } from "../../../src/core/words/events.ts";
import { intentChanges } from "../../../src/core/intent/changes.ts";
import { rebase } from "../../../src/core/intent/rebase.ts";
import { changeAction, changeResource } from "../../../src/core/intent/touched.ts";

const base = `nodes: { a: { address: 10.0.0.1 } }
set: { base: { motd: x } }
groups: { g: { on: all, set: { base: { motd: y } } }, h: { on: all } }
deployments:
  web: { place: { nginx: all }, secrets: { db.key: { generate: 32 } }, approvals: { default: 1 } }
  db: { place: { db: all } }
freezes: {}
`;

test.each<[string, string, string, object]>([
  ["a setting of one deployment", "nginx: all", "nginx: a=b", { kind: "deployments", names: ["web"] }],
  [
    "two deployments",
    "all }, secrets: { db.key: { generate: 32 } }, approvals: { default: 1 } }\n  db: { place: { db: all",
    "x }, secrets: { db.key: { generate: 32 } }, approvals: { default: 1 } }\n  db: { place: { db: x",
    { kind: "deployments", names: ["db", "web"] },
  ],
  ["a deployment that goes", "  db: { place: { db: all } }\n", "", { kind: "deployments", names: ["db"] }],
  ["one that is renamed, approvals and all", "  web:", "  www:", { kind: "cluster" }],
  ["an approvals block", "default: 1", "default: 0", { kind: "cluster" }],
  ["an approvals block that goes", ", approvals: { default: 1 }", "", { kind: "cluster" }],
  ["nodes", "10.0.0.1", "10.0.0.2", { kind: "cluster" }],
  ["common settings", "motd: x", "motd: z", { kind: "cluster" }],
  ["groups", "motd: y", "motd: z", { kind: "cluster" }],
  [
    "the order of groups",
    "g: { on: all, set: { base: { motd: y } } }, h: { on: all }",
    "h: { on: all }, g: { on: all, set: { base: { motd: y } } }",
    { kind: "cluster" },
  ],
  ["freezes", "freezes: {}", "freezes: { f: {} }", { kind: "cluster" }],
  ["the whole file", base, "- 1\n", { kind: "cluster" }],
  ["comments", "freezes: {}", "freezes: {} # none", { kind: "anywhere" }],
])("%s", (_, before, after, resource) => {
  expect(changeResource(intentChanges(base, base.replace(before, after)))).toEqual(resource);
});

test.each<[string, "administer" | "operate"]>([
  ["{ command: [rm, -rf, /] }", "administer"],
  ["{ file: /etc/shadow }", "administer"],
  ["{ env: AWS_KEY }", "administer"],
  ["{ generate: 16 }", "operate"],
  ["{ ask: true }", "operate"],
])("a secret from %s takes the right to %s", (source, action) => {
  expect(changeAction(intentChanges(base, base.replace("{ generate: 32 }", source)))).toBe(action);
  expect(changeAction(intentChanges(base, `${base}ssh: { password: ${source} }\n`))).toBe(action);
  const whole = base.replace("  web:", "  new: { place: { nginx: all }, secrets: { db.key: SOURCE } }\n  web:").replace("SOURCE", source);
  expect(changeAction(intentChanges(base, whole))).toBe(action);
  expect(changeAction(intentChanges(base, base.replace("10.0.0.1", `10.0.0.1, ssh: { password: ${source} }`)))).toBe(action);
});

test("a change is put on another file only where it means the same there", () => {
  const mine = base.replace("motd: x", "motd: mine");
  expect(rebase(base, mine, base)).toEqual({ text: mine });
  const theirs = `# new\n${base.replace("db: all", "db: some")}`;
  expect(rebase(base, mine, theirs)).toEqual({ text: theirs.replace("motd: x", "motd: mine") });
  expect(rebase(base, mine, base.replace("motd: x", "motd: yours"))).toEqual({ conflicts: ["set.base.motd"] });
  expect(rebase(base, mine, base.replace("set: { base: { motd: x } }\n", ""))).toEqual({ conflicts: ["set.base.motd"] });
  expect(rebase(base, mine, mine.replace("db: all", "db: some"))).toEqual({ text: mine.replace("db: all", "db: some") });
  // The same lines stand elsewhere now: a patch that finds them there would say something else.
  const moved = "deployments:\n  a:\n    set:\n      base: { n: 1 }\n  b:\n    set:\n      base: { n: 1 }\n";
  const change = moved.replace("n: 1", "n: 2");
  const swapped = "deployments:\n  b:\n    set:\n      base: { n: 1 }\n  a:\n    set:\n      base: { n: 1 }\n";
  expect(rebase(moved, change, swapped)).toEqual({
    text: "deployments:\n  b:\n    set:\n      base: { n: 1 }\n  a:\n    set:\n      base: { n: 2 }\n",
  });
});

test("events about intent are told in plain sentences", () => {
  const digest = "sha256:1";
  const words = [
    eventWords({ type: "revision.made", v: 1, revision: "V-2", digest, by: "ann", origin: { kind: "edit" } }),
    eventWords({ type: "revision.made", v: 1, revision: "V-3", digest, by: "ann", origin: { kind: "proposal", proposal: "D-1" } }),
    eventWords({ type: "proposal.made", v: 1, proposal: "D-1", by: "ann", base: digest, after: digest, paths: ["set.a.b"], note: "why" }),
    eventWords({ type: "proposal.changed", v: 1, proposal: "D-1", by: "bo", after: digest, paths: [], why: "rebased" }),
    eventWords({ type: "proposal.committed", v: 1, proposal: "D-1", by: "bo", revision: "V-3" }),
    eventWords({ type: "proposal.dropped", v: 1, proposal: "D-1", by: "bo" }),
  ];
  expect(words).toEqual([
    "V-2 came about by an edit of the cluster file, seen by ann",
    "V-3 came about by D-1, by ann",
    "ann proposes D-1: set.a.b (why)",
    "bo put D-1 on the present cluster file",
    "bo committed D-1 as V-3",
    "bo dropped D-1",
  ]);
});
