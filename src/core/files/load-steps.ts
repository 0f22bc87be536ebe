import { type Problem, problem } from "../errors.ts";
import { codes } from "../problems/codes.ts";
import type { StepCommon, StepSource } from "../model/barclamp.ts";
import { stepCommonSchema, type StepCommonFile } from "../model/barclamp-file.ts";
import { parseDuration } from "../model/duration.ts";
import { suggestion } from "../model/suggest.ts";
import type { Json } from "../ports.ts";
import type { BarclampContext } from "./barclamp-context.ts";
import { checkCondition, checkTexts, isTemplate, type TemplateNames } from "./check-templates.ts";
import { checkSource } from "./check-source.ts";
import type { KindForLoading } from "./kind-for-loading.ts";
import { keysAt } from "./schema-keys.ts";
import { checkSchema } from "./schema-problems.ts";
import type { YamlPath } from "./yaml-tree.ts";

type Fields = Readonly<Record<string, Json>>;

/** Which list of a role the steps stand in. In `checks`, `verify` and `proves` arguments may also stand beside the kind: `{ port: 80, within: 5s }`. */
export type StepList = "steps" | "verify" | "proves" | "checks" | "undo" | "around";

const commonKeys: readonly string[] = Object.keys(stepCommonSchema.shape);
/** Kinds that only look when they are told to, as far as anybody can know. */
const lookingKinds: ReadonlySet<string> = new Set(["command", "script"]);
/** What a check says of itself, beside the kind. */
const checkKeys: ReadonlySet<string> = new Set(["code", "message", "hint", "curedBy"]);

/** Loads a list of steps. Problems: those of `loadStep`, and `STEP_ID_TWICE`. */
export function loadSteps(
  values: readonly unknown[],
  path: YamlPath,
  list: StepList,
  names: TemplateNames,
  context: BarclampContext,
): readonly StepSource[] {
  const seen = new Map<string, number>();
  return values.flatMap((value, index) => {
    const step = loadStep(value as Fields, [...path, index], list, names, context);
    if (step === undefined) return [];
    const first = seen.get(step.id);
    if (first !== undefined) {
      const message = `Step ${index + 1} has the same id as step ${first + 1}: ${step.id}.`;
      context.report(problem("STEP_ID_TWICE", { message, at: step.place }));
    } else seen.set(step.id, index);
    return [step];
  });
}

/**
 * Loads one step. Problems: `STEP_KIND_UNKNOWN`, `KEY_UNKNOWN`, `KEY_MISSING`, `VALUE_INVALID`, `SOURCE_MISSING`, `PATH_ESCAPES`,
 * `TEMPLATE_ERROR`, `SETTING_UNKNOWN`, `WHEN_INVALID`.
 */
export function loadStep(
  value: Fields,
  path: YamlPath,
  list: StepList,
  names: TemplateNames,
  context: BarclampContext,
): StepSource | undefined {
  const name = kindOf(value, path, list, context);
  const kind = name === undefined ? undefined : context.kinds.get(name);
  if (name === undefined || kind === undefined) return undefined;
  const fields = fieldsOf(value, name, kind, path, context);
  if (fields === undefined) return undefined;
  if (list === "checks" && !kind.readOnly && !lookingKinds.has(name))
    context.report(
      problem("VALUE_INVALID", { message: `\`${name}\` changes things; checks only look.`, at: context.tree.keyPlace([...path, name]) }),
    );
  if (list === "proves" && !kind.readOnly && !lookingKinds.has(name))
    context.report(
      problem("VALUE_INVALID", {
        message: `\`${name}\` keeps the node in a state, and a proof leaves nothing behind.`,
        at: context.tree.keyPlace([...path, name]),
        hint: "Use `command` or `script`, with a step in `cleanup` that takes it back.",
      }),
    );
  else if (list !== "steps" && list !== "checks" && kind.onlyInSteps === true)
    context.report(
      problem("VALUE_INVALID", {
        message: `\`${name}\` stands in \`steps\` alone, not in \`${list}\`.`,
        at: context.tree.keyPlace([...path, name]),
      }),
    );
  const { own, common } = split(fields, kind);
  const where = (key: string): YamlPath => (context.tree.has([...path, name, key]) ? [...path, name, key] : [...path, key]);
  const place = context.tree.keyPlace([...path, name]);
  const written = checkCommon(common, path, name, list, context);
  const parsed = checkArgs(own, path, name, kind, context);
  for (const [key, each] of Object.entries(own))
    checkTexts(each, context.tree.has(where(key)) ? where(key) : [...path, name], names, context);
  if (common["each"] !== undefined) checkTexts(common["each"], where("each"), names, context);
  if (typeof common["when"] === "string") checkCondition(common["when"], where("when"), names, context);
  for (const argument of kind.sources)
    if (typeof own[argument] === "string") checkSource(own[argument], name, where(argument), names, context);
  const named = written.name ?? (typeof own["name"] === "string" ? own["name"] : undefined);
  return {
    kind: name,
    args: own,
    id: `${name}:${written.name ?? naturalId(kind, parsed, own, path)}`,
    common: commonOf(written, named),
    place,
  };
}

/** The kind of a step: its one key, or in `checks` and `verify` the first key that names a kind. */
function kindOf(value: Fields, path: YamlPath, list: StepList, context: BarclampContext): string | undefined {
  const keys = Object.keys(value).filter((key) => list !== "checks" || !checkKeys.has(key));
  const kinds = keys.filter((key) => context.kinds.has(key));
  const [kind] = kinds;
  const loose = list === "checks" || list === "verify" || list === "proves";
  if (kind !== undefined && (loose || keys.length === 1)) return kind;
  const stray = keys.find((key) => key !== kind && (!context.kinds.has(key) || kinds.length > 1));
  const at = context.tree.keyPlace(stray === undefined ? path : [...path, stray]);
  if (kind === undefined) {
    const [first] = keys;
    const message = first === undefined ? "The step is empty." : `\`${first}\` is not a kind of step.`;
    context.report(
      problem("STEP_KIND_UNKNOWN", {
        message,
        at: context.tree.keyPlace(first === undefined ? path : [...path, first]),
        hint: suggestion(first ?? "", context.kinds.keys()),
      }),
    );
  } else if (kinds.length > 1) {
    context.report(
      problem("STEP_KIND_UNKNOWN", {
        message: `One step has ${kinds.length} kinds: ${kinds.join(", ")}.`,
        at,
        hint: "Write a step of its own for each, with its own `-`.",
      }),
    );
  } else {
    const hint = `Put it inside: \`${kind}: { ..., ${stray}: ... }\`; check the indent.`;
    context.report(problem("KEY_UNKNOWN", { message: `\`${stray}\` stands beside \`${kind}\` in a step.`, at, hint }));
  }
  return undefined;
}

function fieldsOf(value: Fields, name: string, kind: KindForLoading, path: YamlPath, context: BarclampContext): Fields | undefined {
  const beside = Object.entries(value).filter(([key]) => key !== name && !checkKeys.has(key));
  const inner = value[name];
  const expanded = isMap(inner) ? inner : inner === undefined ? undefined : kind.shorthand(inner);
  if (expanded !== undefined) return { ...expanded, ...Object.fromEntries(beside) };
  const message = `\`${name}\` does not take ${inner === null ? "an empty value" : "this value"} directly; write a map of its arguments.`;
  context.report(problem("VALUE_INVALID", { message, at: context.tree.valuePlace([...path, name]) }));
  return undefined;
}

function isMap(value: Json | undefined): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Keys that the kind has itself are its own; `name` of `service` is the service. */
function split(fields: Fields, kind: KindForLoading): { readonly own: Fields; readonly common: Fields } {
  const kindKeys = new Set(keysAt(kind.schema, []));
  const entries = Object.entries(fields);
  const isCommon = (key: string): boolean => commonKeys.includes(key) && !kindKeys.has(key);
  return {
    own: Object.fromEntries(entries.filter(([key]) => !isCommon(key))),
    common: Object.fromEntries(entries.filter(([key]) => isCommon(key))),
  };
}

function checkCommon(common: Fields, path: YamlPath, name: string, list: StepList, context: BarclampContext): StepCommonFile {
  const base = Object.keys(common).some((key) => context.tree.has([...path, name, key])) ? [...path, name] : path;
  const { data, problems } = checkSchema(stepCommonSchema, common, context.tree, { path: base });
  for (const fault of problems) context.report(fault);
  if (common["within"] !== undefined && list !== "verify" && list !== "proves")
    context.report(
      problem("KEY_UNKNOWN", {
        message: "`within` belongs to `verify` and `proves` only.",
        at: context.tree.keyPlace([...base, "within"]),
        hint: "Use `retries: { count: 5, delay: 2s }` here.",
      }),
    );
  return data ?? {};
}

/** Checks arguments against the kind; what templates will make is judged when they are rendered. */
function checkArgs(own: Fields, path: YamlPath, name: string, kind: KindForLoading, context: BarclampContext): unknown {
  const base =
    Object.keys(own).some((key) => context.tree.has([...path, name, key])) ||
    !Object.keys(own).some((key) => context.tree.has([...path, key]))
      ? [...path, name]
      : path;
  const { data, problems } = checkSchema(kind.schema, own, context.tree, {
    path: base,
    ignore: (at, issue) => (at.length === 0 ? issue.code === "custom" && anyTemplate(own) : holdsTemplate(own, at)),
  });
  for (const fault of problems) context.report(explained(fault, name));
  return data;
}

/** A problem of an argument; where nothing better is known than what goes with every value, it says where the arguments are explained. */
function explained(fault: Problem, kind: string): Problem {
  return fault.hint === codes[fault.code].action
    ? { ...fault, hint: `\`halligan steps ${kind}\` explains its arguments, with examples.` }
    : fault;
}

/** True when a template stands at the path, above it or below it. */
function holdsTemplate(own: Fields, path: YamlPath): boolean {
  let value: Json | undefined = own;
  for (const part of path) {
    if (typeof value !== "object" || value === null) break;
    value = (value as Readonly<Record<string | number, Json>>)[part];
  }
  return anyTemplate(value);
}

function anyTemplate(value: Json | undefined): boolean {
  if (typeof value === "object" && value !== null) return Object.values(value).some((each: Json) => anyTemplate(each));
  return isTemplate(value);
}

/** Arguments with templates were not accepted by the schema, so a kind may stumble over them: then the place in the list stands for it. */
function naturalId(kind: KindForLoading, parsed: unknown, own: Fields, path: YamlPath): string {
  try {
    const id: unknown = kind.naturalId(parsed ?? own);
    if (typeof id === "string" && id !== "" && !id.includes("undefined")) return id;
  } catch {
    // The position below is the answer.
  }
  const [first] = Object.values(own).filter((value) => typeof value === "string");
  return first ?? `#${Number(path.at(-1)) + 1}`;
}

function commonOf(written: StepCommonFile, name: string | undefined): StepCommon {
  const { when, each, notify, once, timeout, retries, within } = written;
  const timeoutMs = timeout === undefined ? undefined : parseDuration(timeout);
  const withinMs = within === undefined ? undefined : parseDuration(within);
  const delay = typeof retries === "object" ? retries.delay : undefined;
  return {
    ...(name === undefined ? {} : { name }),
    ...(when === undefined ? {} : { when: String(when) }),
    ...(each === undefined ? {} : { each: typeof each === "string" ? each : JSON.stringify(each) }),
    notify: notify === undefined ? [] : typeof notify === "string" ? [notify] : notify,
    ...(once === undefined ? {} : { once }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    retries: typeof retries === "object" ? retries.count : (retries ?? 0),
    retryDelayMs: parseDuration(delay ?? "") ?? 1000,
    ...(withinMs === undefined ? {} : { withinMs }),
  };
}
