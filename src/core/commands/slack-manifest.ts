import { z } from "zod";
import type { Json } from "../ports.ts";
import { defineCommand } from "./command.ts";

/** `slack manifest`. */
export interface SlackManifestDocument {
  readonly halligan: 1;
  readonly kind: "slack-manifest";
  /** The app manifest, as Slack takes it. */
  readonly manifest: Readonly<Record<string, Json>>;
}

/** Prints the manifest from which Slack makes the app. */
export const slackManifestCommand = defineCommand({
  id: "slack manifest",
  area: "processes",
  summary: "Print the manifest from which Slack makes the app of the bot",
  details: [
    "Paste it at https://api.slack.com/apps (Create New App, From a manifest). It asks for exactly the scopes that the bot uses.",
    "Several installations in one workspace need a command and a name each. docs/slack.md leads through the set-up.",
  ].join("\n\n"),
  args: () =>
    z.object({
      command: z
        .string()
        .regex(/^\/[a-z0-9_-]{1,31}$/u, "a slash command such as /halligan-prod")
        .default("/halligan")
        .describe("Slash command of this installation"),
      name: z.string().trim().min(1).max(35).default("Halligan").describe("Name of the app"),
      http: z
        .url({ protocol: /^https$/u, error: "an address that begins with https://" })
        .optional()
        .describe("Address under which Slack reaches `halligan serve --http`; without it: Socket Mode"),
    }),
  positionals: [],
  risk: "read",
  needs: "nothing",
  follows: false,
  chat: { no: "It is for whoever sets the bot up." },
  examples: [
    { line: "halligan slack manifest", does: "prints the manifest for Socket Mode" },
    {
      line: "halligan slack manifest --command /halligan-prod --http https://deploy.example.org",
      does: "the same for signed HTTP and another command",
    },
  ],
  async run(_context, { command, name, http }) {
    const { slackManifest } = await import("../slack/manifest.ts");
    const manifest = slackManifest({ command, name, ...(http === undefined ? {} : { http }) });
    const document: SlackManifestDocument = { halligan: 1, kind: "slack-manifest", manifest };
    return { exit: 0, document: { ...document } };
  },
});
