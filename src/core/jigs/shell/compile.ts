import type { Facts } from "../../model/facts.ts";
import { type Script, sizeOf } from "../script.ts";
import type { CompiledScript, CompileInput, ResolvedStep } from "../resolved.ts";
import { fileNameOf, hexDigest, type Needs, noNeeds, ScriptContext, StepContext } from "./context.ts";
import { type Batch, batchesOf, batchSettings, inlineContents } from "./batches.ts";
import { parseArgs } from "./arguments.ts";
import type { FixtureState } from "./fixture-state.ts";
import { breadthOf, lookAgain } from "./freshness.ts";
import { gatherBody, injectedBody, union } from "./gathering.ts";
import { stepKinds } from "./kinds/index.ts";
import type { StepInput, StepShell } from "./kind.ts";
import { preludeFor, usesVolatile } from "./prelude.ts";
import { witnesses } from "./prelude/witness.ts";
import { quote } from "./quote.ts";

type Section = StepInput["section"];

/** What to compile, and for fixtures the state to judge instead of the node's. */
export interface ShellCompileInput extends CompileInput {
  /** Instead of gathering (only `check`). */
  readonly observe?: FixtureState;
  /** With `observe`: the package manager that the fixture's node has. Default apt. */
  readonly manager?: Facts["packageManager"];
}

/** Sections whose steps are asked whether they hold; a command among them is run. */
const judgedSections: ReadonlySet<Section> = new Set(["verify", "checks", "prove", "cleanup"]);

interface Compiled {
  readonly index: number;
  readonly step: ResolvedStep;
  readonly section: Section;
  readonly shell: StepShell | undefined;
  readonly context: StepContext;
  readonly notified: boolean;
}

/** Makes the one POSIX sh script of a node-role. Problems: `STEP_INVALID` (arguments that a kind's schema refuses). */
export function compileScript(input: ShellCompileInput): CompiledScript {
  const script = new ScriptContext(input.nodeRole.id.slice(input.nodeRole.id.lastIndexOf("/") + 1), input.mode === "check");
  const steps = collectSteps(input, script);
  const batches = input.mode === "apply" ? batchesOf(steps) : [];
  const parts = functions(input, steps, script, batches);
  const kinds = new Set(steps.map((each) => each.step.kind));
  const needsFolder = input.mode === "check" && usesVolatile(parts.looking.join("\n"), kinds);
  const again = input.mode === "check" ? new Set<number>() : lookAgain(steps);
  const early = [settings(input, steps, script, again), ...inlineContents(script), ...parts.early, opening(input, needsFolder)].join("\n");
  const late = [...batchSettings(batches, steps, again), ...parts.late, closing(input)].join("\n");
  const prelude = preludeFor(early, late, kinds);
  // A shell reads a script as it runs it: what only a change needs stands behind the point where an unchanged node-role has ended.
  const text = [prelude.settings, prelude.early, Buffer.from(`${early}\n`), prelude.late, Buffer.from(late)];
  return {
    script: assemble(
      text,
      script.data.map(({ bytes }) => bytes),
    ),
    steps: steps.map(({ index, section, step }) => ({ index, section, id: step.id })),
    outputs: input.mode === "apply" ? input.nodeRole.outputs.map(({ name }) => name) : [],
    artefacts: script.artefacts,
  };
}

function collectSteps(input: ShellCompileInput, script: ScriptContext): readonly Compiled[] {
  const { nodeRole, mode } = input;
  const apply = mode === "apply";
  const parts: readonly (readonly [Section, readonly ResolvedStep[]])[] = [
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
  let index = 0;
  return parts.flatMap(([section, steps]) =>
    steps.map((step) => {
      const inSteps = section === "steps";
      const facts = { notified: inSteps && notified.has(step.id), givesValue: inSteps && giving.has(step.id) };
      return compileStep(step, { section, ...facts }, new StepContext(script, index++, step), input);
    }),
  );
}

function compileStep(
  step: ResolvedStep,
  facts: Pick<StepInput, "section" | "notified" | "givesValue">,
  context: StepContext,
  input: ShellCompileInput,
): Compiled {
  const base = { index: context.index, step, section: facts.section, context, notified: facts.notified };
  if (step.unknown && input.mode === "check") return { ...base, shell: undefined };
  const { kind, args } = parseArgs(step, stepKinds);
  return { ...base, shell: kind.compile(args, { id: step.id, secret: step.secret, blobs: step.blobs, ...facts }, context) };
}

/** Services that are asked when the node-role does not work. */
function served(input: ShellCompileInput): string | undefined {
  return input.mode === "apply" ? witnesses(input.nodeRole.steps) : witnesses(input.served ?? []);
}

/** Variables of each step: limits, retries, notifications, expectations. */
function settings(input: ShellCompileInput, steps: readonly Compiled[], script: ScriptContext, again: ReadonlySet<number>): string {
  const list = (...sections: readonly Section[]): string =>
    steps.flatMap((each) => (sections.includes(each.section) ? [String(each.index)] : [])).join(" ");
  const head = [
    `hg_mode=${input.mode} hg_role=${quote(script.role)} hg_staleness=${input.staleness ?? "exact"} hg_showing=${input.observe === undefined ? 1 : 0} hg_later=${input.restartsLater === true ? 1 : 0}`,
    `hg_steps='${list("steps", "undo")}' hg_before_list='${list("before")}' hg_verify='${list("verify")}' hg_after_list='${list("after")}'`,
    `hg_on_failure='${list("on-failure")}' hg_checks='${list("checks")}'`,
    `hg_notifiable='${steps.flatMap((each) => (each.notified ? [String(each.index)] : [])).join(" ")}'`,
    ...(input.proof === undefined
      ? []
      : [
          `hg_proving='${list("prove")}' hg_cleanup='${list("cleanup")}' hg_prove_ms=${input.proof.withinMs} hg_token=${quote(input.proof.token)}`,
        ]),
    `hg_witnesses=${served(input) === undefined ? "''" : "1"}`,
    "hg_batch= hg_batched= hg_k= hg_made= hg_converges=0 hg_dirty=0 hg_told= hg_error= hg_status= hg_memory=0",
    ...(input.now === undefined ? [] : [`hg_engine_now=${Math.round(input.now / 1000)}`]),
    ...(input.observe === undefined ? [] : [`hg_manager=${input.manager === "yum" ? "dnf" : (input.manager ?? "apt")}`]),
    ...script.paths.map((path, number) => `p_${number}=${path}`),
  ];
  return [...head, ...steps.map((each) => stepSettings(each, again, input))].join("\n");
}

/** A look goes without what only a change needs. */
function stepSettings(each: Compiled, again: ReadonlySet<number>, input: ShellCompileInput): string {
  const { index, step, section, notified } = each;
  const limit = Math.max(1, Math.ceil(step.timeoutMs / 1000));
  const notifies = section === "steps" ? step.notify.map(fileNameOf).join(" ") : "";
  const mark = notified ? quote(`pending/${roleOf(input)}/${fileNameOf(step.id)}`) : "''";
  const look = `L_${index}=${limit} N_${index}=${quote(notifies)} M_${index}=${mark}`;
  return input.mode === "check" ? look : [look, ...changeSettings(each, again, input)].join(" ");
}

function changeSettings(
  { index, step, section, shell }: Compiled,
  again: ReadonlySet<number>,
  input: ShellCompileInput,
): readonly string[] {
  const delay = Math.max(0, Math.ceil(step.retryDelayMs / 1000));
  const converges = shell?.converges === true;
  const change = [
    `R_${index}=${step.retries} W_${index}=${delay} S_${index}=${section} V_${index}=${converges ? 1 : 0} T_${index}=${shell?.withinMs ?? step.withinMs ?? 0}`,
    `F_${index}=${shell === undefined || section !== "steps" ? "2" : breadthOf(shell)} X_${index}=${again.has(index) ? 1 : 0}`,
  ];
  if (input.mode !== "apply") return change;
  const expected = section === "steps" ? input.expected?.[step.id] : undefined;
  const settles = converges && shell?.conditional !== true && step.notify.length === 0;
  return [
    ...change,
    `E_${index}=${expected?.change ?? "''"} EO_${index}=${quote(expected?.observed ?? "")} EH_${index}=${expected?.observed === undefined ? 0 : 1} ES_${index}=${settles ? 1 : 0}`,
  ];
}

function roleOf(input: CompileInput): string {
  return input.nodeRole.id.slice(input.nodeRole.id.lastIndexOf("/") + 1);
}

/** Functions of each step: c check, s show, v verify, and for changes g gather, a apply, n notify. */
function functions(
  input: ShellCompileInput,
  steps: readonly Compiled[],
  script: ScriptContext,
  batches: readonly Batch[],
): { readonly early: readonly string[]; readonly looking: readonly string[]; readonly late: readonly string[] } {
  const define = (name: string, body: string): string => `${name}() {\n${body === "" ? ":" : body}\n}`;
  const gather = (needs: Needs, bare = false): string =>
    input.observe === undefined ? gatherBody(needs, script, bare) : injectedBody(needs, script, input.observe, hexDigest);
  const bare = input.mode === "apply";
  const all = steps.filter(({ section }) => section === "steps" || (section === "checks" && input.mode === "check"));
  const early = [
    ...script.guards.map((guard, number) => define(`hg_guard_${number}`, guard.run.sh)),
    define(
      "g_all",
      gather(
        union(
          all.map(({ context }) => context.needs),
          noNeeds(),
        ),
      ),
    ),
  ];
  const showing: string[] = [];
  const late: string[] = [];
  for (const { index, shell, context, section, notified } of steps) {
    const judged = judgedSections.has(section);
    early.push(define(`c_${index}`, shell?.check.sh ?? "hg_want unknown ''"));
    if (section === "steps") showing.push(define(`s_${index}`, shell?.show?.sh ?? ""));
    if (shell === undefined) continue;
    if (judged) early.push(define(`v_${index}`, shell.verify?.sh ?? `c_${index}\n[ "$hg_change" = none ] || hg_fail "$hg_observed"`));
    if (input.mode === "check") continue;
    if (!batches.some(({ indices }) => indices.includes(index)))
      late.push(define(`g_${index}`, gather(context.needs, bare && section === "steps")));
    if (!judged) late.push(define(`a_${index}`, shell.apply.sh));
    if (notified) late.push(define(`n_${index}`, shell.notify?.sh ?? shell.apply.sh));
  }
  const asked = served(input);
  if (asked !== undefined) (input.mode === "check" ? early : late).push(define("hear", `hg_testify ${asked}`));
  for (const { number, needs } of batches) late.push(define(`gg_${number}`, gather(needs, bare)));
  if (input.mode === "apply") showing.push(valuesFunction(input, script));
  return { early: [...early, ...showing], looking: early, late };
}

function valuesFunction(input: ShellCompileInput, script: ScriptContext): string {
  const values = input.nodeRole.outputs.map((output, at) => {
    const file = `"$HG_STATE"/values/${quote(script.role)}/${quote(fileNameOf(output.step))}`;
    return `  if [ -f ${file} ]; then hg_frame_file 'value ${at}' ${file}; fi`;
  });
  return `hg_values() {\n${[...values, "  :"].join("\n")}\n}`;
}

/** True where something is to be changed, as far as anybody said what: three tools or four take as long as the helper that stands for all of them. */
function wantsHelp({ mode, nodeRole, expected }: ShellCompileInput): boolean {
  if (mode === "check" || mode === "prove") return false;
  return mode === "remove" || expected === undefined || nodeRole.steps.some(({ id }) => expected[id]?.change !== "none");
}

function opening(input: ShellCompileInput, needsFolder: boolean): string {
  const hire = wantsHelp(input) ? "\nhg_hire" : "";
  switch (input.mode) {
    case "check":
      return `hg_start${needsFolder ? "\nhg_volatile" : ""}\nhg_check_all\nhg_show_all\nhg_judge_all\nhg_done ok ''`;
    case "apply":
      return `hg_start${hire}\nhg_agree`;
    case "remove":
      return `hg_start${hire}`;
    case "prove":
      return "hg_start";
    default:
      return input.mode satisfies never;
  }
}

function closing(input: ShellCompileInput): string {
  return `${{ check: ":", apply: "hg_apply", remove: "hg_remove", prove: "hg_prove" }[input.mode]}\nexit 0\n`;
}

/** Puts the data behind the text; `hg_base` holds the text's length, in a fixed width so that it does not change it. */
function assemble(text: Script, data: readonly Uint8Array[]): Script {
  const line = (length: number): string => `hg_base=${length}`.padEnd(24);
  const head = Buffer.from(`${line(line(0).length + 1 + sizeOf(text))}\n`);
  // A shell that reads the whole into a variable drops line breaks at its end: none stands there.
  return [head, ...text, ...data, Buffer.from("#")];
}
