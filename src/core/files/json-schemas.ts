import { z } from "zod";
import { alertsFileSchema } from "../model/alerts-file.ts";
import { barclampFileSchema, stepCommonSchema } from "../model/barclamp-file.ts";
import { clusterFileSchema } from "../model/cluster-file.ts";
import { policyFileSchema } from "../authority/policy/policy-file.ts";
import { peopleFileSchema } from "../model/people-file.ts";
import { slackFileSchema } from "../model/slack-file.ts";
import type { KindsForLoading } from "./kind-for-loading.ts";
import { keysAt } from "./schema-keys.ts";

/** A JSON Schema document. */
export type JsonSchema = { readonly [key: string]: unknown };

const options = { target: "draft-2020-12", io: "input", unrepresentable: "any", reused: "inline" } as const;

/** JSON Schema (draft 2020-12) of `cluster.yaml`, for editors that complete and check while typing. */
export function clusterJsonSchema(): JsonSchema {
  return z.toJSONSchema(clusterFileSchema, options);
}

/** JSON Schema (draft 2020-12) of `policy/*.yaml`. */
export function policyJsonSchema(): JsonSchema {
  return z.toJSONSchema(policyFileSchema, options);
}

/** JSON Schema (draft 2020-12) of `slack.yaml`. */
export function slackJsonSchema(): JsonSchema {
  return z.toJSONSchema(slackFileSchema, options);
}

/** JSON Schema (draft 2020-12) of `alerts.yaml`. */
export function alertsJsonSchema(): JsonSchema {
  return z.toJSONSchema(alertsFileSchema, options);
}

/** JSON Schema (draft 2020-12) of `people.yaml`. */
export function peopleJsonSchema(): JsonSchema {
  return z.toJSONSchema(peopleFileSchema, options);
}

/** JSON Schema (draft 2020-12) of `barclamp.yaml` with all step kinds. Values with templates are accepted where a text can stand for them. */
export function barclampJsonSchema(kinds: KindsForLoading): JsonSchema {
  const schema = withStepReferences(z.toJSONSchema(barclampFileSchema, options)) as JsonSchema;
  return { ...schema, $defs: { ...(schema["$defs"] as object | undefined), step: stepSchema(kinds), judgedStep: judgedStepSchema(kinds) } };
}

const stepLists: ReadonlySet<string> = new Set(["steps", "undo", "before", "after", "onFailure"]);
const proofLists: ReadonlySet<string> = new Set(["steps", "cleanup"]);

/** Lists of steps refer to the definition of a step, which knows the kinds; below `proves` to that of a condition. */
function withStepReferences(node: unknown, key = "", inProof = false): unknown {
  if (Array.isArray(node)) return node.map((each) => withStepReferences(each));
  if (typeof node !== "object" || node === null) return node;
  const isList = "type" in node && node.type === "array";
  if (isList && (key === "verify" || (inProof && proofLists.has(key)))) return { ...node, items: { $ref: "#/$defs/judgedStep" } };
  if (isList && !inProof && stepLists.has(key)) return { ...node, items: { $ref: "#/$defs/step" } };
  return Object.fromEntries(
    Object.entries(node).map(([name, value]) => [name, withStepReferences(value, name, inProof || key === "proves")]),
  );
}

function stepSchema(kinds: KindsForLoading): JsonSchema {
  return {
    type: "object",
    description: "A step: exactly one kind with its arguments.",
    properties: Object.fromEntries([...kinds].map(([name, kind]) => [name, argumentsSchema(name, kind.schema)])),
    additionalProperties: false,
    minProperties: 1,
    maxProperties: 1,
  };
}

/** In `verify` and `proves`, arguments may stand beside the kind. */
function judgedStepSchema(kinds: KindsForLoading): JsonSchema {
  const { properties } = stepSchema(kinds);
  return {
    type: "object",
    description: "A condition: a kind, with its arguments inside or beside it, and `within`.",
    properties,
    minProperties: 1,
  };
}

function argumentsSchema(name: string, schema: z.ZodType): JsonSchema {
  const kind = z.toJSONSchema(schema, { ...options });
  const { $schema: _kind, ...own } = kind;
  const common = z.toJSONSchema(stepCommonSchema, { ...options }).properties ?? {};
  const ownKeys = new Set(keysAt(schema, []));
  const extra = Object.fromEntries(Object.entries(common).filter(([key]) => !ownKeys.has(key)));
  const properties = Object.fromEntries(Object.entries(own.properties ?? {}).map(([key, value]) => [key, orTemplate(value)]));
  const map = own.type === "object" ? { ...own, properties: { ...properties, ...extra } } : { type: "object" };
  return { title: name, anyOf: [map, { type: ["string", "number", "array"], description: "Short form, where the kind has one." }] };
}

/** Any value may be given by a template. */
function orTemplate(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const description = "description" in value ? { description: value.description } : {};
  return { ...description, anyOf: [value, { type: "string", pattern: "\\{\\{|\\{%" }] };
}
