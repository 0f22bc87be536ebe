import type { Cluster, ClusterNode } from "../model/cluster.ts";
import type { Facts } from "../model/facts.ts";
import { compareNatural } from "../model/natural-order.ts";
import type { BoundNodeRole } from "./graph.ts";
import { type Held, type Mode, plant, Touched, type Watch } from "./held.ts";
import type { Scope } from "./template.ts";

/** What the templates of one node-role see, with holes shown or revealed. */
export interface Scopes {
  readonly display: Scope;
  readonly real: Scope;
  /** Notes what is read while templates are rendered. */
  readonly watch: Watch;
  readonly bound: BoundNodeRole;
}

/** A node as templates see it. */
export interface NodeView {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** What a node-role's scopes are made from, beside the cluster. */
export interface ScopeValues {
  readonly set: Held;
  readonly inputs: Held;
  readonly facts: Facts | undefined;
  /** Ports that the other roles of the node say they listen on; worked out when a template reads `node.ports`. */
  readonly ports: () => Held;
}

/** Makes scopes; what many node-roles share is made once. */
export class ScopeMaker {
  readonly #nodes = new Map<ClusterNode, NodeView>();
  readonly #members = new Map<readonly ClusterNode[], readonly NodeView[]>();
  readonly #cluster: { readonly name: string; readonly nodes: readonly NodeView[] };

  constructor(cluster: Cluster) {
    const nodes = cluster.nodes.toSorted((a, b) => compareNatural(a.name, b.name));
    this.#cluster = { name: cluster.name, nodes: nodes.map((node) => this.node(node)) };
  }

  /** A node's view; the same object every time. */
  node(node: ClusterNode): NodeView {
    let view = this.#nodes.get(node);
    if (view === undefined) {
      view = { name: node.name, address: node.address, port: node.ssh.port, labels: node.labels };
      this.#nodes.set(node, view);
    }
    return view;
  }

  /** The scopes of one node-role. */
  scopes(bound: BoundNodeRole, values: ScopeValues): Scopes {
    const watch: Watch = { touched: new Touched() };
    const fixed = {
      cluster: this.#cluster,
      deployment: { name: bound.deployment.name },
      role: { name: bound.role.name, nodes: this.#team(bound.members), index: bound.index, first: bound.index === 0 },
    };
    const make = (mode: Mode): Scope =>
      withFacts(
        {
          ...plant({ set: values.set, inputs: values.inputs }, mode, watch),
          ...fixed,
          node: withPorts(this.node(bound.node), values.ports, mode, watch),
        },
        values.facts,
        watch,
      );
    let real: Scope | undefined;
    return {
      display: make("display"),
      get real() {
        real ??= make("real");
        return real;
      },
      watch,
      bound,
    };
  }

  #team(members: readonly ClusterNode[]): readonly NodeView[] {
    let team = this.#members.get(members);
    if (team === undefined) {
      team = members.map((node) => this.node(node));
      this.#members.set(members, team);
    }
    return team;
  }
}

/** The role's own node, which also tells what its other roles listen on. */
function withPorts(node: NodeView, ports: () => Held, mode: Mode, watch: Watch): object {
  let planted: unknown;
  return Object.defineProperty({ ...node }, "ports", {
    enumerable: false,
    get: () => {
      planted ??= plant({ ports: ports() }, mode, watch)["ports"];
      return planted;
    },
  });
}

/** Without facts, reading them is noted, so that the reader is told to discover the node instead of "undefined variable". */
function withFacts(scope: Record<string, unknown>, facts: Facts | undefined, watch: Watch): Scope {
  if (facts !== undefined) return { ...scope, facts };
  return Object.defineProperty({ ...scope }, "facts", {
    enumerable: true,
    get: () => {
      watch.touched.facts = true;
      return {};
    },
  });
}

/** The same scopes with an element of `each` as `item`. */
export function withItem(scopes: Scopes, item: { readonly display: unknown; readonly real: unknown } | undefined): Scopes {
  if (item === undefined) return scopes;
  return {
    display: extend(scopes.display, item.display),
    get real() {
      return extend(scopes.real, item.real);
    },
    watch: scopes.watch,
    bound: scopes.bound,
  };
}

/** A copy that keeps getters as getters. */
function extend(scope: Scope, item: unknown): Scope {
  return Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(scope), item: { enumerable: true, value: item } }) as Scope;
}
