import type { House } from "../../core/house.ts";
import { HalliganError } from "../../core/errors.ts";
import type { SlackSettings } from "../../core/model/slack-settings.ts";
import type { BotIdentity } from "../ports.ts";
import type { Posted } from "../send/sender.ts";
import { type SlackText, empty, link, mention } from "../text/slack-text.ts";

/** Slack users by person, in the bot's own workspace. */
export type SlackUsers = ReadonlyMap<string, string>;

/** Who is who in Slack, by people.yaml and by links; nobody where that cannot be read. */
export async function slackUsers(house: House, identity: BotIdentity | undefined): Promise<SlackUsers> {
  try {
    const authority = await house.authority();
    if (authority.mode === "single-user") return new Map();
    const users = new Map<string, string>();
    for (const { id, principals } of authority.people.people.values()) {
      for (const principal of principals) {
        const [, team, user] = /^slack:(?:[^/]+\/)?([^/]+)\/([^/]+)$/u.exec(principal) ?? [];
        if (user !== undefined && (identity === undefined || team === identity.team)) users.set(id, user);
      }
    }
    return users;
  } catch (error) {
    if (error instanceof HalliganError) return new Map();
    throw error;
  }
}

/** A message by its address; empty where the workspace's address is not known yet. */
export function linkTo(identity: BotIdentity | undefined, { channel, ts }: Posted, label: string): SlackText {
  return identity?.url === undefined
    ? empty
    : link(`${identity.url.replace(/\/$/u, "")}/archives/${channel}/p${ts.replace(".", "")}`, label);
}

/** The people whom a failure concerns, to be told once: who asked, who answers for it, and who is on call. */
export function concerned(people: readonly string[], { onCall }: Pick<SlackSettings, "onCall">, users: SlackUsers): readonly SlackText[] {
  const ids = [...people, ...onCall].map((each) => users.get(each) ?? each);
  return [...new Set(ids)].filter((each) => /^[UW][A-Z0-9]+$/u.test(each)).map((each) => mention(each));
}
