import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Examination } from "../../core/commands/local.ts";
import { loadSlack } from "../../core/files/load-slack.ts";
import { appScope, botScopes } from "../../core/slack/scopes.ts";

/** How long Slack may take to answer here, ms. */
const patienceMs = 10_000;

/** Tokens, scopes and the way to Slack, as `serve` would find them; nothing where neither a token nor a slack.yaml is there. No token is shown. */
export async function examineSlack(
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<readonly Examination[]> {
  const bot = environment["SLACK_BOT_TOKEN"]?.trim() ?? "";
  const app = environment["SLACK_APP_TOKEN"]?.trim() ?? "";
  const secret = environment["SLACK_SIGNING_SECRET"]?.trim() ?? "";
  const file = examineFile(folder);
  if (bot === "" && app === "" && secret === "")
    return file === undefined
      ? []
      : [file, { name: "slack tokens", verdict: "skipped", found: "SLACK_BOT_TOKEN is not set here, so Slack was not asked." }];
  const found: Examination[] = file === undefined ? [] : [file];
  if (!existsSync(join(folder, "people.yaml")))
    found.push({
      name: "slack people",
      verdict: "warn",
      found: "There is no people.yaml: nobody would be answered in Slack.",
      action: "Write one (`halligan init --people`), naming people by their Slack ids (docs/slack.md).",
    });
  const { WebClient } = await import("@slack/web-api");
  const { clientOptions } = await import("../../bot/transport/clients.ts");
  const options = {
    ...clientOptions({ apiUrl: environment["SLACK_API_URL"]?.trim() || undefined, log: () => undefined }, "doctor"),
    timeout: patienceMs,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  };
  found.push(await examineBotToken(bot, async () => await new WebClient(bot, options).auth.test()));
  if (app !== "") found.push(await examineAppToken(app, async () => await new WebClient(app, options).apps.connections.open({})));
  else if (secret === "")
    found.push({
      name: "slack app token",
      verdict: "fail",
      found: "Neither SLACK_APP_TOKEN (Socket Mode) nor SLACK_SIGNING_SECRET (`serve --http`) is set: nothing would arrive.",
      action: "Set one of them (docs/slack.md).",
    });
  return found;
}

function examineFile(folder: string): Examination | undefined {
  const file = join(folder, "slack.yaml");
  if (!existsSync(file)) return undefined;
  const { problems } = loadSlack({ file, text: readFileSync(file, "utf8") });
  const [first] = problems;
  if (first === undefined) return { name: "slack.yaml", verdict: "ok", found: "It can be used." };
  const place = first.at !== undefined && "line" in first.at ? ` in line ${first.at.line}` : "";
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
  return { name: "slack.yaml", verdict: "fail", found: `${first.code}${place}: ${first.message}${more}`, action: first.hint };
}

async function examineBotToken(
  token: string,
  ask: () => Promise<{
    readonly team?: string;
    readonly user?: string;
    readonly response_metadata?: { readonly scopes?: readonly string[] };
  }>,
): Promise<Examination> {
  const name = "slack bot token";
  if (!token.startsWith("xoxb-"))
    return {
      name,
      verdict: "fail",
      found: token === "" ? "SLACK_BOT_TOKEN is not set." : "SLACK_BOT_TOKEN is no bot token: those begin with xoxb-.",
      action: "Copy it from OAuth & Permissions of the app's page.",
    };
  try {
    const { team = "?", user = "?", response_metadata: metadata } = await ask();
    const scopes = metadata?.scopes;
    const missing = scopes === undefined ? [] : botScopes.filter((scope) => !scopes.includes(scope));
    if (missing.length === 0)
      return { name, verdict: "ok", found: `It is ${user} of ${team}${scopes === undefined ? "" : ", with all scopes"}.` };
    const action = "Update the app from `halligan slack manifest` and install it into the workspace again.";
    return { name, verdict: "warn", found: `It is ${user} of ${team}; it lacks ${missing.join(", ")}.`, action };
  } catch (error) {
    return failed(name, error, "Copy it again from OAuth & Permissions of the app's page.");
  }
}

async function examineAppToken(token: string, ask: () => Promise<unknown>): Promise<Examination> {
  const name = "slack app token";
  if (!token.startsWith("xapp-"))
    return {
      name,
      verdict: "fail",
      found: "SLACK_APP_TOKEN is no app-level token: those begin with xapp-.",
      action: "Make one under Basic Information of the app's page.",
    };
  try {
    await ask();
    return { name, verdict: "ok", found: "Socket Mode opens a connection with it." };
  } catch (error) {
    return failed(name, error, `Make one with the scope ${appScope} under Basic Information of the app's page, and turn Socket Mode on.`);
  }
}

function failed(name: string, error: unknown, mend: string): Examination {
  const { data } = error as { data?: { error?: string } };
  if (data?.error !== undefined) return { name, verdict: "fail", found: `Slack refuses it: ${data.error}.`, action: mend };
  const cause = error instanceof Error ? error.message : String(error);
  return {
    name,
    verdict: "fail",
    found: `Slack cannot be reached: ${cause}.`,
    action: "Look whether this machine reaches https://slack.com, and whether SLACK_API_URL is meant to be set.",
  };
}
