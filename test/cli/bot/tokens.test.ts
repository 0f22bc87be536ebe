import { describe, expect, test } from "vitest";
import { takeSlackWish } from "../../../src/cli/bot/tokens.ts";
import { HalliganError } from "../../../src/core/errors.ts";

const bot = "xoxb-1-secret";
const app = "xapp-1-secret";

function problemsOf(environment: NodeJS.ProcessEnv, http?: number): readonly string[] {
  try {
    takeSlackWish(environment, http);
  } catch (error) {
    if (error instanceof HalliganError) return error.problems.map(({ code, message }) => `${code} ${message}`);
    throw error;
  }
  return [];
}

describe("tokens", () => {
  test("are taken out of the environment, so that no process inherits them", () => {
    const environment: NodeJS.ProcessEnv = {
      SLACK_BOT_TOKEN: bot,
      SLACK_APP_TOKEN: app,
      SLACK_API_URL: "http://127.0.0.1:1/api",
      PATH: "/bin",
    };
    expect(takeSlackWish(environment, undefined)).toEqual({
      botToken: bot,
      transport: { kind: "socket", appToken: app },
      apiUrl: "http://127.0.0.1:1/api",
    });
    expect(environment).toEqual({ SLACK_API_URL: "http://127.0.0.1:1/api", PATH: "/bin" });
  });

  test("a port means signed HTTP", () => {
    expect(takeSlackWish({ SLACK_BOT_TOKEN: bot, SLACK_SIGNING_SECRET: "s" }, 3000)).toMatchObject({
      transport: { kind: "http", signingSecret: "s", port: 3000 },
    });
  });

  test("none at all is no mistake", () => {
    expect(takeSlackWish({}, undefined)).toBeUndefined();
    expect(takeSlackWish({ SLACK_BOT_TOKEN: " " }, undefined)).toBeUndefined();
  });

  test("everything that is wrong is told at once, and no value of it", () => {
    const found = problemsOf({ SLACK_BOT_TOKEN: "xoxp-1-secret", SLACK_APP_TOKEN: "xoxb-2-secret", SLACK_API_URL: "slack.com" });
    expect(found).toHaveLength(3);
    expect(found.every((each) => each.startsWith("SLACK_SETUP "))).toBe(true);
    expect(found.join()).not.toContain("secret");
    expect(problemsOf({ SLACK_BOT_TOKEN: bot })).toEqual([expect.stringContaining("SLACK_APP_TOKEN is not set")]);
    expect(problemsOf({ SLACK_BOT_TOKEN: bot, SLACK_APP_TOKEN: app }, 3000)).toEqual([
      expect.stringContaining("SLACK_SIGNING_SECRET is not set"),
    ]);
    expect(problemsOf({}, 3000)).toHaveLength(1);
  });
});
