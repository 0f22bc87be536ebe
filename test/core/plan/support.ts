import type { FilePlace, Problem } from "../../../src/core/errors.ts";
import type { Barclamp, Input, Output, Role, StepCommon, StepSource } from "../../../src/core/model/barclamp.ts";
import type { Cluster, ClusterNode, Deployment, Placement, SshSettings } from "../../../src/core/model/cluster.ts";
import { isSecretRef } from "../../../src/core/model/secret-ref.ts";
import { parseSelector } from "../../../src/core/model/selector.ts";
import { bind } from "../../../src/core/plan/bind.ts";
import type { Graph } from "../../../src/core/plan/graph.ts";
import type { KindLookup } from "../../../src/core/plan/kinds.ts";
import { order } from "../../../src/core/plan/order.ts";
import { type ResolveContext, Resolver, type Resolution } from "../../../src/core/plan/resolve.ts";
import type { Setting, SettingsOf } from "../../../src/core/plan/settings-view.ts";
import type { Json } from "../../../src/core/ports.ts";

export const place: FilePlace = { file: "barclamps/x/barclamp.yaml", line: 7, column: 3, text: "  x:" };

const ssh: SshSettings = {
  user: "ops",
  port: 22,
  transport: "ssh2",
  keys: [],
  agent: false,
  become: "none",
  jump: [],
  hostKeys: "strict",
  connectTimeoutMs: 10_000,
};

export function node(name: string, labels: Readonly<Record<string, string>> = {}): ClusterNode {
  return { name, address: `10.0.0.${name.replaceAll(/\D/gu, "") || "1"}`, labels, ssh, set: {} };
}

export function step(kind: string, args: Json, common: Partial<StepCommon> & { readonly id?: string } = {}): StepSource {
  const { id, ...rest } = common;
  const path = typeof args === "object" && args !== null && "path" in args ? String((args as { path: Json }).path) : "x";
  return { kind, args, id: id ?? rest.name ?? `${kind}:${path}`, common: { notify: [], retries: 0, retryDelayMs: 1000, ...rest }, place };
}

type RoleParts = Partial<Omit<Role, "name" | "barclamp" | "inputs" | "outputs">> & {
  readonly inputs?: Readonly<Record<string, string | Partial<Input>>>;
  readonly outputs?: Readonly<Record<string, Partial<Output>>>;
};

export function role(name: string, parts: RoleParts = {}): Role {
  const { inputs = {}, outputs = {}, ...rest } = parts;
  return {
    name,
    barclamp: "x",
    jig: "shell",
    requires: [],
    conflicts: [],
    platform: [],
    provides: [],
    inputs: mapValues(inputs, (input) => (typeof input === "string" ? { from: input, all: false } : { from: "", all: false, ...input })),
    steps: [],
    outputs: mapValues(outputs, (output) => ({ type: "string", ...output })),
    checks: [],
    verify: [],
    proves: [],
    around: { before: [], after: [], onFailure: [] },
    place,
    ...rest,
  };
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

export function barclamp(name: string, roles: readonly Role[], files: Readonly<Record<string, string>> = {}): Barclamp {
  return {
    name,
    version: "1.0.0",
    attributes: {},
    roles: Object.fromEntries(roles.map((each) => [each.name, { ...each, barclamp: name }])),
    migrations: [],
    files: new Map(Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)])),
    digest: "sha256:00",
    folder: `barclamps/${name}`,
  };
}

type PlaceParts = string | (Partial<Omit<Placement, "on" | "role">> & { readonly on?: string });

export function deployment(name: string, places: Readonly<Record<string, PlaceParts>>, parts: Partial<Deployment> = {}): Deployment {
  const list = Object.entries(places).map(([roleName, given]): Placement => {
    const { on = "all", ...rest } = typeof given === "string" ? { on: given } : given;
    const parsed = parseSelector(on);
    if (!parsed.ok) throw new Error(parsed.message);
    return { role: roleName, avoid: [], ...rest, on: parsed.selector };
  });
  return { name, place: list, set: {}, secrets: {}, use: {}, rollout: { onUnreachable: "skip-and-report" }, ...parts };
}

export function cluster(nodes: readonly ClusterNode[], deployments: readonly Deployment[]): Cluster {
  return { name: "lab", ssh, nodes, set: {}, groups: [], deployments, places: new Map() };
}

export const names = (count: number, prefix = "n"): readonly ClusterNode[] =>
  Array.from({ length: count }, (_, index) => node(`${prefix}-${index + 1}`));

/** Kinds that accept any map; `file` needs a path and takes a numeric `mode`. */
const kinds: KindLookup = (kind) =>
  kind === "missing"
    ? undefined
    : {
        accept: (args) => {
          if (typeof args !== "object" || args === null || Array.isArray(args))
            return { ok: false, issues: [{ path: "", message: "expected a map" }] };
          const map = args as Readonly<Record<string, Json>>;
          if ("size" in map && typeof map["size"] !== "number")
            return { ok: false, issues: [{ path: "size", message: `expected a number, found ${String(map["size"])}` }] };
          return { ok: true, args: map };
        },
        label: (args) => `${kind} ${String(args["path"] ?? args["name"] ?? args["run"] ?? "")}`.trim(),
        sources: kind === "template" || kind === "archive" ? ["source"] : [],
        secretArgs: ["content", "run", "text", "size"],
      };

export function settings(values: Readonly<Record<string, Json>>): SettingsOf {
  const all = mapValues(values, (value): Setting => ({ value, layer: isSecretRef(value) ? "secrets" : "default" }));
  return () => ({ values: all, problems: [] });
}

export interface Made {
  readonly graph: Graph;
  readonly problems: readonly Problem[];
  readonly resolver: Resolver;
  resolve(id: string): Resolution;
}

/** Binds, orders and makes a resolver. */
export function make(
  of: Cluster,
  barclamps: readonly Barclamp[],
  context: Partial<ResolveContext> & { readonly deployments?: readonly string[] } = {},
): Made {
  const { deployments, ...rest } = context;
  const bound = bind({ cluster: of, barclamps, facts: rest.facts ?? new Map(), ...(deployments === undefined ? {} : { deployments }) });
  const ordered = order(bound.bound, bound.catalogue);
  const resolver = new Resolver({ cluster: of, graph: ordered.graph, settings: settings({}), facts: new Map(), kinds, ...rest });
  return {
    graph: ordered.graph,
    problems: [...bound.problems, ...ordered.problems],
    resolver,
    resolve(id) {
      const found = ordered.graph.byId.get(id as `${string}/${string}`);
      if (found === undefined) throw new Error(`no node-role ${id}`);
      return resolver.resolve(found);
    },
  };
}

export const codesOf = (problems: readonly Problem[]): readonly string[] => problems.map((each) => each.code);
