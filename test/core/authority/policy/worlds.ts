import { noPlan } from "../../../../src/core/authority/policy/plan-view.ts";
import type { RuleCode } from "../../../../src/core/authority/policy/rule.ts";
import type { NodeFacts, PolicyState, SettingEntry, Surroundings, World } from "../../../../src/core/authority/policy/world.ts";

/** A rule that is judged on nodes, unless it says otherwise. */
export function rule(given: Partial<RuleCode> & { readonly require: string }): RuleCode {
  return { id: "r", scope: "node", evidence: [], message: [{ text: "no" }], params: {}, ...given };
}

/** What surrounds a cluster, with the facts given. */
export function surroundings(facts: Readonly<Record<string, NodeFacts>> = {}, now = 1_795_253_400_000): Surroundings {
  return {
    cluster: { name: "lab", deployments: ["web"] },
    now,
    authority: { mode: "single-user", people: 0 },
    facts,
    timezone: "UTC",
  };
}

/** Known facts: memory in MiB, and whatever else is given. */
export function memory(mebibytes: number, more: object = {}): NodeFacts {
  return { known: true, ageMs: 0, facts: { memory: { totalBytes: mebibytes * 1024 * 1024, swapBytes: 0 }, gaps: [], ...more } };
}

/** A state in which one role stands on all nodes. */
export function world(names: readonly string[], settings: readonly SettingEntry[] = [], more: Partial<PolicyState> = {}): World {
  const state: PolicyState = {
    nodes: names.map((name, index) => ({ name, address: `10.0.0.${index + 1}`, labels: { rack: `r${(index % 3) + 1}` } })),
    nodeRoles: names.map((node) => ({ node, role: "server", deployment: "web", barclamp: "server", settings: 0 })),
    roles: [{ deployment: "web", role: "server", barclamp: "server", order: "founder-first", quorum: 2 }],
    settings: [settings],
    ...more,
  };
  return { state, plan: noPlan };
}

/** A setting of barclamp server. */
export function setting(name: string, value: SettingEntry["value"], more: Partial<SettingEntry> = {}): SettingEntry {
  return {
    barclamp: "server",
    name,
    type: typeof value === "string" ? "string" : "integer",
    value,
    origin: "cluster",
    secret: false,
    ...more,
  };
}
