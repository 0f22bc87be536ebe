import { Liquid } from "liquidjs";
import { problem, type FilePlace } from "../errors.ts";
import { suggestion } from "../model/suggest.ts";
import { ConditionError, parseCondition } from "../plan/condition.ts";
import { parseTemplate, TemplateError } from "../plan/template.ts";
import type { Json } from "../ports.ts";
import type { BarclampContext } from "./barclamp-context.ts";
import { SourceText } from "./yaml-text.ts";
import type { YamlPath } from "./yaml-tree.ts";

/** True when a text holds Liquid tags, so that its value is known only after rendering. */
export function isTemplate(value: unknown): boolean {
  return typeof value === "string" && (value.includes("{{") || value.includes("{%"));
}

/** Names that a role's templates may read, beside the settings. */
export interface TemplateNames {
  readonly inputs: ReadonlySet<string>;
}

/** Checks every text below a value of the YAML file as a template. Problems: `TEMPLATE_ERROR`, `SETTING_UNKNOWN`. */
export function checkTexts(value: Json, path: YamlPath, names: TemplateNames, context: BarclampContext): void {
  if (typeof value === "string") {
    const lines = value.split("\n");
    checkTemplate(value, names, context, (line, column) => {
      const before = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
      return context.tree.insidePlace(path, before + column - 1);
    });
  } else if (Array.isArray(value)) value.forEach((each: Json, index) => checkTexts(each, [...path, index], names, context));
  else if (typeof value === "object" && value !== null)
    for (const [key, each] of Object.entries(value)) checkTexts(each, [...path, key], names, context);
}

/** Checks a template file of the barclamp. Problems: `TEMPLATE_ERROR`, `SETTING_UNKNOWN`, `FILE_NOT_TEXT`. */
export function checkTemplateFile(path: string, bytes: Uint8Array, names: TemplateNames, context: BarclampContext): void {
  const file = context.folder === "" ? path : `${context.folder}/${path}`;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    context.report(problem("FILE_NOT_TEXT", { message: `The template ${path} is not UTF-8 text.`, at: { file, line: 1, column: 1 } }));
    return;
  }
  const source = new SourceText(file, text);
  checkTemplate(text, names, context, (line, column) => source.place(source.startOf(line) + column - 1));
}

function checkTemplate(
  text: string,
  names: TemplateNames,
  context: BarclampContext,
  placeOf: (line: number, column: number) => FilePlace,
): void {
  if (!isTemplate(text)) return;
  try {
    parseTemplate(text);
  } catch (error) {
    const [line, column] = error instanceof TemplateError ? [error.line, error.column] : [1, 1];
    const message = error instanceof TemplateError ? error.message : "it cannot be read";
    context.report(problem("TEMPLATE_ERROR", { message: `The template is not valid: ${message}.`, at: placeOf(line, column) }));
    return;
  }
  for (const read of readNames(text)) judgeName(read.root, read.name, placeOf(read.line, read.column), names, context);
}

interface ReadName {
  readonly root: string;
  readonly name: string;
  readonly line: number;
  readonly column: number;
}

/** A parser only: nothing is ever rendered with it. */
const analyser = new Liquid({ strictFilters: false, parseLimit: 4_000_000, locale: "en-US" });

/** `set.x` and `inputs.x` that a template reads from outside; names that it makes itself are left out. */
function readNames(text: string): readonly ReadName[] {
  try {
    const { globals } = analyser.analyzeSync(analyser.parse(text), { partials: false });
    return ["set", "inputs"].flatMap((root) =>
      (Object.hasOwn(globals, root) ? (globals[root] ?? []) : []).flatMap((variable) => {
        const name: unknown = variable.segments[1];
        const { row, col } = variable.location;
        return typeof name === "string" && name !== "size" ? [{ root, name, line: row, column: col }] : [];
      }),
    );
  } catch {
    return [];
  }
}

function judgeName(root: string, name: string, at: FilePlace, names: TemplateNames, context: BarclampContext): void {
  const known = root === "set" ? context.attributes : names.inputs;
  if (known === undefined || known.has(name)) return;
  const what = root === "set" ? `\`set.${name}\` is not an attribute of this barclamp` : `\`inputs.${name}\` is not an input of this role`;
  context.report(
    problem(root === "set" ? "SETTING_UNKNOWN" : "TEMPLATE_ERROR", {
      message: `${what}.`,
      at,
      hint: suggestion(name, known) ?? `Declare it under \`${root === "set" ? "attributes" : "inputs"}\`.`,
    }),
  );
}

/** Checks a `when` expression. Problems: `WHEN_INVALID`, `SETTING_UNKNOWN`. */
export function checkCondition(expression: string, path: YamlPath, names: TemplateNames, context: BarclampContext): void {
  try {
    parseCondition(expression);
  } catch (error) {
    const caret = error instanceof ConditionError ? error.caret : 0;
    const message = error instanceof ConditionError ? error.message : "it cannot be read";
    context.report(
      problem("WHEN_INVALID", { message: `The condition is not valid: ${message}.`, at: context.tree.insidePlace(path, caret) }),
    );
    return;
  }
  // Texts in quotes are blanked, so that what looks like a setting in them is none.
  const bare = expression.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/gu, (quoted) => " ".repeat(quoted.length));
  for (const match of bare.matchAll(/(?<![\w.])(set|inputs)\.([A-Za-z_]\w*)/gu)) {
    judgeName(match[1] ?? "", match[2] ?? "", context.tree.insidePlace(path, match.index), names, context);
  }
}
