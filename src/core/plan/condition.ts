import { Environment } from "@marcbachmann/cel-js";
import { AlikeRenderings, type ReadPath, scopeNames, sharedPaths } from "./alike.ts";

/** A `when` condition that cannot be judged; `caret` is the offset in the expression. */
export class ConditionError extends Error {
  override readonly name = "ConditionError";
  readonly caret: number;

  constructor(message: string, caret: number) {
    super(message);
    this.caret = caret;
  }
}

/** A parsed condition. */
export interface Condition {
  /**
   * True or false for these variables.
   * @throws ConditionError, and whatever reading a variable throws
   */
  judge(scope: Readonly<Record<string, unknown>>): boolean;
  /** What it said where it read the same. */
  readonly alike: AlikeRenderings<boolean>;
}

const environment = scopeNames
  .filter((name) => name !== "item")
  .reduce(
    (env, name) => env.registerVariable(name, "map"),
    new Environment({
      unlistedVariablesAreDyn: false,
      homogeneousAggregateLiterals: false,
      limits: { maxAstNodes: 2_000, maxDepth: 50 },
    }).registerVariable("item", "dyn"),
  );

/**
 * Parses and type-checks a condition.
 * @throws ConditionError
 */
export function parseCondition(expression: string): Condition {
  const parsed = guarded(() => environment.parse(expression));
  const checked = parsed.check();
  if (!checked.valid) throw asConditionError(checked.error);
  if (checked.type !== undefined && checked.type !== "bool" && checked.type !== "dyn") {
    throw new ConditionError(`the result is of type ${checked.type}, not bool`, 0);
  }
  return {
    alike: new AlikeRenderings(() => pathsOf(expression)),
    judge(scope) {
      const value: unknown = guarded(() => parsed(celScope(scope)) as unknown);
      if (typeof value !== "boolean")
        throw new ConditionError(`the result is of type ${value === null ? "null" : typeof value}, not bool`, 0);
      return value;
    },
  };
}

/** The names that stand in an expression, and what follows each: within a text or as a key they count, too, so that none is missed. */
const NAMES = new RegExp(String.raw`\b(${scopeNames.join("|")})\b(?:\.([A-Za-z_]\w*))?`, "gu");

/** Where an expression reads what many node-roles have in common; `undefined` where it may read anything else, too. */
function pathsOf(expression: string): readonly ReadPath[] | undefined {
  const names = [...expression.matchAll(NAMES)];
  return names.every(([, , name]) => name !== undefined) ? sharedPaths(names.map(([, root, name]) => [root, name])) : undefined;
}

/** The expression with a mark below the place of the error. */
export function marked(expression: string, caret: number): string {
  const before = expression.slice(0, caret).split("\n");
  const lineNumber = before.length - 1;
  const line = expression.split("\n")[lineNumber] ?? "";
  return `${line}\n${" ".repeat(before[lineNumber]?.length ?? 0)}^`;
}

/** Variables as the expression language counts: whole numbers are integers. Read only when the expression reads them. */
function celScope(scope: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const name of scopeNames) {
    Object.defineProperty(result, name, { enumerable: true, get: () => celValue(scope[name] ?? (name === "item" ? null : {})) });
  }
  return result;
}

function celValue(value: unknown): unknown {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value !== "object" || value === null) return value;
  const copy: object = Array.isArray(value) ? [] : {};
  for (const [key, property] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
    if (property.enumerable !== true) continue;
    // Getters stay getters: they note who reads a secret or a late value. The rest is converted when it is read.
    Object.defineProperty(copy, key, {
      enumerable: true,
      configurable: true,
      get: () => celValue((value as Readonly<Record<string, unknown>>)[key]),
    });
  }
  return copy;
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asConditionError(error);
  }
}

function asConditionError(error: unknown): unknown {
  const cel = error as { readonly name?: string; readonly summary?: string; readonly range?: { readonly start: number } };
  if (cel.summary === undefined) return error;
  return new ConditionError(cel.summary, cel.range?.start ?? 0);
}
