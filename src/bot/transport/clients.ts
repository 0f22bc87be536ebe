import { WebClient } from "@slack/web-api";
import { fail, HalliganError } from "../../core/errors.ts";
import type { BotIdentity, SlackClients } from "../ports.ts";
import { quietLogger } from "./logger.ts";
import { faultProblem, slackFault } from "../send/slack-fault.ts";

/** How Slack is reached. */
export interface SlackAccess {
  readonly botToken: string;
  /** `SLACK_API_URL`, with or without a slash at its end; `undefined` = Slack's own. */
  readonly apiUrl: string | undefined;
  log(line: string): void;
}

/** How long a call may take before it counts as failed, ms. Slack answers within a second, uploads apart. */
const callTimeoutMs = 20_000;

/** Calls that people wait for are tried again for about ten seconds; then it is told that Slack does not answer. */
const retries = { retries: 4, minTimeout: 500, factor: 2, randomize: true };

/** The options that every client of Slack's Web API shares. */
export function clientOptions(
  access: Pick<SlackAccess, "apiUrl" | "log">,
  name: string,
): { slackApiUrl?: string; timeout: number; logger: ReturnType<typeof quietLogger> } {
  return {
    ...(access.apiUrl === undefined ? {} : { slackApiUrl: withSlash(access.apiUrl) }),
    timeout: callTimeoutMs,
    logger: quietLogger(access.log, name),
  };
}

/** Both clients, and who the bot is. Makes no call. */
export function createClients(access: SlackAccess): SlackClients & { identify(): Promise<BotIdentity> } {
  const control = new WebClient(access.botToken, { ...clientOptions(access, "slack"), retryConfig: retries });
  const progress = new WebClient(access.botToken, {
    ...clientOptions(access, "slack progress"),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  });
  let known: BotIdentity | undefined;
  let asking: Promise<BotIdentity> | undefined;
  return {
    control,
    progress,
    identity: () => known,
    async identify() {
      if (known !== undefined) return known;
      asking ??= whoami(control).finally(() => (asking = undefined));
      known = await asking;
      return known;
    },
  };
}

/** @throws `SLACK_UNREACHABLE`, `SLACK_REFUSED`. */
async function whoami(client: WebClient): Promise<BotIdentity> {
  try {
    const { team_id: team, user_id: user, bot_id: bot, enterprise_id: enterprise, url } = await client.auth.test();
    if (team === undefined || user === undefined)
      throw fail("SLACK_REFUSED", {
        message: "Slack's answer to auth.test names neither team nor user.",
        hint: "Check SLACK_BOT_TOKEN: it must be a bot token (xoxb-...).",
      });
    return {
      team,
      user,
      ...(bot === undefined ? {} : { bot }),
      ...(typeof enterprise === "string" && enterprise !== "" ? { enterprise } : {}),
      ...(url === undefined ? {} : { url }),
    };
  } catch (error) {
    if (error instanceof HalliganError) throw error;
    throw faultProblem(slackFault(error), "find out who the bot is");
  }
}

function withSlash(url: string): string {
  return url.endsWith("/") ? url : `${url}/`;
}
