import type { CompileInput, Section } from "../resolved.ts";
import { fileNameOf, type Needs, type ScriptContext } from "./context.ts";
import { breadthOf } from "./freshness.ts";
import { type Compiled, type Part, served } from "./part.ts";
import { quote } from "./quote.ts";

function listOf(steps: readonly Compiled[], ...sections: readonly Section[]): string {
  return quote(steps.flatMap((each) => (sections.includes(each.section) ? [String(each.index)] : [])).join(" "));
}

/** The node-role that is looked at from here on. */
export function whose({ role, steps }: Part): string {
  return `hg_role=${quote(role)} hg_steps=${listOf(steps, "steps", "undo")} hg_checks=${listOf(steps, "checks")}`;
}

/** Variables of the whole script. */
export function head(part: Part, script: ScriptContext): string {
  const { input, steps } = part;
  return [
    `hg_mode=${input.mode} hg_staleness=${input.staleness ?? "exact"} hg_showing=${input.observe === undefined ? 1 : 0} hg_later=${input.restartsLater === true ? 1 : 0}`,
    whose(part),
    `hg_before_list=${listOf(steps, "before")} hg_verify=${listOf(steps, "verify")} hg_after_list=${listOf(steps, "after")} hg_on_failure=${listOf(steps, "on-failure")}`,
    `hg_notifiable=${quote(steps.flatMap((each) => (each.notified ? [String(each.index)] : [])).join(" "))}`,
    ...(input.proof === undefined
      ? []
      : [
          `hg_proving=${listOf(steps, "prove")} hg_cleanup=${listOf(steps, "cleanup")} hg_prove_ms=${input.proof.withinMs} hg_token=${quote(input.proof.token)}`,
        ]),
    `hg_witnesses=${served(input) === undefined ? "''" : "1"}`,
    "hg_batch= hg_batched= hg_k= hg_made= hg_converges=0 hg_dirty=0 hg_told= hg_error= hg_status= hg_memory=0 hg_fetched=",
    ...(input.now === undefined ? [] : [`hg_engine_now=${Math.round(input.now / 1000)}`]),
    ...(input.observe === undefined ? [] : [`hg_manager=${input.manager === "yum" ? "dnf" : (input.manager ?? "apt")}`]),
    ...script.paths.map((path, number) => `p_${number}=${path}`),
  ].join("\n");
}

/** Variables of a step: its time limit, what it notifies, the mark that says that it is notified, and the paths that it shows. */
export function lookSettings({ index, step, section, notified, context, shell }: Compiled): string {
  const limit = Math.max(1, Math.ceil(step.timeoutMs / 1000));
  const notifies = section === "steps" ? step.notify.map(fileNameOf).join(" ") : "";
  const mark = notified ? quote(`pending/${context.role}/${fileNameOf(step.id)}`) : "''";
  const shown = shell?.show === undefined ? "" : ` K_${index}=${quote(unread(context.needs))}`;
  return `L_${index}=${limit} N_${index}=${quote(notifies)} M_${index}=${mark}${shown}`;
}

/** Numbers of the paths whose contents nobody has gathered. */
function unread({ paths }: Needs): string {
  return [...paths].flatMap(([number, { content }]) => (content ? [] : [String(number)])).join(" ");
}

/** What a change needs beside these: retries, what is expected, and what must be looked at again. */
export function changeSettings(
  { index, step, section, shell }: Compiled,
  again: ReadonlySet<number>,
  input: CompileInput,
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
