import type { CompiledScript, CompileInput, ResolvedStep } from "../resolved.ts";
import { fileNameOf, hexDigest, noNeeds, ScriptContext, StepContext } from "./context.ts";
import { parseArgs } from "./arguments.ts";
import type { FixtureState } from "./fixture-state.ts";
import { gatherBody, injectedBody, union } from "./gathering.ts";
import { stepKinds } from "./kinds/index.ts";
import type { StepInput, StepShell } from "./kind.ts";
import { preludeFor } from "./prelude.ts";
import { quote } from "./quote.ts";

type Section = StepInput["section"];

/** What to compile, and for fixtures the state to judge instead of the node's. */
export interface ShellCompileInput extends CompileInput {
  /** Instead of gathering (only `check`). */
  readonly observe?: FixtureState;
}

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
  const script = new ScriptContext(input.nodeRole.id.slice(input.nodeRole.id.lastIndexOf("/") + 1));
  const steps = collectSteps(input, script);
  const body = [settings(input, steps, script), functions(input, steps, script), main(input, steps, script)].join("\n");
  const prelude = preludeFor(body, new Set(steps.map((each) => each.step.kind)));
  return {
    script: assemble(`${prelude}\n${body}`, script.data),
    steps: steps.map(({ index, section, step }) => ({ index, section, id: step.id })),
    outputs: input.mode === "apply" ? input.nodeRole.outputs.map(({ name }) => name) : [],
    artefacts: script.artefacts,
  };
}

function collectSteps(input: ShellCompileInput, script: ScriptContext): readonly Compiled[] {
  const { nodeRole, mode } = input;
  const apply = mode === "apply";
  const parts: readonly (readonly [Section, readonly ResolvedStep[]])[] = [
    [mode === "remove" ? "undo" : "steps", nodeRole.steps],
    ["before", apply ? nodeRole.around.before : []],
    ["verify", apply ? nodeRole.verify : []],
    ["after", apply ? nodeRole.around.after : []],
    ["on-failure", apply ? nodeRole.around.onFailure : []],
    ["checks", mode === "check" ? (input.checks ?? []) : []],
  ];
  const notified = new Set(nodeRole.steps.flatMap((step) => step.notify));
  const giving = new Set(nodeRole.outputs.map((output) => output.step));
  let index = 0;
  return parts.flatMap(([section, steps]) =>
    steps.map((step) => {
      const inSteps = section === "steps";
      const facts = { notified: inSteps && notified.has(step.id), givesValue: inSteps && giving.has(step.id) };
      return compileStep(step, { section, ...facts }, new StepContext(script, index++, step.id), input);
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

/** Variables of each step: limits, retries, notifications, expectations. */
function settings(input: ShellCompileInput, steps: readonly Compiled[], script: ScriptContext): string {
  const list = (...sections: readonly Section[]): string =>
    steps.flatMap((each) => (sections.includes(each.section) ? [String(each.index)] : [])).join(" ");
  const head = [
    `hg_mode=${input.mode} hg_role=${quote(script.role)} hg_staleness=${input.staleness ?? "exact"} hg_showing=${input.observe === undefined ? 1 : 0}`,
    `hg_steps='${list("steps", "undo")}' hg_before='${list("before")}' hg_verify='${list("verify")}' hg_after='${list("after")}'`,
    `hg_on_failure='${list("on-failure")}' hg_checks='${list("checks")}'`,
    `hg_notifiable='${steps.flatMap((each) => (each.notified ? [String(each.index)] : [])).join(" ")}'`,
    "hg_dirty=0 hg_told= hg_error= hg_status= hg_memory=0",
    ...script.paths.map((path, number) => `p_${number}=${path}`),
  ];
  return [...head, ...steps.map((each) => stepSettings(each, input))].join("\n");
}

function stepSettings({ index, step, section, shell, notified }: Compiled, input: ShellCompileInput): string {
  const limit = Math.max(1, Math.ceil(step.timeoutMs / 1000));
  const delay = Math.max(0, Math.ceil(step.retryDelayMs / 1000));
  const notifies = section === "steps" ? step.notify.map(fileNameOf).join(" ") : "";
  const expected = section === "steps" ? input.expected?.[step.id] : undefined;
  return [
    `L_${index}=${limit} R_${index}=${step.retries} W_${index}=${delay} S_${index}=${section} V_${index}=${shell?.converges === true ? 1 : 0} T_${index}=${shell?.withinMs ?? 0}`,
    `N_${index}=${quote(notifies)} M_${index}=${notified ? quote(`pending/${roleOf(input)}/${fileNameOf(step.id)}`) : "''"}`,
    ...(input.mode === "apply"
      ? [
          `E_${index}=${expected?.change ?? "''"} EO_${index}=${quote(expected?.observed ?? "")} EH_${index}=${expected?.observed === undefined ? 0 : 1}`,
        ]
      : []),
  ].join(" ");
}

function roleOf(input: CompileInput): string {
  return input.nodeRole.id.slice(input.nodeRole.id.lastIndexOf("/") + 1);
}

/** Functions of each step: c check, a apply, s show, n notify, v verify, g gather. */
function functions(input: ShellCompileInput, steps: readonly Compiled[], script: ScriptContext): string {
  const define = (name: string, body: string): string => `${name}() {\n${body === "" ? ":" : body}\n}`;
  const gather = (needs: Parameters<typeof gatherBody>[0]): string =>
    input.observe === undefined ? gatherBody(needs, script) : injectedBody(needs, script, input.observe, hexDigest);
  const changing = input.mode !== "check";
  const all = steps.filter(({ section }) => section === "steps" || section === "checks");
  return [
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
    ...steps.flatMap(({ index, shell, context, section, notified }) => {
      if (shell === undefined) return [define(`c_${index}`, "hg_want unknown ''"), define(`s_${index}`, ":")];
      const judged = section === "verify" || section === "checks";
      return [
        define(`c_${index}`, shell.check.sh),
        ...(section === "steps" ? [define(`s_${index}`, shell.show?.sh ?? "")] : []),
        ...(judged ? [define(`v_${index}`, shell.verify?.sh ?? `c_${index}\n[ "$hg_change" = none ] || hg_fail "$hg_observed"`)] : []),
        ...(changing ? [define(`g_${index}`, gather(context.needs))] : []),
        ...(changing && !judged ? [define(`a_${index}`, shell.apply.sh)] : []),
        ...(changing && notified ? [define(`n_${index}`, shell.notify?.sh ?? shell.apply.sh)] : []),
      ];
    }),
  ].join("\n");
}

function main(input: ShellCompileInput, steps: readonly Compiled[], script: ScriptContext): string {
  const values = input.nodeRole.outputs.map((output, at) => {
    const file = `"$HG_STATE"/values/${quote(script.role)}/${quote(fileNameOf(output.step))}`;
    return `  if [ -f ${file} ]; then hg_frame_file 'value ${at}' ${file}; fi`;
  });
  const tail = { check: "hg_check_all\nhg_show_all\nhg_judge_all\nhg_done ok ''", apply: "hg_apply", remove: "hg_remove" }[input.mode];
  const define = input.mode === "apply" ? [`hg_values() {\n${[...values, "  :"].join("\n")}\n}`] : [];
  return [...define, "hg_start", tail, "exit 0", ""].join("\n");
}

/** Puts the data behind the text; `hg_base` holds the text's length, in a fixed width so that it does not change it. */
function assemble(text: string, data: readonly Uint8Array[]): Uint8Array {
  const encoder = new TextEncoder();
  const line = (length: number): string => `hg_base=${length}`.padEnd(24);
  const length = encoder.encode(`${line(0)}\n${text}`).length;
  const head = encoder.encode(`${line(length)}\n${text}`);
  const whole = new Uint8Array(head.length + data.reduce((sum, each) => sum + each.length, 0));
  whole.set(head);
  let at = head.length;
  for (const each of data) {
    whole.set(each, at);
    at += each.length;
  }
  return whole;
}
