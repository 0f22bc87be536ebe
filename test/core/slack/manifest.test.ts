import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { slackManifest } from "../../../src/core/slack/manifest.ts";
import { botScopes, methodScopes } from "../../../src/core/slack/scopes.ts";

const root = join(import.meta.dirname, "../../..");

/** Methods that our own sources call on a client of Slack's, by their names there. */
function calledMethods(): ReadonlySet<string> {
  const called = new Set<string>();
  for (const file of globSync("src/{bot,cli}/**/*.ts", { cwd: root })) {
    const text = readFileSync(join(root, file), "utf8");
    for (const [, method] of text.matchAll(
      /\b(?:client|clients\.control|clients\.progress|control|progress)\s*\.((?:[a-z][A-Za-z]*\.)+[a-zA-Z]+)\(/gu,
    ))
      if (method !== undefined && /^(?:auth|chat|conversations|users|usergroups|views|files|reactions|pins|team)\./u.test(method))
        called.add(method);
    if (/\.filesUploadV2\(/u.test(text))
      for (const part of ["files.getUploadURLExternal", "files.completeUploadExternal"]) called.add(part);
  }
  return called;
}

describe("the manifest", () => {
  test("asks for exactly the scopes of the methods that are called, and of what is received", () => {
    expect([...calledMethods()].toSorted()).toEqual(Object.keys(methodScopes).toSorted());
    const needed = new Set<string>([...Object.values(methodScopes).flat(), "commands", "app_mentions:read", "im:history"]);
    expect(botScopes).toEqual([...needed].toSorted());
    expect(slackManifest({ command: "/halligan", name: "Halligan" })).toMatchObject({ oauth_config: { scopes: { bot: botScopes } } });
  });

  test("asks for nothing that is too much", () => {
    for (const scope of ["chat:write.public", "users:read.email", "chat:write.customize", "channels:join"])
      expect(botScopes).not.toContain(scope);
  });

  test("Socket Mode has no address, HTTP has it everywhere", () => {
    const socket = JSON.stringify(slackManifest({ command: "/halligan", name: "Halligan" }));
    expect(socket).toContain('"socket_mode_enabled":true');
    expect(socket).not.toContain("url");
    const http = slackManifest({ command: "/halligan-prod", name: "Halligan prod", http: "https://deploy.example.org/" });
    const url = "https://deploy.example.org/slack/events";
    expect(http).toMatchObject({
      features: { slash_commands: [{ command: "/halligan-prod", url, should_escape: true }], bot_user: { display_name: "halligan-prod" } },
      settings: {
        event_subscriptions: { request_url: url },
        interactivity: { is_enabled: true, request_url: url },
        socket_mode_enabled: false,
      },
    });
  });
});
