import { HalliganError, type Problem, problem } from "../errors.ts";
import type { Cluster } from "../model/cluster.ts";
import type { NodeRoleId } from "../model/ids.ts";
import { isSecretRef, type SecretRef } from "../model/secret-ref.ts";
import type { Json } from "../ports.ts";
import { compareText } from "./catalogue.ts";
import type { BoundNodeRole, Graph, InputBinding, OrderedNodeRole } from "./graph.ts";
import { type Held, Hole, secretText } from "./held.ts";
import { isLate, typed } from "./outputs.ts";
import type { FactsByNode } from "./platform.ts";
import { compile, type Compiled, render } from "./render.ts";
import { ScopeMaker, type Scopes } from "./scope.ts";
import type { SecretLookup, Settings, SettingsOf } from "./settings-view.ts";
import { factsMissing, templateProblem } from "./template-problem.ts";

/** What values are made from. */
export interface ValueContext {
  readonly cluster: Cluster;
  /** The whole graph: providers outside of the plan included. */
  readonly graph: Graph;
  readonly settings: SettingsOf;
  readonly facts: FactsByNode;
  /** Only where real values are to be delivered; without it placeholders stand everywhere. */
  readonly secrets?: SecretLookup;
  /** Outputs that steps told: in this run, or for a plan in the run that made the provider active. */
  readonly lateOutputs?: ReadonlyMap<NodeRoleId, Readonly<Record<string, Json>>>;
  /** `lateOutputs` are from an earlier run: what depends on them holds only while their provider does not change. */
  readonly lateOutputsSeen?: boolean;
}

/** Everything that the templates of one node-role can read. */
export interface NodeRoleValues {
  readonly settings: Settings;
  readonly inputs: Readonly<Record<string, Held>>;
  readonly scopes: Scopes;
}

/** Values of so many node-roles are kept, for those that are asked about again at once. */
const valuesKept = 256;

/**
 * Computes settings, inputs and outputs of node-roles on demand, each once. An output that needs a secret or a late value is a hole that
 * carries it to whoever takes it as an input.
 */
export class Values {
  readonly #context: ValueContext;
  readonly #scopes: ScopeMaker;
  readonly #values = new Map<NodeRoleId, NodeRoleValues>();
  readonly #outputs = new Map<string, Held>();
  readonly #lists = new Map<readonly BoundNodeRole[], Map<string, Held>>();
  readonly #open = new Set<string>();
  readonly #templates = new Map<string, Compiled>();
  #byNode: ReadonlyMap<string, readonly OrderedNodeRole[]> | undefined;
  /** Secrets by key, as far as they were met. */
  readonly refs = new Map<string, SecretRef>();
  /** Problems by node-role, of the values alone. */
  readonly problems = new Map<NodeRoleId, Problem[]>();

  constructor(context: ValueContext) {
    this.#context = context;
    this.#scopes = new ScopeMaker(context.cluster);
  }

  /** What templates of this node-role read. */
  of(ordered: OrderedNodeRole): NodeRoleValues {
    const { bound } = ordered;
    const known = this.#values.get(bound.id);
    if (known !== undefined) return known;
    const settings = this.#context.settings(bound);
    this.#report(bound.id, ...settings.problems);
    const set: Record<string, Held> = {};
    for (const [name, setting] of Object.entries(settings.values)) {
      // Only that layer holds references: a map that merely looks like one must not fetch a secret of another deployment.
      set[name] = setting.layer === "secrets" && isSecretRef(setting.value) ? this.#secret(setting.value) : setting.value;
    }
    const inputs: Record<string, Held> = {};
    for (const [name, input] of Object.entries(bound.role.inputs)) {
      const binding = ordered.inputs[name];
      later(inputs, name, () => (binding === undefined ? null : this.#input(binding)) ?? input.default ?? null);
    }
    const values = {
      settings,
      inputs,
      scopes: this.#scopes.scopes(bound, { set, inputs, facts: this.#context.facts.get(bound.node.name), ports: () => this.#ports(bound) }),
    };
    this.#values.set(bound.id, values);
    // A node-role is rendered once: what it read is let go of again. Outputs, which others read, are kept apart.
    const [oldest] = this.#values.keys();
    if (this.#values.size > valuesKept && oldest !== undefined) this.#values.delete(oldest);
    return values;
  }

  /** An output of a node-role; null when there is no such output or it has no value. */
  output(id: NodeRoleId, name: string): Held {
    const key = `${id}.${name}`;
    const known = this.#outputs.get(key);
    if (known !== undefined) return known;
    const ordered = this.#context.graph.byId.get(id);
    const output = ordered?.bound.role.outputs[name];
    if (ordered === undefined || output === undefined) return null;
    if (this.#open.has(key)) {
      const message = `output ${name} of role ${ordered.bound.role.name} needs itself`;
      this.#report(id, problem("CYCLE", { message, at: ordered.bound.role.place }));
      return null;
    }
    this.#open.add(key);
    const value = isLate(output) ? this.#late(id, name, output.type) : this.#rendered(ordered, name);
    this.#open.delete(key);
    this.#outputs.set(key, value);
    return value;
  }

  /** Notes a problem of a node-role's values. */
  #report(id: NodeRoleId, ...problems: readonly Problem[]): void {
    if (problems.length > 0) this.problems.set(id, [...(this.problems.get(id) ?? []), ...problems]);
  }

  #secret(ref: SecretRef): Hole {
    this.refs.set(ref.secret, ref);
    const lookup = this.#context.secrets;
    const display = secretText(ref.secret);
    const hidden = lookup === undefined || lookup.masked === true;
    return new Hole({ display, secrets: [ref.secret], reveal: hidden ? undefined : () => lookup(ref).value });
  }

  #input(binding: InputBinding): Held {
    switch (binding.kind) {
      case "default":
        return null;
      case "one":
        return this.output(binding.provider.id, binding.output);
      case "all":
        return this.#all(binding.providers, binding.output);
      default:
        return binding satisfies never;
    }
  }

  /** {node, address, value} of every provider; one list for all that take it. */
  #all(providers: readonly BoundNodeRole[], output: string): Held {
    const lists = this.#lists.get(providers) ?? new Map<string, Held>();
    this.#lists.set(providers, lists);
    const known = lists.get(output);
    if (known !== undefined) return known;
    const list = providers.map((each) => ({ node: each.node.name, address: each.node.address, value: this.output(each.id, output) }));
    lists.set(output, list);
    return list;
  }

  /** {role, value} of every other role on the node that has an output `ports`, by name: read without waiting for it. */
  #ports(bound: BoundNodeRole): Held {
    this.#byNode ??= Map.groupBy(this.#context.graph.byId.values(), (each) => each.bound.node.name);
    return (this.#byNode.get(bound.node.name) ?? [])
      .filter((each) => each.bound.id !== bound.id && each.bound.role.outputs["ports"] !== undefined)
      .map((each) => ({ role: each.bound.role.name, value: this.output(each.bound.id, "ports") }))
      .toSorted((a, b) => compareText(a.role, b.role));
  }

  #late(id: NodeRoleId, name: string, type: Parameters<typeof typed>[1]): Held {
    const source = { from: [id], output: name };
    const raw = this.#context.lateOutputs?.get(id)?.[name];
    // Marked even in the run that told it, so that ids of steps stay what they were in the plan.
    const seen = [source];
    if (raw === undefined) return new Hole({ display: `(known after ${id}.${name})`, late: [source] });
    const value = typed(raw, type);
    if (type === "secret") return new Hole({ display: secretText(`${id}.${name}`), secrets: [`${id}.${name}`], seen, reveal: () => value });
    return new Hole({ display: value, seen, reveal: () => value });
  }

  #rendered(ordered: OrderedNodeRole, name: string): Held {
    const { bound } = ordered;
    const output = bound.role.outputs[name];
    if (output?.value === undefined) return null;
    const { scopes } = this.of(ordered);
    try {
      const result = render(this.#compiled(output.value), scopes);
      const { touched } = result;
      if (touched.facts) this.#report(bound.id, factsMissing(bound));
      const shown = typed(result.display, output.type);
      if (output.type === "secret" && touched.secrets.size === 0) touched.addSecret(`${bound.id}.${name}`);
      if (!touched.tainted && touched.seen.size === 0) return shown;
      const display = output.type === "secret" ? secretText(`${bound.id}.${name}`) : shown;
      const known = touched.late.size === 0 && !touched.hidden;
      return touched.hole(display, known ? () => typed(result.real, output.type) : undefined);
    } catch (error) {
      if (error instanceof HalliganError) this.#report(bound.id, ...error.problems);
      else this.#report(bound.id, templateProblem(error, { bound, what: `output ${name}`, place: bound.role.place, scopes }));
      return null;
    }
  }

  #compiled(text: string): Compiled {
    let compiled = this.#templates.get(text);
    if (compiled === undefined) {
      compiled = compile(text);
      this.#templates.set(text, compiled);
    }
    return compiled;
  }
}

/** A property that is worked out when it is first read: outputs of a role may be read by its own members, whose outputs do not need them. */
function later(target: Record<string, Held>, name: string, work: () => Held): void {
  const options = { enumerable: true, configurable: true };
  Object.defineProperty(target, name, {
    ...options,
    get: () => {
      const value = work();
      Object.defineProperty(target, name, { ...options, value });
      return value;
    },
  });
}
