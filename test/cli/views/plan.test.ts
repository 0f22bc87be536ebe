import { describe, expect, test } from "vitest";
import { documentPlan } from "../../../src/core/commands/plan-document.ts";
import type { Plan, PlannedNodeRole } from "../../../src/core/model/plan.ts";
import { problem } from "../../../src/core/errors.ts";
import { diffView, planView } from "../../../src/cli/views/plan.ts";
import { textWidth } from "../../../src/core/words/text-width.ts";
import { planBody, plannedNodeRole } from "../../core/run/plans.ts";
import { samplePlan } from "./sample-plan.ts";
import { colourful, paper } from "./screens.ts";

const bare = (line: string): string => line.replaceAll(/\u001b\[\d+m/g, "");
const planOf = (body: Plan["body"]): Plan => ({ ...samplePlan, body });

test("counts first, what destroys before all else, equal node-roles once, late values with their source, what is left out", () => {
  expect(planView(documentPlan(samplePlan), paper).join("\n")).toBe(`Plan P-7 of cluster test, deployment all
1 to destroy, 3 to change, 1 decided in the run, 4 unchanged  (9 steps of 7 node-roles)

- old on web1: removed
    - destroy file /etc/old

~ nginx on web1, web2 and web3 (3 nodes)
    ~ change file /etc/motd
        @@ -1 +1 @@
        -hello
        +welcome
    1 step unchanged

? haproxy on lb1
    ? decided in the run: template /etc/lb.cfg
        backends: (known after web1/nginx.url)

1 problem: 1 node-role on web4 left out
  HOST_UNREACHABLE: web4/nginx: web4 (10.0.0.4:22) does not answer.
      Check the address with \`ssh\`, then retry.

Touches 4 nodes: lb1, web1, web2 and web3.
Critical path: web1/nginx → lb1/haproxy.
In batches: nginx 1 of 3 nodes at a time.

Next: halligan apply P-7`);
});

test("what to do next about a plan for which no node was asked is to make one that asks them", () => {
  const lines = planView(documentPlan(planOf({ ...samplePlan.body, purpose: { kind: "preview" } })), paper);
  expect(lines[0]).toBe("Plan P-7 of cluster test, deployment all, as a preview for which no node was asked");
  expect(lines.at(-1)).toBe("Next: halligan plan asks the nodes what would change, and makes a plan that can be applied.");
});

test("what to do next about a plan that a rule denies is not to apply it", () => {
  const blocking = {
    rule: "vlan",
    level: "deny",
    outcome: "fail",
    change: "new",
    subject: "plan",
    message: "VLAN 5000",
    evidence: {},
  } as const;
  const summary = { deny: 1, warn: 0, info: 0, unknown: 0, waived: 0, new: 1, cured: 0, unchanged: 0, blocking: 1 };
  const violations = [{ ...blocking, nodes: [], deployments: ["web"], blocks: true }];
  const policy = { digest: "sha256:01", rules: 1, summary, violations, more: 0, cured: [] } as const;
  expect(planView({ ...documentPlan(samplePlan), policy }, paper).at(-1)).toBe(
    "Next: halligan policy explain vlan tells what the rule wants; a cured or waived one is no obstacle.",
  );
});

test("colour is added to the signs and words, and takes nothing away", () => {
  const lines = planView(documentPlan(samplePlan), colourful(200));
  expect(lines.map(bare)).toEqual(planView(documentPlan(samplePlan), paper));
  expect(lines.find((line) => line.includes("-hello"))).toBe("        \u001b[31m-hello\u001b[39m");
});

test("no line is wider than the terminal, and a cut line leaves no colour open", () => {
  const lines = planView(documentPlan(samplePlan), colourful(30));
  expect(lines.every((line) => textWidth(bare(line)) <= 30)).toBe(true);
  expect(lines.map(bare).join("\n").replaceAll(/\s+/gu, " ")).toContain("Check the address with `ssh`, then retry.");
  for (const line of lines) expect((line.match(/\u001b\[\d+m/g) ?? []).length % 2).toBe(0);
});

describe("nothing to change", () => {
  const same = { action: "skip", steps: [{ id: "a", kind: "file", label: "file /a", change: "none" }] } as const;
  test("is said in one sentence", () => {
    const plan = planOf(planBody(plannedNodeRole("n1", "web", same), plannedNodeRole("n2", "web", same)));
    expect(planView(documentPlan(plan), paper)).toEqual([
      "Plan P-7 of cluster test, deployment all",
      "",
      "Nothing to change: 2 steps of 2 node-roles on 2 nodes are as they should be.",
    ]);
  });

  test("does not claim it for nodes that could not be checked", () => {
    const blocked = problem("HOST_UNREACHABLE", { message: "n2 does not answer.", at: { node: "n2" } });
    const plan = planOf({
      ...planBody(plannedNodeRole("n1", "web", same), plannedNodeRole("n2", "web", { blocked })),
      problems: [blocked],
    });
    const text = planView(documentPlan(plan), paper).join("\n");
    expect(text).toContain("HOST_UNREACHABLE");
    expect(text).toContain("Nothing to change on the nodes that could be checked.");
    expect(text).not.toContain("halligan apply");
  });

  test("tells with a condition that does not hold what was seen", () => {
    const blocked = problem("PRECHECK_FAILED", {
      message: "X-1: an interface is missing",
      cause: "there is no eth1\nthere is no eth2",
      at: { node: "n2" },
    });
    const plan = planOf({ ...planBody(plannedNodeRole("n2", "web", { blocked })), problems: [blocked] });
    expect(planView(documentPlan(plan), paper).join("\n")).toContain("missing\n      (there is no eth1)\n      (there is no eth2)\n");
  });

  test("an empty cluster", () => {
    expect(planView(documentPlan(planOf(planBody())), paper).at(-1)).toBe("Nothing to do: no role is placed on any node.");
  });

  test("a retry of what has left the files is told as that", () => {
    const plan = planOf({ ...planBody(), purpose: { kind: "retry", run: "R-1" } });
    expect(planView(documentPlan(plan), paper).at(-1)).toBe("Nothing to do: none of it is placed or stands any more.");
  });
});

describe("a long plan", () => {
  const diff = Array.from({ length: 40 }, (_, n) => `+line ${n}`).join("\n");
  const steps = Array.from(
    { length: 30 },
    (_, n) => ({ id: `f${n}`, kind: "file", label: `file /f${n}`, change: "create", diff }) as const,
  );
  const plan = planOf(planBody(...Array.from({ length: 50 }, (_, n) => plannedNodeRole(`n${n}`, `role${n}`, { steps }))));

  test("is shortened, says by how much and what shows all", () => {
    const lines = planView(documentPlan(plan), paper);
    expect(lines.length).toBeLessThan(30 * 12 * 15);
    expect(lines).toContain("        … 28 more lines");
    expect(lines).toContain("    … 18 more steps");
    expect(lines).toContain("… 20 more groups");
    expect(lines).toContain("… `halligan diff P-7` shows all of it.");
  });

  test("diff hides nothing", () => {
    const text = diffView(documentPlan(plan), paper).join("\n");
    expect(text.match(/\+line 39/g)).toHaveLength(50 * 30);
    expect(text).not.toContain("…");
  });
});

test("1,000 nodes with the same change are one group", () => {
  const plan = planOf(planBody(...Array.from({ length: 1000 }, (_, n) => plannedNodeRole(`n${n + 1}`, "web"))));
  expect(planView(documentPlan(plan), paper)).toContain("+ web on n1, n2, n3, n4, n5, n6, n7, n8 and 992 more (1000 nodes)");
});

describe("node-roles that do the same steps with other diffs", () => {
  const config = (node: string, address: string, more = ""): Partial<PlannedNodeRole> => ({
    steps: [
      { id: "d", kind: "directory", label: "directory /d", change: "create" },
      {
        id: "f",
        kind: "file",
        label: `file /etc/${node}.cfg`,
        change: "change",
        diff: `-old\n+name ${node}\n+listen ${address}:80${more}`,
      },
    ],
  });
  const plan = planOf(
    planBody(
      plannedNodeRole("n-1", "web", config("n-1", "10.0.0.1")),
      plannedNodeRole("n-2", "web", config("n-2", "10.0.0.2")),
      plannedNodeRole("n-10", "web", config("n-10", "10.0.0.10")),
      plannedNodeRole("n-3", "web", config("n-3", "10.0.0.3", "\n-by hand")),
    ),
  );

  test("are shown once where only their names and addresses differ; other differences are shown, and nothing else again", () => {
    expect(planView(documentPlan(plan), paper).slice(3, 18).join("\n")).toBe(`~ web on n-1, n-2 and n-10 (3 nodes)
    as on n-1; the others differ in names and addresses only (\`halligan diff P-7\`)
    + create directory /d
    ~ change file /etc/n-1.cfg
        -old
        +name n-1
        +listen 10.0.0.1:80

~ web on n-3
    as on n-1, but for 1 step:
    ~ change file /etc/n-3.cfg
        -old
        +name n-3
        +listen 10.0.0.3:80
        -by hand`);
  });

  test("are all shown by diff", () => {
    const text = diffView(documentPlan(plan), paper).join("\n");
    expect(text.match(/create directory/g)).toHaveLength(4);
    expect(text).not.toContain("as on");
  });

  test("a name inside of a longer word and numbers that are no address count as they are", () => {
    const other = planOf(
      planBody(
        plannedNodeRole("n1", "web", { steps: [{ id: "f", kind: "file", label: "file /f", change: "create", diff: "+n12 8080" }] }),
        plannedNodeRole("n2", "web", { steps: [{ id: "f", kind: "file", label: "file /f", change: "create", diff: "+n22 8081" }] }),
      ),
    );
    expect(planView(documentPlan(other), paper).filter((line) => line.includes("as on"))).toEqual(["    as on n1, but for 1 step:"]);
  });
});
