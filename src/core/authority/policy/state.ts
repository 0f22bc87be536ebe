import { resolveSettings } from "../../files/settings.ts";
import type { Cluster, ClusterNode } from "../../model/cluster.ts";
import { matchSelector } from "../../model/selector.ts";
import type { AppliedNodeRole } from "../../plan/applied.ts";
import type { BoundNodeRole } from "../../plan/graph.ts";
import { quorumOf } from "../../plan/members.ts";
import type { PolicyState, SettingEntry, StateNode, StateNodeRole, StateRole } from "./world.ts";

/** What stands on the nodes, and the plan that put it there. */
export type Standing = Pick<AppliedNodeRole, "id" | "node" | "role" | "deployment" | "barclamp"> & { readonly plan: string };

/** What states are made from. */
export interface StateInput {
  readonly cluster: Cluster;
  /** Every node-role that the files place. */
  readonly bound: readonly BoundNodeRole[];
  /** Deployments that are planned; empty = all. */
  readonly deployments: readonly string[];
  readonly applied: readonly Standing[];
  /** States kept with plans, by plan: settings of what stands are those with which it was applied. */
  readonly kept: ReadonlyMap<string, PolicyState>;
}

/** How the cluster looks now: what has been applied, with the settings it was applied with. Pure. */
export function presentState(input: StateInput): PolicyState {
  const builder = new StateBuilder(input);
  for (const record of input.applied) builder.addApplied(record);
  return builder.build();
}

/** How the cluster will look when the files are applied to the planned deployments; the others stay as they are. Pure. */
export function futureState(input: StateInput): PolicyState {
  const builder = new StateBuilder(input);
  const placed = new Set<string>();
  for (const bound of input.bound) {
    placed.add(bound.id);
    if (bound.selected) builder.addPlaced(bound);
  }
  const selected = new Set(input.bound.filter((each) => each.selected).map((each) => each.id as string));
  const nodes = new Set(input.cluster.nodes.map((node) => node.name));
  for (const record of input.applied) {
    const planned = input.deployments.length === 0 || input.deployments.includes(record.deployment);
    const stays = nodes.has(record.node) && !selected.has(record.id) && (placed.has(record.id) || !planned);
    if (stays) builder.addApplied(record);
  }
  return builder.build();
}

class StateBuilder {
  readonly #input: StateInput;
  readonly #nodes = new Map<string, StateNode>();
  readonly #nodeRoles: StateNodeRole[] = [];
  readonly #roles = new Map<string, StateRole>();
  readonly #lists: (readonly SettingEntry[])[] = [];
  readonly #indexOf = new Map<string, number>();
  /** Lists that were put in already: those of a kept state are the same objects for many node-roles. */
  readonly #met = new Map<readonly SettingEntry[], number>();
  readonly #resolved = new Map<string, number>();
  readonly #groups = new Map<ClusterNode, string>();
  readonly #bound: ReadonlyMap<string, BoundNodeRole>;
  readonly #kept = new Map<string, ReadonlyMap<string, StateNodeRole>>();

  constructor(input: StateInput) {
    this.#input = input;
    this.#bound = new Map(input.bound.map((each) => [each.id, each]));
    for (const { name, address, labels } of input.cluster.nodes) this.#nodes.set(name, { name, address, labels });
  }

  addPlaced(bound: BoundNodeRole): void {
    const { node, role, barclamp, deployment } = bound;
    this.#nodeRoles.push({
      node: node.name,
      role: role.name,
      deployment: deployment.name,
      barclamp: barclamp.name,
      settings: this.#settingsOf(bound),
    });
    const key = `${deployment.name}/${role.name}`;
    if (!this.#roles.has(key))
      this.#roles.set(key, {
        deployment: deployment.name,
        role: role.name,
        barclamp: barclamp.name,
        order: role.cluster?.order ?? "",
        quorum: quorumOf(role.cluster?.quorum, this.#membersOf(bound)) ?? 0,
      });
  }

  #membersOf({ deployment, role }: BoundNodeRole): number {
    return this.#input.bound.filter((each) => each.deployment.name === deployment.name && each.role.name === role.name).length;
  }

  /** With what the plan that put it there says; where that is not kept, with what the files say now. */
  addApplied(record: Standing): void {
    const state = this.#input.kept.get(record.plan);
    const before = state === undefined ? undefined : this.#index(record.plan, state).get(record.id);
    if (state === undefined || before === undefined) return this.#addAsPlaced(record);
    const { node, role, deployment, barclamp } = before;
    this.#nodeRoles.push({ node, role, deployment, barclamp, settings: this.#intern(state.settings[before.settings] ?? []) });
    const key = `${deployment}/${role}`;
    const known = this.#roles.get(key) ?? state.roles.find((each) => each.deployment === deployment && each.role === role);
    if (known !== undefined) this.#roles.set(key, known);
    if (this.#nodes.has(node)) return;
    const old = state.nodes.find((each) => each.name === node);
    if (old !== undefined) this.#nodes.set(node, old);
  }

  build(): PolicyState {
    return { nodes: [...this.#nodes.values()], nodeRoles: this.#nodeRoles, roles: [...this.#roles.values()], settings: this.#lists };
  }

  #addAsPlaced(record: Standing): void {
    const bound = this.#bound.get(record.id);
    if (bound !== undefined && bound.deployment.name === record.deployment) return this.addPlaced(bound);
    const { node, role, deployment, barclamp } = record;
    this.#nodeRoles.push({ node, role, deployment, barclamp, settings: this.#intern([]) });
    if (!this.#nodes.has(node)) this.#nodes.set(node, { name: node, address: "", labels: {} });
  }

  #index(plan: string, state: PolicyState): ReadonlyMap<string, StateNodeRole> {
    const known = this.#kept.get(plan);
    if (known !== undefined) return known;
    const made = new Map(state.nodeRoles.map((each) => [`${each.node}/${each.role}`, each]));
    this.#kept.set(plan, made);
    return made;
  }

  /** Nodes without settings of their own, in the same groups, have the same settings: they are resolved once. */
  #settingsOf({ deployment, node, barclamp }: BoundNodeRole): number {
    const { cluster } = this.#input;
    const own = node.set[barclamp.name] === undefined ? "" : node.name;
    const key = [deployment.name, barclamp.name, this.#groupsOf(node), own].join("\n");
    const known = this.#resolved.get(key);
    if (known !== undefined) return known;
    const { values } = resolveSettings(cluster, deployment, node, barclamp);
    const entries = Object.entries(values).map(([name, { value, layer }]): SettingEntry => {
      const type = barclamp.attributes[name]?.type ?? "string";
      const secret = type === "secret";
      return { barclamp: barclamp.name, name, type, value: secret ? null : value, origin: layer, secret };
    });
    const index = this.#intern(entries);
    this.#resolved.set(key, index);
    return index;
  }

  #groupsOf(node: ClusterNode): string {
    const known = this.#groups.get(node);
    if (known !== undefined) return known;
    const names = this.#input.cluster.groups.filter((group) => matchSelector(group.on, node)).map((group) => group.name);
    this.#groups.set(node, names.join(","));
    return names.join(",");
  }

  #intern(entries: readonly SettingEntry[]): number {
    const met = this.#met.get(entries);
    if (met !== undefined) return met;
    const key = JSON.stringify(entries);
    const index = this.#indexOf.get(key) ?? this.#lists.push(entries) - 1;
    this.#indexOf.set(key, index);
    this.#met.set(entries, index);
    return index;
  }
}
