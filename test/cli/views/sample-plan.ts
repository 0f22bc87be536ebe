import { problem } from "../../../src/core/errors.ts";
import type { Plan, PlannedStep } from "../../../src/core/model/plan.ts";
import { planBody, plannedNodeRole } from "../../core/run/plans.ts";

const motd: PlannedStep = {
  id: "file:/etc/motd",
  kind: "file",
  label: "file /etc/motd",
  change: "change",
  diff: "--- before\n+++ after\n@@ -1 +1 @@\n-hello\n+welcome\n",
};
const quiet: PlannedStep = { id: "package:nginx", kind: "package", label: "package nginx", change: "none" };
const late: PlannedStep = {
  id: "template:/etc/lb.cfg",
  kind: "template",
  label: "template /etc/lb.cfg",
  change: "unknown",
  diff: "backends: (known after web1/nginx.url)",
};
const gone: PlannedStep = { id: "file:/etc/old", kind: "file", label: "file /etc/old", change: "destroy" };
const unreachable = problem("HOST_UNREACHABLE", { message: "web4 (10.0.0.4:22) does not answer.", at: { node: "web4", role: "nginx" } });
const rollout = { batch: { nodes: 1 }, onUnreachable: "skip-and-report" } as const;

/** A plan with everything in it: collapsed nodes, diffs, a removal, a late value, a node that does not answer. */
export const samplePlan: Plan = {
  id: "P-7",
  digest: "sha256:07",
  author: "ann",
  at: 1000,
  revision: "sha256:01",
  facts: "sha256:02",
  body: {
    ...planBody(
      ...["web1", "web2", "web3"].map((node) => plannedNodeRole(node, "nginx", { steps: [quiet, motd], rollout })),
      plannedNodeRole("web4", "nginx", { blocked: unreachable, steps: [], rollout }),
      plannedNodeRole("lb1", "haproxy", { cohort: 1, after: ["web1/nginx", "web2/nginx", "web3/nginx"], steps: [late] }),
      plannedNodeRole("web1", "old", { cohort: 2, action: "remove", steps: [gone] }),
      plannedNodeRole("lb1", "base", { cohort: 2, action: "skip", steps: [quiet] }),
    ),
    problems: [unreachable],
  },
};
