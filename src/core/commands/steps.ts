import { z } from "zod";
import { fail } from "../errors.ts";
import type { StepKind } from "../jigs/shell/kind.ts";
import { suggestion } from "../model/suggest.ts";
import { defineCommand } from "./command.ts";

/** `steps`. */
export interface StepKindsDocument {
  readonly halligan: 1;
  readonly kind: "step-kinds";
  readonly kinds: readonly {
    readonly name: string;
    readonly summary: string;
    readonly readOnly: boolean;
    readonly undo: "inverse" | "restore" | "none";
  }[];
}

/** `steps KIND`. */
export interface StepKindDocument {
  readonly halligan: 1;
  readonly kind: "step-kind";
  readonly name: string;
  readonly summary: string;
  readonly readOnly: boolean;
  readonly undo: { readonly class: "inverse" | "restore" | "none"; readonly means: string };
  readonly arguments: readonly StepArgument[];
  readonly examples: readonly { readonly title: string; readonly yaml: string }[];
  /** JSON Schema of the arguments. */
  readonly schema: Readonly<Record<string, unknown>>;
}

/** One argument of a step kind. */
export interface StepArgument {
  readonly name: string;
  readonly required: boolean;
  /** `text`, `true or false`, `present | absent`. */
  readonly type: string;
  readonly description: string;
  readonly default: string | null;
}

/** Lists step kinds, or explains one. */
export const stepsCommand = defineCommand({
  id: "steps",
  area: "barclamps",
  summary: "List the step kinds, or explain one",
  args: () => z.object({ kind: z.string().min(1).optional().describe("Step kind: file, service ...") }),
  positionals: ["kind"],
  risk: "read",
  needs: "nothing",
  follows: false,
  chat: { takes: "nothing" },
  examples: [{ line: "halligan steps file", does: "explains the arguments of `file`, with examples" }],
  async run(_context, { kind }) {
    const { stepKinds } = await import("../jigs/shell/kinds/index.ts");
    if (kind === undefined) {
      const kinds = [...stepKinds.values()].map((each) => ({
        name: each.kind,
        summary: each.summary,
        readOnly: each.readOnly,
        undo: each.undo.class,
      }));
      const document: StepKindsDocument = { halligan: 1, kind: "step-kinds", kinds: kinds.sort((a, b) => (a.name < b.name ? -1 : 1)) };
      return { exit: 0, document: { ...document } };
    }
    const found = stepKinds.get(kind);
    if (found === undefined)
      throw fail("STEP_KIND_UNKNOWN", { message: `There is no step kind \`${kind}\`.`, hint: suggestion(kind, stepKinds.keys()) });
    return { exit: 0, document: { ...describeKind(found) } };
  },
});

interface Property {
  /** The kind of value by its own name, where the type alone would mislead: `duration`. */
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Property[];
  readonly allOf?: readonly Property[];
  readonly items?: Property;
}

function describeKind(kind: StepKind): StepKindDocument {
  const schema = z.toJSONSchema(kind.schema, { io: "input", unrepresentable: "any" }) as Readonly<Record<string, unknown>>;
  const properties = (schema["properties"] ?? {}) as Readonly<Record<string, Property>>;
  const required = (schema["required"] ?? []) as readonly string[];
  return {
    halligan: 1,
    kind: "step-kind",
    name: kind.kind,
    summary: kind.summary,
    readOnly: kind.readOnly,
    undo: kind.undo,
    arguments: Object.entries(properties).map(([name, property]) => ({
      name,
      required: required.includes(name),
      type: typeWords(property),
      description: property.description ?? "",
      default:
        property.default === undefined ? null : typeof property.default === "string" ? property.default : JSON.stringify(property.default),
    })),
    examples: kind.examples,
    schema,
  };
}

/** Numbers and booleans are taken as texts too, because templates give texts; that is not worth telling. */
function typeWords(property: Property): string {
  if (property.title !== undefined) return property.title;
  if (property.enum !== undefined) return isFlag(property.enum) ? "true or false" : property.enum.map(String).join(" | ");
  if (property.const !== undefined) return JSON.stringify(property.const);
  const several = property.anyOf ?? property.allOf;
  if (several !== undefined) {
    const words = [...new Set(several.flatMap((each) => typeWords(each).split(" or ")))];
    const plain = words.filter((word) => word !== "text" || !words.some((other) => other === "number" || other === "true or false"));
    return plain.join(" or ") || "any";
  }
  switch (property.type) {
    case "string":
      return "text";
    case "integer":
    case "number":
      return "number";
    case "boolean":
      return "true or false";
    case "array":
      return property.items === undefined ? "list" : `list of ${typeWords(property.items)}`;
    case "object":
      return "map";
    default:
      return "any";
  }
}

function isFlag(values: readonly unknown[]): boolean {
  return values.every((value) => value === "true" || value === "false");
}
