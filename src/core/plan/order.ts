import { type Problem, problem } from "../errors.ts";
import type { Input } from "../model/barclamp.ts";
import { type Catalogue, listing } from "./catalogue.ts";
import { layered } from "./cohorts.ts";
import type { BoundNodeRole, Graph, InputBinding, Wait } from "./graph.ts";
import { teamOf } from "./members.ts";
import { Providers } from "./providers.ts";

/** The outcome of ordering; `graph` leaves out what could not be ordered. */
export interface OrderResult {
  readonly graph: Graph;
  readonly problems: readonly Problem[];
}

/** A node-role with what it waits for, before cohorts are known. */
export interface Waiting {
  readonly bound: BoundNodeRole;
  readonly waits: readonly Wait[];
  readonly inputs: Readonly<Record<string, InputBinding>>;
}

/**
 * Orders bound node-roles by what they require and take from others.
 * Problems: `PROVIDER_MISSING`, `PROVIDER_AMBIGUOUS`, `PROVIDER_INVALID`, `OUTPUT_UNKNOWN`, `CYCLE`.
 */
export function order(bound: readonly BoundNodeRole[], catalogue: Catalogue): OrderResult {
  const providers = new Providers(bound, catalogue);
  const found = new Map<string, Problem>();
  const founders = foundersOf(bound);
  const waiting = bound.map((each) => waitsOf(each, providers, founders, found));
  const { graph, problems } = layered(waiting);
  return { graph, problems: [...found.values(), ...problems] };
}

/** First member of each founder-first role, by deployment and role. Lists of one, shared. */
function foundersOf(bound: readonly BoundNodeRole[]): ReadonlyMap<string, readonly BoundNodeRole[]> {
  const founders = new Map<string, readonly BoundNodeRole[]>();
  for (const each of bound) {
    if (each.role.cluster?.order === "founder-first" && each.index === 0) founders.set(teamOf(each), [each]);
  }
  return founders;
}

function waitsOf(
  by: BoundNodeRole,
  providers: Providers,
  founders: ReadonlyMap<string, readonly BoundNodeRole[]>,
  found: Map<string, Problem>,
): Waiting {
  const waits: Wait[] = [];
  const inputs: Record<string, InputBinding> = {};
  // One problem per role and requirement, however many nodes have it.
  const report = (what: string, wrong: Problem | undefined): void => {
    const key = `${teamOf(by)}\n${what}`;
    if (wrong !== undefined && !found.has(key)) found.set(key, wrong);
  };
  for (const wanted of by.role.requires) {
    const outcome = providers.find({ by, wanted, all: false });
    if (outcome.found === undefined) report(wanted, outcome.problem);
    else waits.push({ why: "requires", name: wanted, wanted, ...outcome.found });
  }
  for (const [name, input] of Object.entries(by.role.inputs)) {
    const { binding, wait, wrong } = bindInput(by, name, input, providers);
    // A requirement of the same name has reported it.
    report(wrong?.code === "OUTPUT_UNKNOWN" ? `input ${name}` : sourceOf(input).wanted, wrong);
    if (binding !== undefined) inputs[name] = binding;
    if (wait !== undefined) waits.push(wait);
  }
  const founder = by.index === 0 ? undefined : founders.get(teamOf(by));
  if (founder !== undefined) waits.push({ why: "founder", name: by.role.name, providers: founder });
  // Without the room for seventeen that a list has once something was added.
  return { bound: by, waits: waits.slice(), inputs };
}

/** `sql.url` -> capability or role `sql`, output `url`. */
function sourceOf(input: Input): { readonly wanted: string; readonly output: string } {
  const dot = input.from.indexOf(".");
  return dot < 0 ? { wanted: input.from, output: "" } : { wanted: input.from.slice(0, dot), output: input.from.slice(dot + 1) };
}

function bindInput(
  by: BoundNodeRole,
  name: string,
  input: Input,
  providers: Providers,
): { readonly binding?: InputBinding; readonly wait?: Wait; readonly wrong?: Problem | undefined } {
  const { wanted, output } = sourceOf(input);
  const outcome = providers.find({ by, wanted, all: input.all });
  if (outcome.found === undefined) {
    const missing = outcome.problem?.code === "PROVIDER_MISSING";
    return missing && input.default !== undefined ? { binding: { kind: "default" } } : { wrong: outcome.problem };
  }
  const members = outcome.found.providers;
  const [first] = members;
  if (first === undefined) return {};
  const given = first.role.outputs[output];
  if (given === undefined) return { wrong: outputUnknown(by, name, input, first) };
  const binding: InputBinding = input.all ? { kind: "all", providers: members, output } : { kind: "one", provider: first, output };
  // A role may read what its own members give before any of them runs; there is nothing to wait for.
  if (first.role.name === by.role.name && given.fromStep === undefined) return { binding };
  return { binding, wait: { why: "input", name, wanted, ...outcome.found } };
}

function outputUnknown(by: BoundNodeRole, name: string, input: Input, provider: BoundNodeRole): Problem {
  const outputs = Object.keys(provider.role.outputs).toSorted();
  return problem("OUTPUT_UNKNOWN", {
    message: `input ${name} of role ${by.role.name} takes ${input.from}, but role ${provider.role.name} has no such output`,
    at: by.role.place,
    hint:
      outputs.length === 0
        ? `Role ${provider.role.name} has no outputs; add one to its barclamp.`
        : `Its outputs: ${listing(outputs, 20)}.`,
  });
}
