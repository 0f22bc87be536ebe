import { HalliganError, type Problem, problem } from "../../core/errors.ts";

/** Which transport, with what it needs. */
export type SlackTransport =
  | { readonly kind: "socket"; readonly appToken: string }
  | { readonly kind: "http"; readonly signingSecret: string; readonly port: number };

/** How Slack is to be used. */
export interface SlackWish {
  readonly botToken: string;
  readonly transport: SlackTransport;
  readonly apiUrl: string | undefined;
}

const names = ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"] as const;

/**
 * Takes the tokens out of the environment, so that no process that is started from here inherits them. `undefined` = there are none.
 * @throws `SLACK_SETUP`: everything that is wrong with them, never their values.
 */
export function takeSlackWish(environment: NodeJS.ProcessEnv, httpPort: number | undefined): SlackWish | undefined {
  const [botToken = "", appToken = "", signingSecret = ""] = names.map((name) => environment[name]?.trim());
  for (const name of names) delete environment[name];
  const apiUrl = environment["SLACK_API_URL"]?.trim() || undefined;
  if (botToken === "" && appToken === "" && signingSecret === "") {
    if (httpPort === undefined) return undefined;
    throw new HalliganError([setup("--http was given, and neither SLACK_BOT_TOKEN nor SLACK_SIGNING_SECRET is set.")]);
  }
  const problems: Problem[] = [];
  if (botToken === "") problems.push(setup("SLACK_BOT_TOKEN is not set."));
  else if (!botToken.startsWith("xoxb-")) problems.push(setup("SLACK_BOT_TOKEN is no bot token: those begin with xoxb-."));
  if (httpPort === undefined && appToken === "")
    problems.push(setup("SLACK_APP_TOKEN is not set; Socket Mode needs it. For signed HTTP, give `--http PORT`."));
  else if (httpPort === undefined && !appToken.startsWith("xapp-"))
    problems.push(setup("SLACK_APP_TOKEN is no app-level token: those begin with xapp-."));
  if (httpPort !== undefined && signingSecret === "") problems.push(setup("SLACK_SIGNING_SECRET is not set; signed HTTP needs it."));
  if (apiUrl !== undefined && !/^https?:\/\//u.test(apiUrl))
    problems.push(setup("SLACK_API_URL is no address: it must begin with https:// or http://."));
  const [first, ...others] = problems;
  if (first !== undefined) throw new HalliganError([first, ...others]);
  const transport: SlackTransport = httpPort === undefined ? { kind: "socket", appToken } : { kind: "http", signingSecret, port: httpPort };
  return { botToken, transport, apiUrl };
}

function setup(message: string): Problem {
  return problem("SLACK_SETUP", { message });
}
