import type { Json } from "../ports.ts";
import { AlikeRenderings } from "./alike.ts";
import { type Mode, secretText, Touched } from "./held.ts";
import type { Scopes } from "./scope.ts";
import { parseTemplate, type Template, TemplateError } from "./template.ts";

/** A rendered value: as shown, as delivered, and what went into it. */
export interface Rendered {
  readonly display: Json;
  /** The same as `display` unless a secret that can be revealed went in. */
  readonly real: Json;
  readonly touched: Touched;
}

/** A template tree: the arguments of a step with every string parsed. */
export type Compiled =
  | { readonly kind: "literal"; readonly value: Json }
  | { readonly kind: "template"; readonly template: Template; readonly path: string; readonly alike: AlikeRenderings<Pair> | undefined }
  | { readonly kind: "list"; readonly items: readonly Compiled[] }
  | { readonly kind: "map"; readonly entries: readonly (readonly [string, Compiled])[] };

/** A template error and the argument that it is in. */
export class ArgumentError extends Error {
  override readonly name = "ArgumentError";
  readonly path: string;
  override readonly cause: TemplateError;

  constructor(path: string, cause: TemplateError) {
    super(cause.message);
    this.path = path;
    this.cause = cause;
  }
}

/**
 * Parses every string in a value.
 * @throws ArgumentError
 */
export function compile(value: Json, path = ""): Compiled {
  if (typeof value === "string") {
    const template = located(path, () => parseTemplate(value));
    if (template.literal) return { kind: "literal", value };
    return { kind: "template", template, path, alike: template.shared && new AlikeRenderings(template.shared) };
  }
  if (typeof value !== "object" || value === null) return { kind: "literal", value };
  if (Array.isArray(value)) {
    const items = value.map((each: Json, index) => compile(each, `${path}[${index}]`));
    return items.every((each) => each.kind === "literal") ? { kind: "literal", value } : { kind: "list", items };
  }
  const entries = Object.entries(value).map(([key, each]) => [key, compile(each as Json, path === "" ? key : `${path}.${key}`)] as const);
  return entries.every(([, each]) => each.kind === "literal") ? { kind: "literal", value } : { kind: "map", entries };
}

/**
 * Renders a compiled value. A template that gives null leaves its key or element out, so that an optional setting can be passed on.
 * @throws ArgumentError
 */
export function render(compiled: Compiled, scopes: Scopes): Rendered {
  if (compiled.kind === "literal") return { display: compiled.value, real: compiled.value, touched: new Touched() };
  const touched = new Touched();
  const pair = renderPair(compiled, scopes, touched);
  return { display: pair.display ?? null, real: pair.real ?? null, touched };
}

interface Pair {
  readonly display: Json | undefined;
  readonly real: Json | undefined;
}

function renderPair(compiled: Compiled, scopes: Scopes, touched: Touched): Pair {
  switch (compiled.kind) {
    case "literal":
      return { display: compiled.value, real: compiled.value };
    case "template":
      return renderAlike(compiled, scopes, touched);
    case "list": {
      const pairs = compiled.items.map((each) => renderPair(each, scopes, touched));
      return { display: pairs.flatMap((each) => each.display ?? []), real: pairs.flatMap((each) => each.real ?? []) };
    }
    case "map": {
      const pairs = compiled.entries.map(([key, each]) => [key, renderPair(each, scopes, touched)] as const);
      return { display: recordOf(pairs, "display"), real: recordOf(pairs, "real") };
    }
    default:
      return compiled satisfies never;
  }
}

function recordOf(pairs: readonly (readonly [string, Pair])[], mode: Mode): Json {
  return Object.fromEntries(pairs.flatMap(([key, pair]) => (pair[mode] === undefined ? [] : [[key, pair[mode]]])));
}

/** Renders a template, or gives what it said where it read the same. What is secret, or not known yet, is each node-role's own. */
function renderAlike({ template, path, alike }: Extract<Compiled, { kind: "template" }>, scopes: Scopes, into: Touched): Pair {
  if (alike === undefined) return renderTemplate(template, path, scopes, into);
  const touched = new Touched();
  const pair = alike.of(
    scopes.display,
    () => renderTemplate(template, path, scopes, touched),
    () => touched.isEmpty,
  );
  into.merge(touched);
  return pair;
}

/**
 * Renders one template in both modes. The real rendering is done only when a secret was read; a late value that breaks the template
 * (a placeholder is text, whatever the value's type) leaves a placeholder, since only the run can tell, and so does a secret that is not given.
 */
function renderTemplate(template: Template, path: string, scopes: Scopes, into: Touched): Pair {
  const { watch } = scopes;
  const touched = new Touched();
  watch.touched = touched;
  let display: Json | undefined;
  let wrong: Error | undefined;
  try {
    display = orAbsent(template.render(scopes.display));
  } catch (error) {
    wrong = error instanceof Error ? error : new Error(String(error));
  }
  let real = display;
  if (touched.secrets.size > 0 && !touched.hidden) {
    try {
      real = orAbsent(template.render(scopes.real));
      if (wrong !== undefined) display = placeholder(touched);
      wrong = undefined;
    } catch (error) {
      wrong = error instanceof Error ? error : new Error(String(error));
    }
  }
  into.merge(touched);
  if (wrong === undefined) return { display, real };
  if (touched.late.size > 0 || touched.facts || touched.hidden) return { display: placeholder(touched), real: placeholder(touched) };
  if (!(wrong instanceof TemplateError)) throw wrong;
  // A filter's message may quote its value.
  const told =
    touched.secrets.size === 0 ? wrong : new TemplateError("it does not take the value of the secret in it", wrong.line, wrong.column);
  throw new ArgumentError(path, told);
}

function orAbsent(value: Json): Json | undefined {
  return value === null ? undefined : value;
}

/** What stands for a value that cannot be shown. */
function placeholder(touched: Touched): string {
  const [late] = touched.late.values();
  if (late !== undefined) return `(known after ${late.from[0] ?? "?"}.${late.output})`;
  const [secret] = touched.secrets;
  return secret === undefined ? "(unknown)" : secretText(secret);
}

function located<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TemplateError) throw new ArgumentError(path, error);
    throw error;
  }
}
