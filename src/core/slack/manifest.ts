import type { Json } from "../ports.ts";
import { botScopes } from "./scopes.ts";

/** What makes one installation differ from another in the same workspace. */
export interface ManifestWish {
  /** The slash command, `/halligan`. */
  readonly command: string;
  /** The app's name. */
  readonly name: string;
  /** The address of `halligan serve --http` as Slack reaches it; absent = Socket Mode. */
  readonly http?: string;
}

/** The callback id of the message shortcut that shows the run or plan of a message. */
export const showShortcut = "halligan_show_run";
/** The callback id of the message shortcut that makes a note of a message. */
export const noteShortcut = "halligan_note";

/** Where requests of Slack arrive. */
const requestPath = "/slack/events";

/** The manifest of a Slack app for the bot: https://docs.slack.dev/reference/app-manifest */
export function slackManifest({ command, name, http }: ManifestWish): Readonly<Record<string, Json>> {
  const url = http === undefined ? undefined : `${http.replace(/\/+$/u, "")}${requestPath}`;
  return {
    _metadata: { major_version: 2, minor_version: 1 },
    display_information: { name, description: "Plan, approve and run cluster deployments", background_color: "#7a1f1f" },
    features: {
      app_home: { home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
      bot_user: { display_name: name.toLowerCase().replaceAll(/[^a-z0-9._-]+/gu, "-"), always_online: true },
      slash_commands: [
        {
          command,
          description: "Plan, approve and follow deployments",
          usage_hint: "plan CLUSTER | status CLUSTER | help",
          should_escape: true,
          ...(url === undefined ? {} : { url }),
        },
      ],
      shortcuts: [
        { name: "Show Halligan run", type: "message", callback_id: showShortcut, description: "Details of the run in this message" },
        { name: "Note for Halligan", type: "message", callback_id: noteShortcut, description: "Keep this message with a run or an error" },
      ],
    },
    oauth_config: { scopes: { bot: [...botScopes] } },
    settings: {
      event_subscriptions: {
        bot_events: ["app_home_opened", "app_mention", "message.im"],
        ...(url === undefined ? {} : { request_url: url }),
      },
      interactivity: { is_enabled: true, ...(url === undefined ? {} : { request_url: url }) },
      org_deploy_enabled: false,
      socket_mode_enabled: url === undefined,
      token_rotation_enabled: false,
    },
  };
}
