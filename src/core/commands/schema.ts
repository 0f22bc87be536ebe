import { z } from "zod";
import { defineCommand } from "./command.ts";

/** `schema`: JSON Schema of a file format. */
export interface SchemaDocument {
  readonly halligan: 1;
  readonly kind: "schema";
  readonly name: (typeof formats)[number];
  /** JSON Schema, draft 2020-12. */
  readonly schema: Readonly<Record<string, unknown>>;
}

const formats = ["cluster", "barclamp", "people", "policy", "slack", "alerts"] as const;

/** Prints the JSON Schema of a file format, for editors. */
export const schemaCommand = defineCommand({
  id: "schema",
  area: "start",
  summary: "Print the JSON Schema of a file format, for editors",
  args: () => z.object({ name: z.enum(formats).describe("File format") }),
  positionals: ["name"],
  risk: "read",
  needs: "nothing",
  follows: false,
  chat: { no: "It prints a file for an editor." },
  examples: [{ line: "halligan schema cluster > cluster.schema.json", does: "writes the schema; point your editor's YAML plug-in at it" }],
  async run(_context, { name }) {
    const [
      { barclampJsonSchema, clusterJsonSchema, peopleJsonSchema, policyJsonSchema, slackJsonSchema, alertsJsonSchema },
      { stepKinds },
    ] = await Promise.all([import("../files/json-schemas.ts"), import("../jigs/shell/kinds/index.ts")]);
    const schemas = {
      cluster: clusterJsonSchema,
      barclamp: () => barclampJsonSchema(stepKinds),
      people: peopleJsonSchema,
      policy: policyJsonSchema,
      slack: slackJsonSchema,
      alerts: alertsJsonSchema,
    };
    const schema = schemas[name]();
    const document: SchemaDocument = { halligan: 1, kind: "schema", name, schema };
    return { exit: 0, document: { ...document } };
  },
});
