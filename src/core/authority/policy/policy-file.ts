import { z } from "zod";
import { isZone } from "../../model/civil-time.ts";
import { durationText } from "../../model/cluster-file.ts";
import { nameSchema } from "../../model/ids.ts";
import { parseDuration } from "../../model/duration.ts";
import { levels, moments, scopes } from "./rule.ts";

const expression = z.string().min(1).max(8_000);
const valueName = z.string().regex(/^[a-zA-Z][a-zA-Z0-9_]{0,62}$/u, "letters, digits and `_`, starting with a letter");
const params = z.record(valueName, z.unknown());
const applies = z.array(z.enum(moments)).min(1).meta({
  description:
    "When it is judged: on intent (propose), when a plan is made or asked for (plan), at a run's start and before each batch (live).",
});
const level = z.enum(levels).meta({ description: "deny stops a plan until cured or waived; warn and info are shown." });

/** One rule as written. */
const ruleSchema = z.strictObject({
  id: nameSchema.meta({ description: "Names the rule everywhere." }),
  description: z.string().min(1).max(2_000).optional().meta({ description: "Why the rule is there, for `policy explain`." }),
  scope: z
    .enum(scopes)
    .meta({ description: "What is judged: each node, each role of each deployment, or the plan with the whole cluster." }),
  when: expression.optional().meta({ description: "CEL; subjects for which it is false are left out." }),
  require: expression.meta({ description: "CEL; what must hold." }),
  level,
  message: z.string().min(1).max(2_000).meta({ description: "Told when it does not hold; {{ CEL }} puts a value in, evidence included." }),
  evidence: z.record(valueName, expression).optional().meta({ description: "Values to show: name -> CEL." }),
  owner: z.string().min(1).max(200).optional().meta({ description: "Who to ask about the rule." }),
  applies: applies.optional(),
  params: params.optional().meta({ description: "Values that expressions read as param.NAME, and that `tune` can change." }),
});

const tuning = z.union([
  z.enum(["off", ...levels]),
  z.strictObject({
    level: z
      .enum(["off", ...levels])
      .optional()
      .meta({ description: "Another level, or off." }),
    params: params.optional().meta({ description: "Other values of some parameters." }),
    applies: applies.optional(),
    owner: z.string().min(1).max(200).optional(),
  }),
]);

const deadline = durationText.refine((text) => {
  const ms = parseDuration(text) ?? 0;
  return ms >= 50 && ms <= 30_000;
}, "must be from 50ms to 30s");

/** The schema of `policy/*.yaml`; what refers to other rules is judged by `loadPolicy`. */
export const policyFileSchema = z
  .strictObject({
    halligan: z.literal(1).meta({ description: "Version of the file format." }),
    settings: z
      .strictObject({
        factsMaxAge: durationText.optional().meta({ description: "Facts older than this are unknown. Default: 24h." }),
        timezone: z
          .string()
          .refine(isZone, "must be a time zone such as Europe/Berlin or UTC")
          .optional()
          .meta({ description: "Zone of `time`. Default: UTC." }),
        deadline: deadline.optional().meta({ description: "How long one rule may take. Default: 2s." }),
      })
      .optional(),
    rules: z.array(ruleSchema).optional().meta({ description: "Rules of this cluster." }),
    tune: z
      .record(nameSchema, tuning)
      .optional()
      .meta({ description: "Changes to rules by id, those that come with Halligan included: off, a level, or a map." }),
  })
  .meta({ title: "Halligan policy file", description: "Rules over inventory, facts, plans and what they leave behind (docs/policy.md)." });

/** A rule as written. */
export type RuleFile = z.infer<typeof ruleSchema>;
/** How a rule is tuned, as written. */
export type TuningFile = z.infer<typeof tuning>;
/** A policy file as written. */
export type PolicyFile = z.infer<typeof policyFileSchema>;
