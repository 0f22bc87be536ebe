import { z } from "zod";
import { identifierSchema, valueTypeSchema, versionSchema } from "./attribute-file.ts";

const pattern = z.string().min(1).max(1000);
const scalar = z.union([z.string(), z.number(), z.boolean()]);

const partsSchema = z.strictObject({
  whole: identifierSchema.meta({ description: "The attribute that holds everything." }),
  pattern: pattern.meta({ description: "Regular expression of the whole; its named groups are the attributes that hold the parts." }),
  text: z.string().min(1).max(1000).meta({ description: "How the whole is written from its parts: `{address}:{port}`." }),
  defaults: z.record(identifierSchema, scalar).optional().meta({ description: "Parts that need not be set, and what they are then." }),
});

const convertSchema = z
  .strictObject({
    attribute: identifierSchema,
    from: valueTypeSchema.meta({ description: "Type before." }),
    to: valueTypeSchema.meta({ description: "Type now." }),
    values: z
      .array(z.tuple([scalar, scalar]))
      .min(1)
      .optional()
      .meta({ description: "Pairs of a value before and its value now." }),
    text: z.string().min(1).max(1000).optional().meta({ description: "The value now, from the value before: `{value}s`." }),
    pattern: pattern.optional().meta({ description: "The way back: the group `value` of the value now is the value before." }),
  })
  .refine(
    (step) => step.values === undefined || (step.text === undefined && step.pattern === undefined),
    "has `values`, or `text` and `pattern`",
  );

/** One step of a migration: exactly one of these keys. */
export const migrationStepSchema = z
  .strictObject({
    rename: z
      .strictObject({ from: identifierSchema, to: identifierSchema })
      .optional()
      .meta({ description: "An attribute has another name." }),
    split: partsSchema.optional().meta({ description: "One attribute becomes several." }),
    join: partsSchema.optional().meta({ description: "Several attributes become one." }),
    convert: convertSchema.optional().meta({ description: "An attribute has another type, or other values." }),
    remove: z.strictObject({ attribute: identifierSchema }).optional().meta({ description: "An attribute is no more." }),
    default: z
      .strictObject({ attribute: identifierSchema, was: z.unknown().meta({ description: "The default before." }) })
      .optional()
      .meta({ description: "The default is another one; where nothing was set, what it was is kept." }),
  })
  .refine(
    (step) => Object.values(step).filter((each) => each !== undefined).length === 1,
    "must have exactly one of rename, split, join, convert, remove, default",
  );

/** How settings of the versions before one are carried over to it, and back. */
export const migrationSchema = z
  .strictObject({
    to: versionSchema.meta({ description: "The version that changed its settings." }),
    up: z.array(migrationStepSchema).min(1).meta({ description: "From the version before to this one, in this order." }),
    down: z
      .array(migrationStepSchema)
      .optional()
      .meta({ description: "From this version to the one before; default: the reverse of `up`." }),
  })
  .meta({ description: "How settings of earlier versions are carried over." });

/** One step, as written. */
export type MigrationStep = Readonly<z.output<typeof migrationStepSchema>>;

/** Steps to a version and back. */
export interface Migration {
  readonly to: string;
  readonly up: readonly MigrationStep[];
  readonly down: readonly MigrationStep[];
}
