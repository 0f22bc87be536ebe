import { z } from "zod";
import { durationText } from "./cluster-file.ts";
import { deprecatedSchema, identifierSchema, valueTypeSchema, versionSchema } from "./attribute-file.ts";
import { nameSchema } from "./ids.ts";
import { migrationSchema } from "./migration-file.ts";

const limit = z.union([z.number(), z.string()]).optional();

const attributeSchema = z
  .strictObject({
    type: valueTypeSchema.meta({ description: "What values it takes." }),
    default: z.unknown().optional().meta({ description: "Value where nothing is set." }),
    required: z.boolean().optional().meta({ description: "It must be set somewhere.", default: false }),
    min: limit.meta({ description: "Smallest value, or shortest length." }),
    max: limit.meta({ description: "Largest value, or greatest length." }),
    oneOf: z.array(z.unknown()).min(1).optional().meta({ description: "The only values allowed." }),
    pattern: z.string().min(1).max(1000).optional().meta({ description: "Regular expression that the whole value must match." }),
    of: valueTypeSchema.optional().meta({ description: "Type of the elements of a list." }),
    why: z.string().optional().meta({ description: "Why the default is what it is." }),
    deprecated: deprecatedSchema.optional(),
  })
  .meta({ description: "A setting that the barclamp takes." });

const steps = z.array(z.record(z.string(), z.unknown()));

const inputSchema = z
  .strictObject({
    from: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]*\.[a-zA-Z][a-zA-Z0-9_]*$/u, "must be capability.output, such as sql.url")
      .meta({ description: "`capability.output` or `role.output`." }),
    all: z.boolean().optional().meta({ description: "Take it from all providers: a list of {node, address, value}.", default: false }),
    default: z.unknown().optional().meta({ description: "Value where nothing provides it." }),
  })
  .meta({ description: "A value that another role gives." });

const outputSchema = z
  .strictObject({
    type: valueTypeSchema,
    capability: nameSchema.optional().meta({ description: "The role provides this capability." }),
    value: z.string().optional().meta({ description: "A template." }),
    fromStep: z.string().min(1).optional().meta({ description: "Name of the command step whose output is the value." }),
  })
  .refine((output) => (output.value === undefined) !== (output.fromStep === undefined), "must have exactly one of `value` and `fromStep`")
  .meta({ description: "A value that the role gives to others." });

const checkSchema = z.looseObject({
  code: z
    .string()
    .regex(/^[A-Z][A-Z0-9]*(-[A-Z0-9]+)+$/u, "must be a code such as KEY-101")
    .meta({ description: "The barclamp's own code." }),
  message: z.string().min(1).optional().meta({ description: "What is wrong when the check fails." }),
  hint: z.string().min(1).optional().meta({ description: "What to do then." }),
  curedBy: z.array(nameSchema).optional().meta({
    description: "Roles that may bring it: where one goes first on the node and changes something, the check is judged after it.",
  }),
});

const names = z.array(nameSchema);

/** The name of something that can be proven: `sql-rows-return`. */
export const capabilityNameSchema = z
  .string()
  .max(63)
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)+$/u, "must be words of small letters and digits with hyphens between, such as sql-rows-return");

const proofSchema = z
  .strictObject({
    means: z.string().min(1).max(300).meta({ description: "What is proven, one sentence." }),
    once: z.literal("deployment").optional().meta({ description: "On one node of the deployment; default: on each of the role's nodes." }),
    after: z
      .array(capabilityNameSchema)
      .optional()
      .meta({ description: "Capabilities that are tried first; when they fail this one is not tried." }),
    within: durationText.optional().meta({ description: "How long all steps together may take, at most 1h.", default: "60s" }),
    steps: steps.min(1).meta({ description: "Steps that must hold: command, script, http, port and others that only look." }),
    cleanup: steps.optional().meta({ description: "Steps that take back what the proof made; all of them run, however the proof ended." }),
  })
  .meta({ description: "How something is proven that the role can do." });

const roleSchema = z
  .strictObject({
    description: z.string().optional(),
    deprecated: deprecatedSchema.optional(),
    jig: z.enum(["shell", "noop"]).optional().meta({ description: "How the role is carried out.", default: "shell" }),
    critical: z
      .boolean()
      .optional()
      .meta({ description: "What it does cannot be taken back; see `pointOfNoReturn` in a deployment's `approvals`.", default: false }),
    requires: names.optional().meta({ description: "Capabilities or roles that must be active first." }),
    conflicts: names.optional().meta({ description: "Roles that may not stand on the same node." }),
    platform: z
      .array(z.string().regex(/^[a-z][a-z0-9._-]* ?((>=|<=|=|<|>) ?[0-9][0-9a-zA-Z._-]*)?$/u, "must be a platform such as debian>=12"))
      .optional()
      .meta({ description: "Operating systems; empty = any." }),
    provides: names.optional().meta({ description: "Capabilities without an output." }),
    inputs: z
      .record(identifierSchema, inputSchema)
      .optional()
      .meta({ description: "Values from other roles, as `inputs.NAME` in templates." }),
    steps: steps.optional().meta({ description: "What is done, in this order." }),
    outputs: z.record(identifierSchema, outputSchema).optional().meta({ description: "Values for other roles." }),
    checks: z.array(checkSchema).optional().meta({ description: "Conditions judged while planning." }),
    verify: steps.optional().meta({ description: "Conditions that must hold after applying." }),
    proves: z
      .record(capabilityNameSchema, proofSchema)
      .optional()
      .meta({ description: "What can be proven of the role once it is active, by name; `verify --prove` does so." }),
    undo: steps.optional().meta({ description: "Steps that take the role away; default: the inverse of each step." }),
    around: z
      .strictObject({
        before: steps.optional().meta({ description: "Before the first change (drain)." }),
        after: steps.optional().meta({ description: "After verification passed (admit)." }),
        onFailure: steps.optional().meta({ description: "To go back." }),
      })
      .optional()
      .meta({ description: "Steps run only when something changes." }),
    cluster: z
      .strictObject({
        order: z.enum(["founder-first", "one-by-one", "parallel"]).meta({ description: "How the members follow each other." }),
        batch: z.int().min(1).optional().meta({ description: "Members at a time." }),
        quorum: z
          .union([z.int().min(1), z.literal("majority")])
          .optional()
          .meta({ description: "Members that must stay active: a number, or more than half of them." }),
        founding: z
          .literal("together")
          .optional()
          .meta({ description: "While fewer stand than must stay active (without a quorum: while none does), all start at once." }),
      })
      .optional()
      .meta({ description: "How the members of the role follow each other." }),
  })
  .meta({ description: "One thing that the barclamp can make of a node." });

/** The whole of `barclamp.yaml`, as written; steps are checked by their kinds. */
export const barclampFileSchema = z
  .strictObject({
    barclamp: nameSchema.meta({ description: "Name of the barclamp, also of its folder." }),
    version: versionSchema.meta({ description: "Version, such as 1.0.0." }),
    description: z.string().optional().meta({ description: "What it is for, one sentence." }),
    attributes: z.record(identifierSchema, attributeSchema).optional().meta({ description: "Settings, as `set.NAME` in templates." }),
    migrations: z
      .array(migrationSchema)
      .optional()
      .meta({ description: "How settings of earlier versions are carried over, oldest first." }),
    roles: z.record(nameSchema, roleSchema).meta({ description: "What it can make of a node." }),
  })
  .meta({ title: "Halligan barclamp" });

/** Keys that every step takes beside those of its kind. `within` only in `verify`. */
export const stepCommonSchema = z.strictObject({
  name: z.string().min(1).max(200).optional().meta({ description: "Name for `notify`, `fromStep` and messages." }),
  when: z
    .union([z.string().min(1), z.boolean()])
    .optional()
    .meta({ description: "CEL condition; false = the step is left out." }),
  each: z
    .union([z.string().min(1), z.array(z.unknown())])
    .optional()
    .meta({ description: "A list (or its template): one step per element, seen as `item`." }),
  notify: z
    .union([z.string().min(1), z.array(z.string().min(1))])
    .optional()
    .meta({ description: "Steps to run once at the end when this one changed something." }),
  once: z.literal("deployment").optional().meta({ description: "Only on the first of the role's nodes." }),
  timeout: durationText.optional().meta({ description: "How long the step may take.", default: "10m" }),
  retries: z
    .union([z.int().min(0).max(1000), z.strictObject({ count: z.int().min(0).max(1000), delay: durationText.optional() })])
    .optional()
    .meta({ description: "How often it is tried again, with `delay` between (default 1s).", default: 0 }),
  within: durationText.optional().meta({ description: "Only in `verify`: asked again until it holds, at most so long." }),
});

/** `barclamp.yaml` after the schema has accepted it. */
export type BarclampFile = z.output<typeof barclampFileSchema>;
export type RoleFile = BarclampFile["roles"][string];
export type StepCommonFile = z.output<typeof stepCommonSchema>;
