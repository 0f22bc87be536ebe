import { App } from "@slack/bolt";
import type { Inbound, ViewErrors, ViewInbound } from "../inbound/inbound.ts";
import { readAction, readCommand, readEvent, readShortcut, readView } from "../inbound/read.ts";
import type { SlackClients } from "../ports.ts";
import { quietLogger } from "./logger.ts";
import type { BotReceiver } from "./receiver.ts";

/** What Bolt is given. */
export interface AppOptions {
  readonly receiver: BotReceiver;
  readonly clients: SlackClients;
  readonly botToken: string;
  /** Takes over after the acknowledgement; `shared`: the envelope tells of a channel shared with another organisation. */
  take(inbound: Inbound, shared: boolean): Promise<void>;
  /** Judges a submitted view before the acknowledgement, at once. */
  validateView(inbound: ViewInbound): ViewErrors | undefined;
  log(line: string): void;
}

const anything = /[\s\S]*/u;

/** Routes what comes in by its kind: acknowledged first, then taken in. Makes no call to Slack, so that it starts without one. */
export function createApp({ receiver, clients, botToken, take, validateView, log }: AppOptions): App {
  const app = new App({
    receiver,
    // Known at once, so that nothing waits for Slack before the acknowledgement.
    authorize: () =>
      Promise.resolve({ botToken, botUserId: clients.identity()?.user ?? "unknown", botId: clients.identity()?.bot ?? "unknown" }),
    logger: quietLogger(log, "bolt"),
    convoStore: false,
    ignoreSelf: false, // bots are told by their user, also when Slack has not yet said who we are
  });
  app.command(anything, async ({ command, ack }) => {
    await ack();
    await take(readCommand(command), false);
  });
  for (const kind of ["app_mention", "message", "app_home_opened"] as const)
    app.event(kind, async ({ body }) => {
      const read = readEvent(body, clients.identity()?.user);
      if (read !== undefined && !read.fromBot) await take(read.inbound, read.shared);
    });
  app.action(anything, async ({ body, ack }) => {
    await ack();
    const inbound = body.type === "block_actions" ? readAction(body) : undefined;
    if (inbound !== undefined) await take(inbound, false);
  });
  app.view({ callback_id: anything, type: "view_submission" }, async ({ body, ack }) => {
    if (body.type !== "view_submission") return await ack();
    const inbound = readView(body);
    const errors = validateView(inbound);
    if (errors !== undefined) return await ack({ response_action: "errors", errors: { ...errors } });
    await ack();
    await take(inbound, false);
  });
  app.shortcut({ callback_id: anything, type: "message_action" }, async ({ shortcut, ack }) => {
    await ack();
    if (shortcut.type === "message_action") await take(readShortcut(shortcut), false);
  });
  app.error((error) => {
    log(`slack: ${error.message.replaceAll(/\s*\n\s*/gu, " ")}`);
    return Promise.resolve();
  });
  return app;
}
