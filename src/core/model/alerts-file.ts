import { z } from "zod";
import { durationText } from "./cluster-file.ts";
import { nameSchema } from "./ids.ts";

/** What can be told. */
export const alertKinds = ["run-failed", "run-held", "approval-waiting", "engine-gone", "slack-unreachable"] as const;
export type AlertKind = (typeof alertKinds)[number];

const file = z.string().startsWith("/", "an absolute path");
const variable = z.string().regex(/^[A-Z_][A-Z0-9_]*$/u, "the name of an environment variable such as PAGER_URL");

const webhook = z
  .strictObject({
    urlFile: file
      .optional()
      .meta({ description: "File whose first line is the address: it may hold a secret, so it does not stand here." }),
    urlEnv: variable.optional().meta({ description: "Environment variable of `serve` with the address." }),
    keyFile: file.optional().meta({ description: "File with the key for the signature (HMAC-SHA256); absent = not signed." }),
    keyEnv: variable.optional().meta({ description: "Environment variable with that key." }),
  })
  .refine(({ urlFile, urlEnv }) => (urlFile === undefined) !== (urlEnv === undefined), "needs `urlFile` or `urlEnv`, one of them")
  .refine(({ keyFile, keyEnv }) => keyFile === undefined || keyEnv === undefined, "takes `keyFile` or `keyEnv`, not both");

const receiver = z
  .strictObject({
    webhook: webhook.optional().meta({ description: "Gets the alert as JSON by POST." }),
    command: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .meta({ description: "Program and arguments, without a shell; gets the alert as JSON on standard input." }),
    on: z.array(z.enum(alertKinds)).min(1).optional().meta({ description: "Only these; absent = all." }),
  })
  .refine((each) => (each.webhook === undefined) !== (each.command === undefined), "needs `webhook` or `command`, one of them");

/** The schema of `alerts.yaml`. */
export const alertsFileSchema = z
  .strictObject({
    halligan: z.literal(1).meta({ description: "Version of the file format." }),
    send: z.record(nameSchema, receiver).meta({ description: "Who is told, by a name of your own." }),
    after: z
      .strictObject({
        held: durationText.optional().meta({ description: "How long a run is held before it is told.", default: "15m" }),
        approval: durationText.optional().meta({ description: "How long a request waits before it is told.", default: "30m" }),
        engine: durationText.optional().meta({ description: "How long an open run has no engine before it is told.", default: "2m" }),
        slack: durationText.optional().meta({ description: "How long Slack is unreachable before it is told.", default: "5m" }),
      })
      .optional()
      .meta({ description: "How long something lasts before it is told." }),
  })
  .meta({ title: "Halligan alerts file", description: "Who is told, beside Slack, when something needs a person. Optional." });
