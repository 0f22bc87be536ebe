import { entry } from "../cli/run-cli.ts";
import type { SlackDouble } from "./slack-double/double.ts";
import { type SpeakingProcess, startSpeaking } from "./speaking-process.ts";

/** A `halligan serve` in a process of its own. */
export type Served = SpeakingProcess;

/** Starts one in a folder; with a double it gets that one's address and tokens. `argv` are the arguments behind `serve`. */
export function startServe(cwd: string, argv: readonly string[] = [], slack?: SlackDouble, program: readonly string[] = [entry]): Served {
  const http = argv.includes("--http");
  const tokens: Readonly<Record<string, string>> =
    slack === undefined
      ? {}
      : {
          SLACK_API_URL: slack.apiUrl,
          SLACK_BOT_TOKEN: slack.tokens.bot,
          ...(http ? { SLACK_SIGNING_SECRET: slack.tokens.signingSecret } : { SLACK_APP_TOKEN: slack.tokens.app }),
        };
  return startSpeaking("serve", [...program, "serve", ...argv], { cwd, env: tokens, patienceMs: 120_000 });
}

/** The port on which `serve --http 0` listens; Slack's requests go there from now on. */
export async function useServedHttp(served: Served, slack: SlackDouble): Promise<void> {
  await served.until(/listening on 127\.0\.0\.1:\d+/u);
  const port = /listening on 127\.0\.0\.1:(\d+)/u.exec(served.said())?.[1];
  slack.useHttp(`http://127.0.0.1:${port}/slack/events`);
}
