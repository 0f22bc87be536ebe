import type { PlanBody, PlannedNodeRole } from "../../../src/core/model/plan.ts";
import { type NodeRoleId, nodeRoleId } from "../../../src/core/model/ids.ts";
import type { AppliedNodeRole } from "../../../src/core/plan/applied.ts";
import { type RunState, initialState } from "../../../src/core/run/state.ts";

/** A planned node-role with one changing step; `parts` overrides anything. */
export function plannedNodeRole(node: string, role: string, parts: Partial<PlannedNodeRole> = {}): PlannedNodeRole {
  return {
    id: nodeRoleId(node, role),
    node,
    role,
    barclamp: role,
    barclampDigest: "sha256:00",
    deployment: "all",
    cohort: 0,
    action: "apply",
    actions: "sha256:00",
    after: [],
    steps: [{ id: "file:/x", kind: "file", label: "file /x", change: "create" }],
    rollout: { onUnreachable: "skip-and-report" },
    inputs: {},
    outputs: {},
    secrets: [],
    ...parts,
  };
}

/** What a node-role without steps left behind when it was applied; `parts` overrides anything. */
export function appliedNodeRole(id: NodeRoleId, parts: Partial<AppliedNodeRole> = {}): AppliedNodeRole {
  const [node = "", role = ""] = id.split("/");
  return {
    id,
    node,
    role,
    deployment: "all",
    barclamp: "x",
    barclampDigest: "sha256:00",
    after: [],
    rollout: { onUnreachable: "skip-and-report" },
    undo: [],
    digest: "sha256:00",
    ...parts,
  };
}

/** A plan body of these node-roles. */
export function planBody(...nodeRoles: readonly PlannedNodeRole[]): PlanBody {
  return { halligan: 1, cluster: "test", deployments: ["all"], nodeRoles, problems: [] };
}

/** The state of a run of this plan before anything happened. */
export function freshRun(body: PlanBody): RunState {
  const intent = {
    type: "intent.run",
    v: 1,
    run: "R-1",
    plan: "P-1",
    digest: "sha256:1",
    by: "ann",
    seq: 1,
    at: 1000,
    stream: "run:R-1",
    version: 1,
  } as const;
  return initialState(intent, body);
}
