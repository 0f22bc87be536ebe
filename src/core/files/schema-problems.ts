import type { z } from "zod";
import { type Problem, problem } from "../errors.ts";
import { codes, type Code } from "../problems/codes.ts";
import { secretWrittenOut } from "../model/cluster-file.ts";
import { suggestion } from "../model/suggest.ts";
import { keysAt } from "./schema-keys.ts";
import type { YamlPath, YamlTree } from "./yaml-tree.ts";

/** Words that are refused because a later version will have them. `keys` maps the last part of a path's pattern. */
export interface LaterWords {
  readonly isLater: (path: YamlPath, key: string) => boolean;
}

type Issue = z.core.$ZodIssue;

/** In characters. */
const longText = 50_000;

/** How zod checks what is in a file: it makes a function for each object of a schema, which costs more than a short text takes to check without. */
export function checking(tree: YamlTree): { readonly jitless: boolean } {
  return { jitless: tree.source.text.length < longText };
}

/**
 * Checks a value of a YAML file against a schema; every fault becomes a problem at its place.
 * Problems: `KEY_UNKNOWN` (with a suggestion), `KEY_MISSING`, `VALUE_INVALID`, `LATER_STAGE`, and codes that the schema names itself.
 */
export function checkSchema<S extends z.ZodType>(
  schema: S,
  value: unknown,
  tree: YamlTree,
  options: {
    readonly path?: YamlPath;
    readonly later?: LaterWords;
    readonly ignore?: (path: YamlPath, issue: { readonly code: string | undefined }) => boolean;
  } = {},
): { readonly data?: z.output<S>; readonly problems: readonly Problem[] } {
  const result = schema.safeParse(value, { reportInput: true, ...checking(tree) });
  if (result.success) return { data: result.data, problems: [] };
  const base = options.path ?? [];
  const reporter = new Reporter(schema, tree, base, options.later);
  const issues = result.error.issues.flatMap((issue) => flatten(issue, []));
  return {
    problems: issues.filter((issue) => options.ignore?.(issue.path as YamlPath, issue) !== true).flatMap((issue) => reporter.report(issue)),
  };
}

/** A union's issue becomes those of the alternative that was most likely meant: the one whose outer type fits. */
function flatten(issue: Issue, prefix: readonly PropertyKey[]): readonly Issue[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const meant = issue.errors.filter((errors) => !errors.some((each) => each.path.length === 0 && each.code === "invalid_type"));
    if (meant.length === 1) return (meant[0] ?? []).flatMap((each) => flatten(each, path));
    const messages = new Set(
      issue.errors.flatMap((errors) => errors.map((each) => (each.path.length === 0 ? sentence(each) : ""))).filter((text) => text !== ""),
    );
    return [{ code: "custom", path, message: [...messages].join(", or ") || "Invalid value", input: issue.input } as Issue];
  }
  if (issue.code === "invalid_key") {
    const message = issue.issues.map((each) => each.message).join("; ");
    return [
      {
        code: "custom",
        path,
        message: `the key \`${String(issue.path.at(-1))}\` is not valid: ${message}`,
        params: { atKey: true },
      } as unknown as Issue,
    ];
  }
  return [{ ...issue, path }];
}

class Reporter {
  readonly #schema: z.ZodType;
  readonly #tree: YamlTree;
  readonly #base: YamlPath;
  readonly #later: LaterWords | undefined;

  constructor(schema: z.ZodType, tree: YamlTree, base: YamlPath, later: LaterWords | undefined) {
    this.#schema = schema;
    this.#tree = tree;
    this.#base = base;
    this.#later = later;
  }

  report(issue: Issue): readonly Problem[] {
    const path = [...this.#base, ...(issue.path as YamlPath)];
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => this.#unknownKey(issue.path as YamlPath, path, key));
    if ((issue.code === "invalid_type" || issue.code === "invalid_value" || issue.code === "invalid_union") && !this.#tree.has(path))
      return [this.#missing(path, issue)];
    const params = issue.code === "custom" ? (issue.params ?? {}) : {};
    if (issue.message === secretWrittenOut)
      return [problem("SECRET_LITERAL", { message: `${named(path)}: ${secretWrittenOut}.`, at: this.#tree.valuePlace(path) })];
    const code: Code =
      typeof params["code"] === "string" && Object.hasOwn(codes, params["code"]) ? (params["code"] as Code) : "VALUE_INVALID";
    const at = params["atKey"] === true ? this.#tree.keyPlace(path) : this.#tree.valuePlace(path);
    return [problem(code, { message: `${named(path)}: ${sentence(issue)}.`, at, hint: hintOf(issue) })];
  }

  #unknownKey(local: YamlPath, path: YamlPath, key: string): Problem {
    const at = this.#tree.keyPlace([...path, key]);
    const where = path.length === 0 ? "at the top level" : `in \`${path.join(".")}\``;
    if (this.#later?.isLater(path, key) === true)
      return problem("LATER_STAGE", { message: `\`${key}\` ${where} belongs to a later version.`, at });
    const known = keysAt(this.#schema, local);
    return problem("KEY_UNKNOWN", { message: `\`${key}\` is not a key ${where}.`, at, hint: suggestion(key, known) });
  }

  #missing(path: YamlPath, issue: Issue): Problem {
    const parent = path.slice(0, -1);
    const where = parent.length === 0 ? "The file" : `\`${parent.join(".")}\``;
    const expected =
      issue.code === "invalid_type"
        ? ` (${typeWord(issue.expected)})`
        : issue.code === "invalid_value"
          ? ` (${issue.values.map(String).join(" or ")})`
          : "";
    return problem("KEY_MISSING", {
      message: `${where} has no \`${String(path.at(-1) ?? "")}\`${expected}.`,
      at: this.#tree.keyPlace(parent),
    });
  }
}

function hintOf(issue: Issue): string | undefined {
  if (issue.code === "invalid_value" && typeof issue.input === "string") return suggestion(issue.input, issue.values.map(String));
  const scalar = typeof issue.input === "number" || typeof issue.input === "boolean";
  return issue.code === "invalid_type" && issue.expected === "string" && scalar
    ? "Put the value in quotes, so that YAML reads it as text."
    : undefined;
}

function named(path: YamlPath): string {
  return path.length === 0 ? "The file" : `\`${path.join(".")}\``;
}

/** What an issue says, without a full stop. */
function sentence(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return `expected ${typeWord(issue.expected)}${found(issue.input)}`;
    case "invalid_value":
      return `must be ${issue.values.map((value) => `\`${String(value)}\``).join(" or ")}${typeof issue.input === "string" ? `, found \`${issue.input.slice(0, 40)}\`` : found(issue.input)}`;
    case "too_small":
      return issue.origin === "string" || issue.origin === "array"
        ? `must not be shorter than ${issue.minimum}`
        : `must be at least ${issue.minimum}`;
    case "too_big":
      return issue.origin === "string" || issue.origin === "array"
        ? `must not be longer than ${issue.maximum}`
        : `must be at most ${issue.maximum}`;
    default:
      return issue.message.replace(/\.$/u, "");
  }
}

function found(input: unknown): string {
  if (input === undefined) return "";
  if (input === null) return ", found nothing";
  if (typeof input === "number" || typeof input === "boolean")
    return `, found ${typeof input === "number" ? "the number" : "the value"} ${String(input)}`;
  return Array.isArray(input) ? ", found a list" : typeof input === "object" ? ", found a map" : ", found another text";
}

function typeWord(expected: string): string {
  const words: Readonly<Record<string, string>> = {
    string: "a text",
    number: "a number",
    int: "a whole number",
    boolean: "true or false",
    array: "a list",
    object: "a map",
    record: "a map",
  };
  return words[expected] ?? expected;
}
