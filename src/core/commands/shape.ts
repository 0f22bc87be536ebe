import type { z } from "zod";

/** What a front end must know of one argument to parse, complete and explain it. */
export interface ArgumentShape {
  /** Key in `args`, camelCase. */
  readonly key: string;
  /** As typed: `--host-key`; for positionals `HOST-KEY`. */
  readonly word: string;
  readonly kind: "boolean" | "string" | "number" | "choice";
  /** May be given several times. */
  readonly many: boolean;
  readonly required: boolean;
  readonly choices: readonly string[];
  readonly default?: unknown;
  readonly description: string;
}

/** Reads the arguments of a command from its schema, in the order in which they are written. */
export function argumentShapes(args: z.ZodObject, positionals: readonly string[]): readonly ArgumentShape[] {
  return Object.entries(args.shape).map(([key, schema]) => argumentShape(key, schema as z.ZodType, positionals.includes(key)));
}

/** The default as people type it; `undefined` = none that is worth telling. */
export function defaultText({ default: standard }: ArgumentShape): string | undefined {
  if (standard === undefined || standard === false || (Array.isArray(standard) && standard.length === 0)) return undefined;
  return typeof standard === "string" ? standard : JSON.stringify(standard);
}

/** `hostKey` -> `host-key`. */
function kebab(key: string): string {
  return key.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`);
}

interface Definition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly in?: z.ZodType;
  readonly entries?: Readonly<Record<string, string>>;
  readonly values?: readonly unknown[];
  readonly options?: readonly z.ZodType[];
  readonly defaultValue?: unknown;
}

function argumentShape(key: string, outer: z.ZodType, positional: boolean): ArgumentShape {
  const found = unwrap(outer);
  const word = kebab(key);
  return {
    key,
    word: positional ? word.toUpperCase() : `--${word}`,
    kind: found.kind,
    many: found.many,
    required: !found.optional && found.kind !== "boolean",
    choices: found.choices,
    ...(found.default === undefined ? {} : { default: found.default }),
    description: found.description,
  };
}

interface Unwrapped {
  kind: ArgumentShape["kind"];
  many: boolean;
  optional: boolean;
  choices: readonly string[];
  default: unknown;
  description: string;
}

function unwrap(outer: z.ZodType): Unwrapped {
  const found: Unwrapped = { kind: "string", many: false, optional: false, choices: [], default: undefined, description: "" };
  for (let schema: z.ZodType | undefined = outer; schema !== undefined; ) {
    found.description ||= schema.description ?? "";
    const definition: Definition = schema.def as unknown as Definition;
    schema = look(definition, found);
  }
  return found;
}

/** Notes what one layer of a schema says and gives the layer below. */
function look(definition: Definition, found: Unwrapped): z.ZodType | undefined {
  switch (definition.type) {
    case "default":
    case "prefault":
      found.default = definition.defaultValue;
      found.optional = true;
      return definition.innerType;
    case "optional":
    case "nullable":
      found.optional = true;
      return definition.innerType;
    case "readonly":
    case "nonoptional":
      return definition.innerType;
    case "pipe":
      return definition.in;
    case "array":
      found.many = true;
      return definition.element;
    case "enum":
      found.kind = "choice";
      found.choices = Object.values(definition.entries ?? {});
      return undefined;
    case "literal":
      found.kind = "choice";
      found.choices = (definition.values ?? []).map(String);
      return undefined;
    case "boolean":
      found.kind = "boolean";
      return undefined;
    case "number":
    case "int":
      found.kind = "number";
      return undefined;
    default:
      return undefined;
  }
}
