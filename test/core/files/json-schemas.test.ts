import { describe, expect, test } from "vitest";
import { barclampJsonSchema, clusterJsonSchema, type JsonSchema } from "../../../src/core/files/json-schemas.ts";
import { readYaml } from "../../../src/core/files/yaml-tree.ts";
import { exampleBarclamp, exampleCluster } from "./examples.ts";
import { fakeKinds } from "./kinds.ts";

type Node = Readonly<Record<string, unknown>>;

/** Just enough of JSON Schema to judge the examples: every keyword that the schemas use is known, others fail the test. */
function accepts(schema: Node, value: unknown, root: Node): boolean {
  const known = [
    "$schema",
    "$defs",
    "$ref",
    "title",
    "description",
    "default",
    "examples",
    "type",
    "properties",
    "required",
    "additionalProperties",
    "propertyNames",
    "items",
    "anyOf",
    "const",
    "enum",
    "pattern",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "minProperties",
    "maxProperties",
    "exclusiveMinimum",
    "format",
    "readOnly",
  ];
  for (const keyword of Object.keys(schema)) expect(known).toContain(keyword);
  if (typeof schema["$ref"] === "string")
    return accepts((root["$defs"] as Record<string, Node>)[schema["$ref"].replace("#/$defs/", "")]!, value, root);
  if (Array.isArray(schema["anyOf"]) && !schema["anyOf"].some((each: Node) => accepts(each, value, root))) return false;
  if ("const" in schema && schema["const"] !== value) return false;
  if (Array.isArray(schema["enum"]) && !schema["enum"].includes(value)) return false;
  if (schema["type"] !== undefined && ![schema["type"]].flat().some((type) => isA(String(type), value))) return false;
  if (typeof schema["pattern"] === "string" && typeof value === "string" && !new RegExp(schema["pattern"], "u").test(value)) return false;
  if (Array.isArray(value)) return schema["items"] === undefined || value.every((each) => accepts(schema["items"] as Node, each, root));
  return typeof value !== "object" || value === null || acceptsMap(schema, value as Node, root);
}

function acceptsMap(schema: Node, value: Node, root: Node): boolean {
  const keys = Object.keys(value);
  const properties = (schema["properties"] ?? {}) as Record<string, Node>;
  if (((schema["required"] ?? []) as readonly string[]).some((key) => !keys.includes(key))) return false;
  if (keys.length > ((schema["maxProperties"] as number | undefined) ?? Infinity)) return false;
  return keys.every((key) => {
    if (Object.hasOwn(properties, key)) return accepts(properties[key]!, value[key], root);
    if (schema["additionalProperties"] === false) return false;
    return typeof schema["additionalProperties"] !== "object" || accepts(schema["additionalProperties"] as Node, value[key], root);
  });
}

function isA(type: string, value: unknown): boolean {
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  if (type === "array") return Array.isArray(value);
  return type === "integer" ? Number.isInteger(value) : typeof value === type;
}

const judge = (schema: JsonSchema, text: string): boolean => accepts(schema, readYaml("x", text).value, schema);

describe.each<readonly [string, JsonSchema, string]>([
  ["cluster", clusterJsonSchema(), exampleCluster],
  ["barclamp", barclampJsonSchema(fakeKinds), exampleBarclamp],
])("%s", (_name, schema, example) => {
  test("is draft 2020-12 with a title, and accepts the example", () => {
    expect(schema["$schema"]).toBe("https://json-schema.org/draft/2020-12/schema");
    expect(schema["title"]).toMatch(/^Halligan/u);
    expect(judge(schema, example)).toBe(true);
  });
});

test.each([
  [clusterJsonSchema(), exampleCluster.replace("count:", "cuont:")],
  [clusterJsonSchema(), exampleCluster.replace("hostKeys: strict", "hostKeys: maybe")],
  [clusterJsonSchema(), exampleCluster.replace("{ generate: 32 }", "password")],
  [clusterJsonSchema(), exampleCluster.replace("cluster: lab-a", "")],
  [barclampJsonSchema(fakeKinds), exampleBarclamp.replace("- package:", "- pakage:")],
  [barclampJsonSchema(fakeKinds), exampleBarclamp.replace("owner: root", "onwer: root")],
  [barclampJsonSchema(fakeKinds), exampleBarclamp.replace("type: duration", "type: duratoin")],
])("a mistake is refused (%#)", (schema, text) => {
  expect(judge(schema, text)).toBe(false);
});

test("keys have descriptions, so that editors can show them", () => {
  const bare: string[] = [];
  const visit = (node: unknown, path: string): void => {
    if (typeof node !== "object" || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (key === "properties" && !path.includes("$defs"))
        for (const [name, each] of Object.entries(value as Node))
          if ((each as Node)["description"] === undefined) bare.push(`${path}/${name}`);
      visit(value, `${path}/${key}`);
    }
  };
  visit(clusterJsonSchema(), "cluster");
  expect(bare.filter((each) => !/\/(port|on|set|type|description)$/u.test(each))).toEqual([]);
});
