import type { Facts } from "../../model/facts.ts";
import type { CompiledStep, CompileInput, ResolvedStep } from "../resolved.ts";
import { parseArgs } from "./arguments.ts";
import { type ScriptContext, StepContext } from "./context.ts";
import type { FixtureState } from "./fixture-state.ts";
import type { StepInput, StepShell } from "./kind.ts";
import { stepKinds } from "./kinds/index.ts";
import { witnesses } from "./prelude/witness.ts";

type Section = StepInput["section"];

/** What to compile, and for fixtures the state to judge instead of the node's. */
export interface ShellCompileInput extends CompileInput {
  /** Instead of gathering (only `check`). */
  readonly observe?: FixtureState;
  /** With `observe`: the package manager that the fixture's node has. Default apt. */
  readonly manager?: Facts["packageManager"];
}

/** A step of a script. */
export interface Compiled {
  readonly index: number;
  readonly step: ResolvedStep;
  readonly section: Section;
  readonly shell: StepShell | undefined;
  readonly context: StepContext;
  readonly notified: boolean;
}

/** A node-role's share of a script, in which steps are numbered through. */
export interface Part {
  readonly input: ShellCompileInput;
  readonly role: string;
  readonly steps: readonly Compiled[];
}

/** Compiles the steps of a node-role; the first has number `from`. */
export function collect(input: ShellCompileInput, script: ScriptContext, from: number): Part {
  const { nodeRole, mode } = input;
  const role = nodeRole.id.slice(nodeRole.id.lastIndexOf("/") + 1);
  const apply = mode === "apply";
  const sections: readonly (readonly [Section, readonly ResolvedStep[]])[] = [
    [mode === "remove" ? "undo" : "steps", mode === "prove" ? [] : nodeRole.steps],
    ["before", apply ? nodeRole.around.before : []],
    ["verify", apply ? nodeRole.verify : []],
    ["after", apply ? nodeRole.around.after : []],
    ["on-failure", apply ? nodeRole.around.onFailure : []],
    ["prove", input.proof?.steps ?? []],
    ["cleanup", input.proof?.cleanup ?? []],
    ["checks", mode === "remove" ? [] : (input.checks ?? []).filter((step) => apply || !step.unknown)],
  ];
  const notified = new Set(nodeRole.steps.flatMap((step) => step.notify));
  const giving = new Set(nodeRole.outputs.map((output) => output.step));
  let index = from;
  const steps = sections.flatMap(([section, list]) =>
    list.map((step) => {
      const inSteps = section === "steps";
      const facts = { notified: inSteps && notified.has(step.id), givesValue: inSteps && giving.has(step.id) };
      return compileStep(step, { section, ...facts }, new StepContext(script, role, index++, step), mode);
    }),
  );
  return { input, role, steps };
}

function compileStep(
  step: ResolvedStep,
  facts: Pick<StepInput, "section" | "notified" | "givesValue">,
  context: StepContext,
  mode: CompileInput["mode"],
): Compiled {
  const base = { index: context.index, step, section: facts.section, context, notified: facts.notified };
  if (step.unknown && mode === "check") return { ...base, shell: undefined };
  const { kind, args } = parseArgs(step, stepKinds);
  return { ...base, shell: kind.compile(args, { id: step.id, secret: step.secret, blobs: step.blobs, ...facts }, context) };
}

/** Services that are asked when the node-role does not work. */
export function served(input: ShellCompileInput): string | undefined {
  return input.mode === "apply" ? witnesses(input.nodeRole.steps) : witnesses(input.served ?? []);
}

/** The steps by the numbers that frames have. */
export function namedSteps({ steps }: Part): readonly CompiledStep[] {
  return steps.map(({ index, section, step }) => ({ index, section, id: step.id }));
}
