import { Liquid, type Template as LiquidTemplate } from "liquidjs";
import { HalliganError } from "../errors.ts";
import type { Json } from "../ports.ts";
import { type ReadPath, scopeNames, sharedPaths } from "./alike.ts";
import { FilterError, filters, removedFilters } from "./filters.ts";
import { type PlainReader, plainReader } from "./plain-template.ts";

/** A template that cannot be parsed or rendered, with its place inside the template text (from 1). */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
  readonly line: number;
  readonly column: number;

  constructor(message: string, line: number, column: number) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

/** Names that a template can see. */
export type Scope = Readonly<Record<string, unknown>>;

/** A parsed template. */
export interface Template {
  /** No tags: the text itself. */
  readonly literal: boolean;
  /** Of templates that go through lists, which take long: where they read what many node-roles have in common; gives `undefined` where they read anything else, too. */
  readonly shared?: (() => readonly ReadPath[] | undefined) | undefined;
  /**
   * Renders: text, or for exactly one `{{ expression }}` the value with its type.
   * @throws TemplateError
   */
  render(scope: Scope): Json;
}

const limits = { parseLimit: 4_000_000, renderLimit: 5_000, memoryLimit: 64_000_000 };

/** Tags that would read other files, or keep state from one rendering to the next. */
const removedTags = ["include", "render", "layout", "block"] as const;

/** A value that does not read as text must be turned into some by the template's author. */
function escapeOutput(value: unknown): unknown {
  if (typeof value === "object" && value !== null) {
    const what = Array.isArray(value) ? "a list" : "a map";
    throw new FilterError(
      `${what} cannot stand inside text; turn it into text, for example with \`| json\`${Array.isArray(value) ? ' or `| join: ", "`' : ""}`,
    );
  }
  return value;
}

function engine(typed: boolean): Liquid {
  const liquid = new Liquid({
    ...limits,
    ownPropertyOnly: true,
    strictVariables: true,
    strictFilters: true,
    // `{% if set.x %}` and `| default:` may ask for what is not there.
    lenientIf: true,
    relativeReference: false,
    dynamicPartials: false,
    templates: {},
    keepOutputType: typed,
    timezoneOffset: 0,
    locale: "en-US",
    ...(typed ? {} : { outputEscape: escapeOutput as (value: unknown) => string }),
  });
  for (const name of removedTags) delete liquid.tags[name];
  for (const name of removedFilters) liquid.unregisterFilter(name);
  for (const [name, filter] of Object.entries(filters)) liquid.registerFilter(name, filter);
  return liquid;
}

// Engines hold no state between renderings: `increment` counts in the scope of one rendering.
const text = engine(false);
const typed = engine(true);

/** Exactly one output tag and nothing around it. */
const SINGLE = /^\{\{(?:(?!\}\}|\{\{).)*\}\}$/su;

/** A tag that goes through a list. */
const LOOP = /\{%-?\s*(?:for|tablerow)\s/u;

const names = scopeNames.join("|");
const ASSIGNED = new RegExp(String.raw`\b(?:assign|capture|increment|decrement)\s+["']?(?:${names})\b`, "u");
const LOOPED = new RegExp(String.raw`\b(?:for|tablerow)\s+(?:${names})\s`, "u");

/** A name of the scope may also stand for something of the template's own, which depends on what happened before: then nobody can tell what is read of the scope. */
function isShadowed(source: string): boolean {
  // A loop's own name holds inside of it, and not behind its `else`.
  return ASSIGNED.test(source) || (LOOPED.test(source) && /\belse\b/u.test(source));
}

/**
 * Parses a template.
 * @throws TemplateError
 */
export function parseTemplate(source: string): Template {
  if (!source.includes("{{") && !source.includes("{%")) return { literal: true, render: () => source };
  const single = SINGLE.test(source);
  const liquid = single ? typed : text;
  const parsed = guarded(() => liquid.parse(source));
  const plain = plainReader(source);
  return {
    literal: false,
    ...(LOOP.test(source) && !isShadowed(source) ? { shared: () => sharedPaths(liquid.globalVariableSegmentsSync(parsed)) } : {}),
    render: (scope) => attempt(plain, scope) ?? renderWith(liquid, parsed, scope, single),
  };
}

/** What a plain template says. Where reading fails the template language reads once more, and tells where. */
function attempt(plain: PlainReader | undefined, scope: Scope): Json | undefined {
  try {
    return plain?.(scope);
  } catch {
    return undefined;
  }
}

function renderWith(liquid: Liquid, parsed: LiquidTemplate[], scope: Scope, single: boolean): Json {
  const value: unknown = guarded(() => liquid.renderSync(parsed, scope) as unknown);
  if (!single) return String(value as string);
  // Values come from JSON; filters may give undefined or a number that JSON does not have.
  if (value === undefined || (typeof value === "number" && !Number.isFinite(value))) return null;
  return value as Json;
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asFailure(error);
  }
}

interface LiquidFailure {
  readonly token?: { getPosition?(): readonly [number, number] };
  readonly originalError?: unknown;
}

/** What went wrong; a problem that reading a value reported (a secret that cannot be had) stays that problem. */
function asFailure(error: unknown): TemplateError | HalliganError {
  const failure = error as LiquidFailure;
  if (error instanceof HalliganError) return error;
  if (failure.originalError instanceof HalliganError) return failure.originalError;
  const [line, column] = failure.token?.getPosition?.() ?? [1, 1];
  const cause = failure.originalError instanceof Error ? failure.originalError : error;
  const message = cause instanceof Error ? cause.message : "the template cannot be rendered";
  return new TemplateError(message.replace(/,? ?(file:[^,]*, )?line:\d+, col:\d+$/u, "").split("\n", 1)[0] ?? message, line, column);
}
