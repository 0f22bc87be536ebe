import type { CompiledLooks, CompiledScript, LookInput } from "../resolved.ts";
import { type Script, sizeOf } from "../script.ts";
import { batchesOf, batchSettings, inlineContents } from "./batches.ts";
import { ScriptContext } from "./context.ts";
import { lookAgain } from "./freshness.ts";
import { collect, type Compiled, namedSteps, type Part, type ShellCompileInput } from "./part.ts";
import { preludeFor, usesVolatile } from "./prelude.ts";
import { functions } from "./step-functions.ts";
import { changeSettings, head, lookSettings, whose } from "./step-settings.ts";

/** Makes the one POSIX sh script of a node-role. Problems: `STEP_INVALID` (arguments that a kind's schema refuses). */
export function compileScript(input: ShellCompileInput): CompiledScript {
  const script = new ScriptContext(input.mode === "check");
  const part = collect(input, script, 0);
  return {
    script: input.mode === "check" ? lookText([part], script) : changeText(part, script),
    steps: namedSteps(part),
    outputs: input.mode === "apply" ? input.nodeRole.outputs.map(({ name }) => name) : [],
    artefacts: script.artefacts,
  };
}

/**
 * Makes one script that looks at several node-roles of one node: what they want to know is asked at once, then each is judged by itself. `now`: as in
 * `CompileInput`. Problems: as `compileScript`.
 */
export function compileLooks([first, ...more]: readonly [LookInput, ...LookInput[]], now: number): CompiledLooks {
  const script = new ScriptContext(true);
  const parts: [Part, ...Part[]] = [collect({ ...first, mode: "check", now }, script, 0)];
  let from = parts[0].steps.length;
  for (const input of more) {
    const part = collect({ ...input, mode: "check", now }, script, from);
    parts.push(part);
    from += part.steps.length;
  }
  return { script: lookText(parts, script), parts: parts.map((part) => ({ steps: namedSteps(part) })) };
}

/** A script that only looks. */
function lookText(parts: readonly [Part, ...Part[]], script: ScriptContext): Script {
  const [first, ...more] = parts;
  const all = parts.flatMap(({ steps }) => steps);
  const { showing, looking } = functions(parts, script, []);
  const kinds = kindsOf(all);
  const needsFolder = usesVolatile(looking.join("\n"), kinds);
  const each = "hg_check_each\nhg_show_all\nhg_judge_all";
  const text = [
    head(first, script),
    ...all.map((step) => lookSettings(step)),
    ...inlineContents(script),
    ...looking,
    ...showing,
    `hg_start\nhg_borrow${needsFolder ? "\nhg_volatile" : ""}\nhg_phase check\ng_all`,
    each,
    ...more.flatMap((part) => [whose(part), each]),
    "hg_done ok ''",
    "",
  ].join("\n");
  return assemble(text, "", kinds, script);
}

/** A script that changes something. */
function changeText(part: Part, script: ScriptContext): Script {
  const { input, steps } = part;
  const batches = input.mode === "apply" ? batchesOf(steps) : [];
  const { showing, looking, late } = functions([part], script, batches);
  const again = lookAgain(steps);
  const early = [
    head(part, script),
    ...steps.map((each) => [lookSettings(each), ...changeSettings(each, again, input)].join(" ")),
    ...inlineContents(script),
    ...looking,
    ...showing,
    opening(input),
    "",
  ].join("\n");
  const rest = [...batchSettings(batches, steps, again), ...late, closing(input)].join("\n");
  return assemble(early, rest, kindsOf(steps), script);
}

function kindsOf(steps: readonly Compiled[]): ReadonlySet<string> {
  return new Set(steps.map((each) => each.step.kind));
}

/** True where something is to be changed, as far as anybody said what: three tools or four take as long as the helper that stands for all of them. */
function wantsHelp({ mode, nodeRole, expected }: ShellCompileInput): boolean {
  if (mode === "check" || mode === "prove") return false;
  return mode === "remove" || expected === undefined || nodeRole.steps.some(({ id }) => expected[id]?.change !== "none");
}

function opening(input: ShellCompileInput): string {
  return `hg_start${wantsHelp(input) ? "\nhg_hire" : ""}${input.mode === "apply" ? "\nhg_agree" : ""}`;
}

function closing({ mode }: ShellCompileInput): string {
  return `hg_${mode}\nexit 0\n`;
}

/** dash keeps variables in 39 chains, in the order in which they came: from so many paths on, some thirty of each, what is looked up most must have come first. */
const manyPaths = 100;

/**
 * Puts the prelude before what it needs of it. A shell reads a script as it runs it: what only a change needs stands in `late`, behind the point where an unchanged
 * node-role has ended.
 */
function assemble(early: string, late: string, kinds: ReadonlySet<string>, { data, looks, paths }: ScriptContext): Script {
  const prelude = preludeFor(early, late, kinds);
  const first = paths.length < manyPaths ? [] : [prelude.variables];
  const text = [...first, prelude.settings, prelude.early, Buffer.from(early), prelude.late, Buffer.from(late)];
  const bytes = data.map((each) => each.bytes);
  return looks && !bytes.some((each) => each.includes(0)) ? dataFirst(text, bytes) : dataLast(text, bytes);
}

/** The data in a variable, so that the script needs no file to stand in: for data without NUL bytes. */
function dataFirst(text: Script, data: Script): Script {
  // Bytes as characters: they need not be of any encoding.
  const quoted = data.map((each) => Buffer.from(Buffer.from(each).toString("latin1").replaceAll("'", "'\\''"), "latin1"));
  return [Buffer.from("hg_data='"), ...quoted, Buffer.from("'\n"), ...text];
}

/** The data behind the text in the script's file; `hg_base` holds the text's length, in a fixed width so that it does not change it. */
function dataLast(text: Script, data: Script): Script {
  const line = (length: number): string => `hg_data= hg_base=${length}`.padEnd(32);
  return [Buffer.from(`${line(line(0).length + 1 + sizeOf(text))}\n`), ...text, ...data];
}
