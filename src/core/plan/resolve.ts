import { HalliganError, type Problem, problem } from "../errors.ts";
import type { ResolvedCheck, ResolvedNodeRole, ResolvedStep } from "../jigs/resolved.ts";
import type { CheckSource, Proof, StepSource } from "../model/barclamp.ts";
import type { Digest, NodeRoleId } from "../model/ids.ts";
import type { PlannedInput } from "../model/plan.ts";
import type { Json } from "../ports.ts";
import { ActionDigests } from "./actions.ts";
import type { BoundNodeRole, OrderedNodeRole } from "./graph.ts";
import { carried, flatten, type Held, secretText } from "./held.ts";
import type { KindLookup } from "./kinds.ts";
import { mergeProblems } from "./merge-problems.ts";
import { render } from "./render.ts";
import { resolveStep, type StepContext, type StepOutcome } from "./resolve-step.ts";
import { StepTemplates } from "./step-templates.ts";
import { templateProblem } from "./template-problem.ts";
import { type ValueContext, Values } from "./values.ts";

/** What resolving needs. */
export interface ResolveContext extends ValueContext {
  readonly kinds: KindLookup;
}

/** A node-role with everything rendered. */
export interface Resolution {
  readonly ordered: OrderedNodeRole;
  readonly resolved: ResolvedNodeRole;
  /** `auto`: the barclamp has none; the jig inverts the steps. */
  readonly undo: readonly ResolvedStep[] | "auto";
  readonly checks: readonly ResolvedCheck[];
  readonly inputs: Readonly<Record<string, PlannedInput>>;
  /** Display values of outputs known now. */
  readonly outputs: Readonly<Record<string, Json>>;
  /** Secrets used, sorted by name. */
  readonly secrets: readonly { readonly name: string; readonly version: number }[];
  /** Over everything it would do (actions.ts). */
  readonly actions: Digest;
  /** By step id: providers whose earlier outputs went into it. */
  readonly seen: ReadonlyMap<string, readonly NodeRoleId[]>;
  readonly problems: readonly Problem[];
}

/** A role's proof with everything rendered; without steps where `when` left all of them out. */
export interface RenderedProof {
  readonly proof: Proof;
  readonly steps: readonly ResolvedStep[];
  readonly cleanup: readonly ResolvedStep[];
  readonly problems: readonly Problem[];
}

/** Resolves node-roles of one graph; what they share is computed once. */
export class Resolver {
  readonly #context: ResolveContext;
  readonly #values: Values;
  readonly #templates = new StepTemplates();
  readonly #digests = new ActionDigests();
  /** Steps that are the same everywhere, by the ids that they notify. */
  readonly #notifying = new Map<ResolvedStep, Map<string, ResolvedStep>>();

  constructor(context: ResolveContext) {
    this.#context = context;
    this.#values = new Values(context);
  }

  /** Values as `why` shows them. */
  get values(): Values {
    return this.#values;
  }

  /**
   * Renders one node-role. Problems: those of its settings, `TEMPLATE_ERROR`, `WHEN_INVALID`, `FACTS_MISSING`, `SOURCE_MISSING`,
   * `STEP_INVALID`, `SECRET_MISPLACED`, `STEP_ID_TWICE`, `NOTIFY_UNKNOWN`, and what the secret lookup reports.
   */
  resolve(ordered: OrderedNodeRole): Resolution {
    const { bound } = ordered;
    const { role } = bound;
    const values = this.#values.of(ordered);
    const problems: Problem[] = [];
    const context: StepContext = { bound, scopes: values.scopes, kinds: this.#context.kinds, templates: this.#templates, problems };
    const all: StepOutcome[] = [];
    const shown = new Map<ResolvedStep, StepOutcome["shown"]>();
    const section = (sources: readonly StepSource[]): readonly ResolvedStep[] => {
      const outcomes = sources.flatMap((source) => resolveStep(source, context));
      all.push(...outcomes);
      problems.push(...doubleIds(outcomes, bound));
      return notified(outcomes, sources, bound, problems).map((step, index) => {
        const outcome = outcomes[index];
        const kept = outcome?.shared === true ? this.#shared(outcome.step, step) : step;
        if (outcome !== undefined && outcome.shown !== outcome.step) shown.set(kept, outcome.shown);
        return kept;
      });
    };
    const steps = section(role.steps);
    const resolved: ResolvedNodeRole = {
      id: bound.id,
      steps,
      verify: section(role.verify),
      around: { before: section(role.around.before), after: section(role.around.after), onFailure: section(role.around.onFailure) },
      outputs: stepOutputs(bound, steps),
    };
    const undo = role.undo === undefined ? "auto" : section(role.undo);
    problems.push(...secretUndo(all, bound));
    const checks = role.checks.flatMap((check) =>
      section([check.step]).map((step): ResolvedCheck => {
        const { code, curedBy } = check;
        return { code, step, curedBy, ...this.#said(check, context) };
      }),
    );
    const outputs = this.#outputs(bound);
    const secrets = this.#secrets(all, problems);
    problems.unshift(...(this.#values.problems.get(bound.id) ?? []));
    return {
      ordered,
      resolved,
      undo,
      checks,
      inputs: plannedInputs(values.inputs),
      outputs,
      secrets,
      actions: this.#digests.of({ resolved, undo, secrets }, (step) => shown.get(step) ?? step),
      seen: this.#context.lateOutputsSeen === true ? seenBy(all) : nothingSeen,
      problems: mergeProblems(problems),
    };
  }

  /**
   * Renders one proof of a node-role. Problems as of `resolve`, of the proof alone: no plan depends on it. A step that waits for a late value is
   * `unknown`.
   */
  proof(ordered: OrderedNodeRole, proof: Proof): RenderedProof {
    const { bound } = ordered;
    const problems: Problem[] = [];
    const { scopes } = this.#values.of(ordered);
    const context: StepContext = { bound, scopes, kinds: this.#context.kinds, templates: this.#templates, problems };
    const render = (sources: readonly StepSource[]): readonly StepOutcome[] => sources.flatMap((source) => resolveStep(source, context));
    const [steps, cleanup] = [render(proof.steps), render(proof.cleanup)];
    this.#secrets([...steps, ...cleanup], problems);
    const only = (outcomes: readonly StepOutcome[]): readonly ResolvedStep[] => outcomes.map((each) => ({ ...each.step, notify: [] }));
    return { proof, steps: only(steps), cleanup: only(cleanup), problems: mergeProblems(problems) };
  }

  /** One object for a step that is the same everywhere and notifies the same steps. */
  #shared(made: ResolvedStep, step: ResolvedStep): ResolvedStep {
    const forms = this.#notifying.get(made) ?? new Map<string, ResolvedStep>();
    const key = step.notify.join("\n");
    const before = forms.get(key);
    if (before !== undefined) return before;
    this.#notifying.set(made, forms.set(key, step));
    this.#digests.share(step);
    return step;
  }

  #outputs(bound: BoundNodeRole): Readonly<Record<string, Json>> {
    const names = Object.keys(bound.role.outputs);
    if (names.length === 0) return nothing;
    const outputs: Record<string, Json> = {};
    for (const name of names.toSorted()) {
      const value = this.#values.output(bound.id, name);
      if (value !== null && carried(value).late.size === 0) outputs[name] = flatten(value, "display");
    }
    return outputs;
  }

  /** A check's own words, as shown: a secret in them stays a placeholder, and an `item` of `each` they cannot have. */
  #said(check: CheckSource, { bound, scopes, problems }: StepContext): Pick<ResolvedCheck, "message" | "hint"> {
    const said: { message?: string; hint?: string } = {};
    for (const name of ["message", "hint"] as const) {
      const text = check[name];
      if (text === undefined) continue;
      try {
        const { display } = render(this.#templates.file(text), scopes);
        said[name] = typeof display === "string" ? display : JSON.stringify(display);
      } catch (error) {
        problems.push(templateProblem(error, { bound, what: `${name} of check ${check.code}`, place: check.step.place, scopes }));
      }
    }
    return said;
  }

  #secrets(outcomes: readonly StepOutcome[], problems: Problem[]): Resolution["secrets"] {
    const names = [...new Set(outcomes.flatMap((each) => each.secrets))].toSorted();
    if (names.length === 0) return noSecrets;
    return names.flatMap((name) => {
      const ref = this.#values.refs.get(name);
      if (ref === undefined) return [];
      try {
        return [{ name, version: this.#context.secrets?.(ref).version ?? 0 }];
      } catch (error) {
        if (!(error instanceof HalliganError)) throw error;
        problems.push(...error.problems);
        return [];
      }
    });
  }
}

/** What takes a node-role away is kept without secrets, so its own `undo` steps cannot have any. */
function secretUndo(outcomes: readonly StepOutcome[], bound: BoundNodeRole): readonly Problem[] {
  const sources = new Set(bound.role.undo ?? []);
  return outcomes.flatMap(({ source, secrets: [secret] }) => {
    if (secret === undefined || !sources.has(source)) return [];
    const message = `undo step ${source.id} of role ${bound.role.name} uses ${secretText(secret)}, which is not kept for taking the role away`;
    const hint = "Let a step write the secret to a file of mode 0600, and read that file in the undo step.";
    return [problem("SECRET_MISPLACED", { message, at: source.place, hint })];
  });
}

/** One object for all that have none. */
const nothing = {};

function plannedInputs(inputs: Readonly<Record<string, Held>>): Resolution["inputs"] {
  const names = Object.keys(inputs);
  if (names.length === 0) return nothing;
  return Object.fromEntries(names.toSorted().map((name) => [name, plannedInput(inputs[name] ?? null)]));
}

/** How the plan tells an input: its value, or the node-roles that it waits for. */
function plannedInput(value: Held): PlannedInput {
  const { late } = carried(value);
  if (late.size === 0) return { known: true, value: flatten(value, "display") };
  const sources = [...late.values()];
  const outputs = [...new Set(sources.map((each) => each.output))];
  return { known: false, from: [...new Set(sources.flatMap((each) => each.from))], output: outputs.join(", ") };
}

function stepOutputs(bound: BoundNodeRole, steps: readonly ResolvedStep[]): ResolvedNodeRole["outputs"] {
  return Object.keys(bound.role.outputs)
    .toSorted()
    .flatMap((name) => {
      const wanted = bound.role.outputs[name]?.fromStep;
      if (wanted === undefined) return [];
      const sources = bound.role.steps.filter((source) => isNamed(source, wanted)).map((source) => source.id);
      const step = steps.find((each) => each.id === wanted || sources.includes(each.id));
      return step === undefined ? [] : [{ name, step: step.id }];
    });
}

/** True when a step goes by this name: its `name`, its id, or the name that its kind acts on. */
function isNamed(source: StepSource, name: string): boolean {
  const { args } = source;
  const own =
    typeof args === "object" && args !== null && !Array.isArray(args) ? (args as Readonly<Record<string, Json>>)["name"] : undefined;
  return source.common.name === name || source.id === name || source.id === `${source.kind}:${name}` || own === name;
}

/** Replaces the names in `notify` by the ids of the steps that are there. */
function notified(
  outcomes: readonly StepOutcome[],
  sources: readonly StepSource[],
  bound: BoundNodeRole,
  problems: Problem[],
): readonly ResolvedStep[] {
  return outcomes.map(({ step, source }) => {
    if (step.notify.length === 0) return step;
    const ids = step.notify.flatMap((name) => {
      const targets = sources.filter((each) => isNamed(each, name));
      // A service is meant before anything else of that name.
      const meant = targets.filter((each) => each.kind === "service");
      const chosen = new Set(meant.length > 0 ? meant : targets);
      if (chosen.size === 0) {
        const message = `step ${source.id} of role ${bound.role.name} notifies ${name}, and the role has no such step`;
        problems.push(problem("NOTIFY_UNKNOWN", { message, at: source.place }));
      }
      return outcomes.filter((each) => chosen.has(each.source)).map((each) => each.step.id);
    });
    return { ...step, notify: [...new Set(ids)] };
  });
}

function doubleIds(outcomes: readonly StepOutcome[], bound: BoundNodeRole): readonly Problem[] {
  const seen = new Set<string>();
  return outcomes.flatMap(({ step, source }) => {
    if (!seen.has(step.id)) {
      seen.add(step.id);
      return [];
    }
    return [problem("STEP_ID_TWICE", { message: `two steps of role ${bound.role.name} have the id ${step.id}`, at: source.place })];
  });
}

const noSecrets: Resolution["secrets"] = [];
const nothingSeen: ReadonlyMap<string, readonly NodeRoleId[]> = new Map();

function seenBy(outcomes: readonly StepOutcome[]): ReadonlyMap<string, readonly NodeRoleId[]> {
  const entries = outcomes.filter((each) => each.seen.length > 0);
  if (entries.length === 0) return nothingSeen;
  return new Map(entries.map((each) => [each.step.id, [...new Set(each.seen.flatMap((late) => late.from))]]));
}
