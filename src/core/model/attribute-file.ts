import { z } from "zod";

/** Types of values, as written. */
export const valueTypeSchema = z.enum([
  "string",
  "integer",
  "number",
  "boolean",
  "duration",
  "size",
  "url",
  "address",
  "port",
  "list",
  "map",
  "secret",
]);

/** Names of attributes, inputs and outputs. */
export const identifierSchema = z.string().regex(/^[a-zA-Z][a-zA-Z0-9_]{0,62}$/u, "letters, digits and `_`, starting with a letter");

/** Version of a barclamp. */
export const versionSchema = z
  .string()
  .regex(/^\d+(\.\d+){0,3}([-+][0-9A-Za-z.+-]+)?$/u, 'must be a version such as 1.0.0, in quotes where it has one dot: "1.0"');

/** What is kept for some time only: since when, what to use in its place, and why. */
export const deprecatedSchema = z
  .strictObject({
    since: versionSchema.meta({ description: "Version of the barclamp in which it was declared so." }),
    use: z.string().min(1).max(200).optional().meta({ description: "What to use in its place." }),
    why: z.string().min(1).max(500).meta({ description: "Why it goes away." }),
  })
  .meta({ description: "It works and will go away." });
