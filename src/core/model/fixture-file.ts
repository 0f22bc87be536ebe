import { z } from "zod";
import { capabilityNameSchema } from "./barclamp-file.ts";
import { nameSchema } from "./ids.ts";

/**
 * A fixture of a barclamp, `fixtures/*.yaml`: with these settings, facts, inputs and this observed state, these steps change. The schema of
 * `observed` belongs to the jig, because it says what a node can look like.
 */
export function fixtureFileSchema<S extends z.ZodType>(
  observed: S,
): z.ZodObject<
  {
    role: typeof nameSchema;
    title: z.ZodOptional<z.ZodString>;
    set: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodUnknown>>;
    facts: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodUnknown>>;
    inputs: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodUnknown>>;
    node: z.ZodOptional<z.ZodObject<{ name: z.ZodOptional<typeof nameSchema>; address: z.ZodOptional<z.ZodString> }, z.core.$strict>>;
    observed: z.ZodOptional<S>;
    proves: z.ZodOptional<z.ZodArray<typeof capabilityNameSchema>>;
    changes: z.ZodRecord<z.ZodString, z.ZodEnum<{ none: "none"; create: "create"; change: "change"; destroy: "destroy" }>>;
  },
  z.core.$strict
> {
  const values = z.record(z.string(), z.unknown()).optional();
  return z.strictObject({
    role: nameSchema.meta({ description: "The role that is judged." }),
    title: z.string().min(1).optional().meta({ description: "What the fixture shows." }),
    set: values.meta({ description: "Settings of the barclamp." }),
    facts: values.meta({ description: "Facts of the node." }),
    inputs: values.meta({ description: "Inputs of the role." }),
    node: z
      .strictObject({ name: nameSchema.optional(), address: z.string().optional() })
      .optional()
      .meta({ description: "Name and address of the node." }),
    observed: observed.optional().meta({ description: "What the node looks like; what is not named is not there." }),
    proves: z
      .array(capabilityNameSchema)
      .optional()
      .meta({ description: "Capabilities that the role proves with these settings, all of them; without it none is compared." }),
    changes: z
      .record(z.string(), z.enum(["none", "create", "change", "destroy"]))
      .meta({ description: "Step id -> its change. Steps that are not named must not change." }),
  });
}
