import { z } from "zod";
import { nameSchema } from "./ids.ts";

const channel = z.string().regex(/^[CG][A-Z0-9]{2,30}$/u, "a channel's id such as C0123ABCD (its page in Slack shows it), not its name");
const onCall = z
  .string()
  .regex(/^([a-z][a-z0-9._-]{0,31}|[UW][A-Z0-9]{2,30})$/u, "a person of people.yaml, or a Slack user id such as U0123ABCD");
const userGroup = z.string().regex(/^S[A-Z0-9]{2,30}$/u, "a user group's id such as S0123ABCD, not its handle");

/** The schema of `slack.yaml`. Ids alone: names differ between workspaces and can be taken over. */
export const slackFileSchema = z
  .strictObject({
    halligan: z.literal(1).meta({ description: "Version of the file format." }),
    channels: z
      .array(channel)
      .optional()
      .meta({ description: "Where this cluster may be named; absent = every channel that the bot is in." }),
    announce: channel
      .optional()
      .meta({ description: "Where plans and runs that were asked for outside Slack are posted; absent = nowhere." }),
    failures: channel.optional().meta({ description: "Where failed runs are posted beside their own channel." }),
    onCall: z.array(onCall).optional().meta({ description: "Who is mentioned once when a run fails." }),
    protected: z.boolean().optional().meta({ description: "Approving and applying from Slack asks for the cluster's name to be typed." }),
    groups: z
      .record(nameSchema, userGroup)
      .optional()
      .meta({ description: "Slack user groups whose members are in a group of people.yaml as well." }),
    auditChannel: channel.optional().meta({ description: "Where a break-glass is posted." }),
  })
  .meta({ title: "Halligan Slack file", description: "What a cluster is in Slack. Optional." });
