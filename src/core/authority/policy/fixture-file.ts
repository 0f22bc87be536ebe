import { z } from "zod";
import { durationText } from "../../model/cluster-file.ts";
import { nameSchema } from "../../model/ids.ts";

const texts = z.record(z.string(), z.coerce.string());
const values = z.record(z.string(), z.unknown());
const roleId = z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/u, "must be DEPLOYMENT/ROLE");

const nodeEntry = z
  .strictObject({
    address: z.string().optional(),
    labels: texts.optional(),
    facts: values.optional().meta({ description: "Facts as `halligan facts --json` shows them; parts that are left out are unknown." }),
    factsAge: durationText.optional().meta({ description: "How long ago they were seen. Default: now." }),
  })
  .nullable();

const roleEntry = z.strictObject({
  on: z.union([z.string().min(1), z.array(z.string().min(1))]).meta({ description: "Nodes: all, a name, or a list; with ranges." }),
  barclamp: nameSchema.optional().meta({ description: "Default: the role's name." }),
  order: z.enum(["founder-first", "one-by-one", "parallel"]).optional(),
  quorum: z.int().nonnegative().optional(),
  set: values.optional().meta({ description: "Settings: attribute -> value, or { value, type, origin, secret }." }),
});

const roles = z.record(roleId, roleEntry);
const word = z.enum(["pass", "fail", "unknown", "skip", "error", "timeout"]);
const subjects = z.array(z.string().min(1)).optional();

/** A fixture of rules: given this cluster and this plan, the rules judge so. */
export const policyFixtureSchema = z.strictObject({
  halligan: z.literal(1).optional(),
  title: z.string().min(1).optional().meta({ description: "What the fixture shows." }),
  at: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?Z$/u, "must be a time such as 2026-11-21T09:00:00Z")
    .optional()
    .meta({ description: "Now, in UTC. Default: 2026-01-05T12:00:00Z, a Monday." }),
  params: z.record(nameSchema, values).optional().meta({ description: "Other parameters of rules, by rule." }),
  authority: z.strictObject({ mode: z.enum(["single-user", "people"]), people: z.int().nonnegative().optional() }).optional(),
  nodes: z.record(z.string(), nodeEntry).optional().meta({ description: "Nodes by name, with ranges." }),
  roles: roles.optional().meta({ description: "What stands where once the plan has run." }),
  before: roles.optional().meta({ description: "What stands now. Default: nothing." }),
  plan: z
    .strictObject({
      phase: z.enum(["check", "plan", "request", "start", "batch"]).optional(),
      deployments: z.array(z.string()).optional(),
      changes: z.int().nonnegative().optional(),
      removes: z.int().nonnegative().optional(),
      destroys: z.int().nonnegative().optional(),
      risk: z.enum(["none", "default", "destructive", "pointOfNoReturn"]).optional(),
      nodes: z.array(z.string()).optional(),
      starting: z.array(z.string()).optional(),
      approvers: z.int().nonnegative().optional(),
      batch: z.record(roleId, z.int().nonnegative()).optional().meta({ description: "Members of a role that change at once." }),
    })
    .optional()
    .meta({ description: "What differs from the plan that follows from `before` and `roles`." }),
  expect: z
    .record(
      nameSchema,
      z.union([
        word,
        z.strictObject({
          outcome: word.optional(),
          pass: subjects,
          fail: subjects,
          unknown: subjects,
          error: subjects,
          new: subjects,
          cured: subjects,
          unchanged: subjects,
          message: z.string().min(1).optional().meta({ description: "A piece of the message of a finding." }),
        }),
      ]),
    )
    .meta({ description: "Rule -> its worst outcome over all subjects, or the subjects by outcome." }),
});

/** A fixture as written. */
export type PolicyFixtureFile = z.infer<typeof policyFixtureSchema>;
