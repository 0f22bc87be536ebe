import type { Section } from "../resolved.ts";
import type { Batch } from "./batches.ts";
import { fileNameOf, hexDigest, type Needs, noNeeds, type ScriptContext } from "./context.ts";
import { gatherBody, injectedBody, union } from "./gathering.ts";
import { type Part, served, type ShellCompileInput } from "./part.ts";
import { quote } from "./quote.ts";

/** Sections whose steps are asked whether they hold; a command among them is run. */
const judgedSections: ReadonlySet<Section> = new Set(["verify", "checks", "prove", "cleanup"]);

/** Functions of each step: c check, s show, v verify, and for changes g gather, a apply, n notify. */
export function functions(
  parts: readonly Part[],
  script: ScriptContext,
  batches: readonly Batch[],
): { readonly looking: readonly string[]; readonly showing: readonly string[]; readonly late: readonly string[] } {
  const define = (name: string, body: string): string => `${name}() {\n${body === "" ? ":" : body}\n}`;
  const [looking, showing, late]: [string[], string[], string[]] = [[], [], []];
  const together = noNeeds();
  for (const { input, role, steps } of parts) {
    const { mode, observe } = input;
    const bare = mode === "apply";
    const gather = (needs: Needs, less = false): string =>
      observe === undefined ? gatherBody(needs, script, less) : injectedBody(needs, script, observe, hexDigest);
    for (const { index, shell, context, section, notified } of steps) {
      const judged = judgedSections.has(section);
      if (section === "steps" || (section === "checks" && mode === "check")) union([context.needs], together);
      looking.push(define(`c_${index}`, shell?.check.sh ?? "hg_want unknown ''"));
      if (section === "steps") showing.push(define(`s_${index}`, shell?.show?.sh ?? ""));
      if (shell === undefined) continue;
      if (judged) looking.push(define(`v_${index}`, shell.verify?.sh ?? `c_${index}\n[ "$hg_change" = none ] || hg_fail "$hg_observed"`));
      if (mode === "check") continue;
      if (!batches.some(({ indices }) => indices.includes(index)))
        late.push(define(`g_${index}`, gather(context.needs, bare && section === "steps")));
      if (!judged) late.push(define(`a_${index}`, shell.apply.sh));
      if (notified) late.push(define(`n_${index}`, shell.notify?.sh ?? shell.apply.sh));
    }
    const asked = served(input);
    if (asked !== undefined) (mode === "check" ? looking : late).push(define("hear", `hg_testify ${asked}`));
    for (const { number, needs } of batches) late.push(define(`gg_${number}`, gather(needs, bare)));
    if (mode === "apply") showing.push(valuesFunction(input, role));
  }
  const guards = script.guards.map((guard, number) => define(`hg_guard_${number}`, guard.run.sh));
  const observe = parts[0]?.input.observe;
  const all = observe === undefined ? gatherBody(together, script) : injectedBody(together, script, observe, hexDigest);
  return { looking: [...guards, define("g_all", all), ...looking], showing, late };
}

function valuesFunction(input: ShellCompileInput, role: string): string {
  const values = input.nodeRole.outputs.map((output, at) => {
    const file = `"$HG_STATE"/values/${quote(role)}/${quote(fileNameOf(output.step))}`;
    return `  if [ -f ${file} ]; then hg_frame_file 'value ${at}' ${file}; fi`;
  });
  return `hg_values() {\n${[...values, "  :"].join("\n")}\n}`;
}
