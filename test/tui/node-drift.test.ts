import { expect, test } from "vitest";
import type { DriftKept } from "../../src/core/run/drift-kept.ts";
import type { NodeView } from "../../src/tui/data/standing.ts";
import { driftLines } from "../../src/tui/screens/node-drift.ts";
import { lineText } from "../../src/tui/text/line.ts";
import { lookOf } from "../../src/tui/text/look.ts";
import { now, worldOf } from "./rig.ts";
import { nodesOf } from "../../src/tui/screens/nodes.ts";

const standing = { id: "web1/base", node: "web1", role: "base", deployment: "all", state: "active", run: "R-1", at: now } as const;

function told(kept: DriftKept | undefined, standings: NodeView["standings"] = [standing]): readonly string[] {
  const [web1] = nodesOf(worldOf());
  if (web1 === undefined) throw new Error("no node");
  return driftLines({ ...web1, standings }, kept, now, lookOf("dark", true)).map((each) => lineText(each.line).trimEnd());
}

const where = { node: "web1", deployment: "all", run: "R-1", plan: "P-1", at: now - 60_000 } as const;

test("where nobody has looked, the command is told; where nothing stands, nothing", () => {
  expect(told(undefined)).toContain("not looked at yet: `halligan drift web1`");
  expect(told(undefined, [])).toEqual([]);
});

test("what was found is shown with its diff and its age, and what could not be looked at with its reason", () => {
  const nodeRoles: DriftKept["nodeRoles"] = [
    {
      ...where,
      id: "web1/base",
      state: "drifted",
      steps: [{ id: "s1", label: "file /etc/a.ini", diff: "@@ -1,1 +1,1 @@\n-a = 2\n+a = 1\n" }],
      accept: [],
    },
    { ...where, id: "web1/more", state: "unchecked", problem: { code: "HOST_UNREACHABLE", message: "gone", hint: "look", docs: "" } },
    { ...where, id: "web10/base", state: "drifted", steps: [], accept: [] },
  ] as unknown as DriftKept["nodeRoles"];
  const rows = told({ at: now, by: "ann", checked: 9, nodeRoles, more: 0 });
  expect(rows.join("\n")).toContain("± base  looked 1m 00s ago");
  expect(rows.join("\n")).toContain("-a = 2");
  expect(rows.join("\n")).toContain("? more  could not be looked at");
  expect(rows.join("\n")).not.toContain("web10");
});

test("where nothing was found it says when somebody looked", () => {
  const kept = { at: now - 5_000, by: "ann", checked: 9, nodeRoles: [], more: 0 };
  expect(told({ ...kept, nodes: { web1: now - 9_000, web2: now - 5_000 } })).toContain("none found here; last looked 9.0s ago");
  expect(told(kept)).toContain("none found here; last looked 5.0s ago");
});

test("what was found elsewhere says nothing about a node at which nobody looked", () => {
  const kept = { at: now, by: "ann", checked: 9, nodeRoles: [], more: 0, nodes: { web2: now } };
  expect(told(kept)).toContain("not looked at yet: `halligan drift web1`");
});
