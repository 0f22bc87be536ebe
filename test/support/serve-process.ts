import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { entry, node } from "../cli/run-cli.ts";
import type { SlackDouble } from "./slack-double/double.ts";

/** A `halligan serve` in a process of its own. */
export interface Served {
  readonly child: ChildProcess;
  /** What it has said so far. */
  said(): string;
  /** Waits for something that it says. */
  until(what: string | RegExp, ms?: number): Promise<void>;
  /** Ends it and gives its exit code, or the signal's name. */
  end(signal?: NodeJS.Signals): Promise<number | string | null>;
}

/** Starts one in a folder; with a double it gets that one's address and tokens. `argv` are the arguments behind `serve`. */
export function startServe(cwd: string, argv: readonly string[] = [], slack?: SlackDouble, program: readonly string[] = [entry]): Served {
  const http = argv.includes("--http");
  const tokens =
    slack === undefined
      ? {}
      : {
          SLACK_API_URL: slack.apiUrl,
          SLACK_BOT_TOKEN: slack.tokens.bot,
          ...(http ? { SLACK_SIGNING_SECRET: slack.tokens.signingSecret } : { SLACK_APP_TOKEN: slack.tokens.app }),
        };
  const env = { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", LANG: "C.UTF-8", ...tokens };
  const child = spawn(node, [...program, "serve", ...argv], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
    });
  const until = async (what: string | RegExp, ms = 60_000): Promise<void> => {
    const deadline = Date.now() + ms;
    while (typeof what === "string" ? !said.includes(what) : !what.test(said)) {
      if (Date.now() > deadline || child.exitCode !== null)
        throw new Error(`serve did not say ${String(what)}; exit code ${child.exitCode}:\n${said}`);
      await delay(25);
    }
  };
  return {
    child,
    said: () => said,
    until,
    async end(signal = "SIGTERM") {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? child.signalCode;
      const ended = once(child, "exit");
      child.kill(signal);
      await ended;
      return child.exitCode ?? child.signalCode;
    },
  };
}

/** The port on which `serve --http 0` listens; Slack's requests go there from now on. */
export async function useServedHttp(served: Served, slack: SlackDouble): Promise<void> {
  await served.until(/listening on 127\.0\.0\.1:\d+/u);
  const port = /listening on 127\.0\.0\.1:(\d+)/u.exec(served.said())?.[1];
  slack.useHttp(`http://127.0.0.1:${port}/slack/events`);
}
