import { type FilePlace, type Problem, problem } from "../errors.ts";
import type { NodeRoleId } from "../model/ids.ts";
import type { Because, Plan, PlannedInput, PlannedNodeRole } from "../model/plan.ts";
import { isSecretRef } from "../model/secret-ref.ts";
import type { ValueType } from "../model/barclamp.ts";
import type { Cluster } from "../model/cluster.ts";
import type { Json } from "../ports.ts";
import { secretText } from "./held.ts";
import type { Graph, ProviderRule } from "./graph.ts";
import type { Resolver } from "./resolve.ts";
import { selectorText } from "./selector-text.ts";

/** What `why NODE/ROLE` tells. Data only: front ends choose the words. */
export interface WhyFacts {
  readonly id: NodeRoleId;
  readonly node: string;
  readonly role: string;
  readonly barclamp: string;
  readonly cohort: number;
  /** The placement that chose the node. */
  readonly placement: {
    readonly deployment: string;
    readonly on: string;
    readonly count?: number;
    readonly spread?: string;
    readonly avoid: readonly string[];
    /** Nodes chosen, natural order. */
    readonly chosen: readonly string[];
    readonly place?: FilePlace;
  };
  readonly waits: readonly WhyWait[];
  readonly inputs: Readonly<Record<string, PlannedInput>>;
  readonly settings: readonly WhySetting[];
  /** The node-role in the plan that was asked about, if it is in it. */
  readonly planned?: Pick<PlannedNodeRole, "action" | "steps" | "blocked"> & { readonly because?: readonly Because[] };
  /** Problems of resolving it. */
  readonly problems: readonly Problem[];
}

/** One reason to wait. */
export interface WhyWait {
  readonly why: "requires" | "input" | "founder";
  readonly name: string;
  /** Capability or role; absent for a founder. */
  readonly wanted?: string;
  readonly rule?: ProviderRule;
  /** Decided by the deployment's `use`. */
  readonly byUse?: boolean;
  readonly providers: readonly NodeRoleId[];
}

/** One setting, secrets masked. */
export interface WhySetting {
  readonly name: string;
  readonly value: Json;
  readonly secret: boolean;
  /** As the barclamp declares it. A duration's value is in ms, a size's in bytes. */
  readonly type: ValueType;
  readonly layer: string;
  /** Name of the node, group or deployment. */
  readonly layerName?: string;
  readonly place?: FilePlace;
}

/** What an explanation is drawn from. */
export interface ExplainInput {
  readonly id: NodeRoleId;
  readonly cluster: Cluster;
  readonly graph: Graph;
  readonly resolver: Resolver;
  readonly plan?: Pick<Plan, "body" | "because">;
}

/** Explains one node-role. The problem is `NODE_ROLE_UNKNOWN` when no placement gives the node this role. */
export function explain(input: ExplainInput): { readonly why: WhyFacts } | { readonly problem: Problem } {
  const ordered = input.graph.byId.get(input.id);
  if (ordered === undefined) return { problem: notPlaced(input) };
  const { bound } = ordered;
  const { placement } = bound;
  const resolution = input.resolver.resolve(ordered);
  const planned = input.plan?.body.nodeRoles.find((each) => each.id === input.id);
  const place = input.cluster.places.get(`deployments.${bound.deployment.name}.place.${placement.role}`);
  return {
    why: {
      id: bound.id,
      node: bound.node.name,
      role: bound.role.name,
      barclamp: bound.barclamp.name,
      cohort: ordered.cohort,
      placement: {
        deployment: bound.deployment.name,
        on: selectorText(placement.on),
        ...(placement.count === undefined ? {} : { count: placement.count }),
        ...(placement.spread === undefined ? {} : { spread: placement.spread }),
        avoid: placement.avoid,
        chosen: bound.members.map((node) => node.name),
        ...(place === undefined ? {} : { place }),
      },
      waits: ordered.waits.map((wait): WhyWait => {
        const providers = wait.providers.map((each) => each.id);
        if (wait.why === "founder") return { why: wait.why, name: wait.name, providers };
        return { why: wait.why, name: wait.name, wanted: wait.wanted, rule: wait.rule, byUse: wait.byUse, providers };
      }),
      inputs: resolution.inputs,
      settings: settingsOf(input.resolver, ordered),
      ...(planned === undefined ? {} : { planned: pick(planned, input.plan?.because?.[input.id]) }),
      problems: resolution.problems,
    },
  };
}

function settingsOf(resolver: Resolver, ordered: Parameters<Resolver["resolve"]>[0]): readonly WhySetting[] {
  const { values } = resolver.values.of(ordered).settings;
  return Object.keys(values)
    .toSorted()
    .flatMap((name) => {
      const setting = values[name];
      if (setting === undefined) return [];
      const secret = setting.layer === "secrets" && isSecretRef(setting.value);
      const value = secret ? secretText(setting.value.secret) : setting.value;
      const from = setting.name === undefined ? {} : { layerName: setting.name };
      const type = ordered.bound.barclamp.attributes[name]?.type ?? "string";
      return [
        { name, value, secret, type, layer: setting.layer, ...from, ...(setting.place === undefined ? {} : { place: setting.place }) },
      ];
    });
}

function pick(planned: PlannedNodeRole, because: readonly Because[] | undefined): NonNullable<WhyFacts["planned"]> {
  const { action, steps, blocked } = planned;
  return { action, steps, ...(because === undefined ? {} : { because }), ...(blocked === undefined ? {} : { blocked }) };
}

function notPlaced({ id, cluster, graph }: ExplainInput): Problem {
  const slash = id.indexOf("/");
  const [node, role] = [id.slice(0, slash), id.slice(slash + 1)];
  if (!cluster.nodes.some((each) => each.name === node)) {
    return problem("NODE_ROLE_UNKNOWN", { message: `the cluster has no node ${node}`, hint: "`halligan nodes` lists them." });
  }
  const roles = graph.ranked.filter((each) => each.node.name === node).map((each) => each.role.name);
  const hint = roles.length === 0 ? `No role is placed on ${node}.` : `Roles on ${node}: ${roles.join(", ")}.`;
  return problem("NODE_ROLE_UNKNOWN", { message: `no placement puts role ${role} on node ${node}`, at: { node }, hint });
}
