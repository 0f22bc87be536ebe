import type { BlockAction, BlockElementAction, EnvelopedEvent, MessageShortcut, SlashCommand, ViewSubmitAction } from "@slack/bolt";
import type {
  ActionInbound,
  ActionSource,
  CommandInbound,
  DmInbound,
  HomeInbound,
  MentionInbound,
  ShortcutInbound,
  SlackCaller,
  ViewInbound,
  ViewValues,
} from "./inbound.ts";

/** Keys by which things are deduplicated: SLACK.md 3.6. */
const keyOf = (...parts: readonly (string | undefined)[]): string => parts.map((part = "") => part.replaceAll("|", "||")).join(" | ");

/** A slash command. */
export function readCommand(body: SlashCommand): CommandInbound {
  return {
    kind: "command",
    key: keyOf("command", body.trigger_id),
    caller: caller(body.enterprise_id, body.team_id, body.user_id, body.user_name),
    channel: body.channel_id,
    command: body.command,
    text: body.text ?? "",
    triggerId: body.trigger_id,
    responseUrl: body.response_url,
    direct: body.channel_id.startsWith("D"),
  };
}

/** What an event of the Events API is for us; `undefined` = nothing. */
export type ReadEvent = { readonly inbound: MentionInbound | DmInbound | HomeInbound; readonly shared: boolean; readonly fromBot: boolean };

/** An event: a mention, a message to the bot, the Home tab. Edits, joins and what else happens in a conversation are not for us. */
export function readEvent(body: EnvelopedEvent, botUser: string | undefined): ReadEvent | undefined {
  const event = body.event as unknown as Readonly<Record<string, unknown>>;
  const text = (key: string): string => (typeof event[key] === "string" ? event[key] : "");
  const user = text("user");
  if (user === "") return undefined;
  const shared = (body as { is_ext_commonchannel?: boolean }).is_ext_commonchannel === true;
  const fromBot = event["bot_id"] !== undefined || user === botUser;
  const team = text("user_team") || text("team") || body.team_id;
  const enterprise = (body as { context_enterprise_id?: string | null }).context_enterprise_id ?? body.enterprise_id;
  const common = {
    caller: caller(enterprise, team, user),
    key: keyOf("event", body.event_id ?? `${text("channel")} ${text("ts") || text("event_ts")}`),
  };
  const place = { channel: text("channel"), ...(text("thread_ts") === "" ? {} : { thread: text("thread_ts") }) };
  switch (event["type"]) {
    case "app_home_opened":
      return event["tab"] === undefined || event["tab"] === "home"
        ? { inbound: { kind: "homeOpened", ...common }, shared, fromBot }
        : undefined;
    case "app_mention":
      return {
        inbound: { kind: "mention", ...common, ...place, text: withoutMention(text("text"), botUser), ts: text("ts") },
        shared,
        fromBot,
      };
    case "message": {
      const subtype = text("subtype");
      if (event["channel_type"] !== "im" || (subtype !== "" && subtype !== "file_share" && subtype !== "thread_broadcast"))
        return undefined;
      return { inbound: { kind: "dm", ...common, ...place, text: withoutMention(text("text"), botUser), ts: text("ts") }, shared, fromBot };
    }
    default:
      return undefined;
  }
}

/** The first mention of the bot is how it was called, and no part of what was said. */
function withoutMention(text: string, botUser: string | undefined): string {
  const called = botUser === undefined ? /<@[UW][A-Z0-9]+(\|[^>]*)?>/u : new RegExp(`<@${botUser}(\\|[^>]*)?>`, "u");
  return text.replace(called, " ").trim();
}

/** A pressed button, or a chosen option. */
export function readAction(body: BlockAction): ActionInbound | undefined {
  const [action] = body.actions;
  const source = sourceOf(body);
  if (action === undefined || source === undefined) return undefined;
  const at = source.at === "message" ? source.ts : source.viewId;
  return {
    kind: "action",
    key: keyOf("action", body.user.id, at, action.action_id, action.action_ts ?? body.trigger_id),
    caller: callerOf(body),
    actionId: action.action_id,
    blockId: action.block_id,
    value: chosen(action as unknown as Readonly<Record<string, unknown>>),
    source,
    triggerId: body.trigger_id,
    ...(body.response_url === undefined || body.response_url === "" ? {} : { responseUrl: body.response_url }),
  };
}

function sourceOf(body: BlockAction<BlockElementAction>): ActionSource | undefined {
  const container = body.container as Readonly<Record<string, unknown>> | undefined;
  if (body.view !== undefined) {
    if (body.view.type === "home") return { at: "home", viewId: body.view.id };
    return { at: "view", viewId: body.view.id, hash: body.view.hash, privateMetadata: body.view.private_metadata };
  }
  const channel = body.channel?.id ?? (typeof container?.["channel_id"] === "string" ? container["channel_id"] : undefined);
  const ts = body.message?.ts ?? (typeof container?.["message_ts"] === "string" ? container["message_ts"] : undefined);
  if (channel === undefined || ts === undefined) return undefined;
  const thread = (body.message as { thread_ts?: string } | undefined)?.thread_ts ?? container?.["thread_ts"];
  return { at: "message", channel, ts, ephemeral: container?.["is_ephemeral"] === true, ...(typeof thread === "string" ? { thread } : {}) };
}

/** A submitted modal. */
export function readView(body: ViewSubmitAction): ViewInbound {
  const { view } = body;
  return {
    kind: "viewSubmission",
    key: keyOf("view", view.id, view.hash),
    caller: callerOf(body),
    callbackId: view.callback_id,
    privateMetadata: view.private_metadata,
    viewId: view.id,
    hash: view.hash,
    values: valuesOf(view.state.values as unknown as Readonly<Record<string, Readonly<Record<string, unknown>>>>),
    ...(body.trigger_id === undefined ? {} : { triggerId: body.trigger_id }),
  };
}

function valuesOf(values: Readonly<Record<string, Readonly<Record<string, unknown>>>>): ViewValues {
  return Object.fromEntries(
    Object.entries(values).map(([block, actions]) => [
      block,
      Object.fromEntries(Object.entries(actions).map(([action, value]) => [action, chosen(value as Readonly<Record<string, unknown>>)])),
    ]),
  );
}

/** A message shortcut. */
export function readShortcut(body: MessageShortcut): ShortcutInbound {
  const message = body.message as Readonly<Record<string, unknown>>;
  const text = (key: string): string | undefined => (typeof message[key] === "string" ? message[key] : undefined);
  const [thread, user, bot] = [text("thread_ts"), text("user"), text("bot_id")];
  return {
    kind: "shortcut",
    key: keyOf("shortcut", body.trigger_id),
    caller: callerOf(body),
    callbackId: body.callback_id,
    channel: body.channel.id,
    ...(thread === undefined ? {} : { thread }),
    triggerId: body.trigger_id,
    responseUrl: body.response_url,
    message: {
      ts: body.message_ts,
      text: text("text") ?? "",
      ...(user === undefined ? {} : { user }),
      ...(bot === undefined ? {} : { bot }),
    },
  };
}

/** What an element holds: its value, or the values of what was chosen. */
function chosen(element: Readonly<Record<string, unknown>>): string {
  const optionValue = (option: unknown): string => {
    const { value } = (option ?? {}) as { readonly value?: unknown };
    return typeof value === "string" ? value : "";
  };
  if (Array.isArray(element["selected_options"])) return element["selected_options"].map(optionValue).join("\n");
  if (element["selected_option"] !== undefined) return optionValue(element["selected_option"]);
  for (const key of ["value", "selected_user", "selected_channel", "selected_conversation", "selected_date", "selected_time"])
    if (typeof element[key] === "string") return element[key];
  return "";
}

function callerOf(body: Pick<BlockAction | MessageShortcut | ViewSubmitAction, "user" | "team" | "enterprise">): SlackCaller {
  const user = body.user as { readonly id: string; readonly team_id?: string; readonly name?: string };
  return caller(body.enterprise?.id, user.team_id ?? body.team?.id ?? "", user.id, user.name);
}

function caller(enterprise: string | null | undefined, team: string, user: string, name?: string): SlackCaller {
  return { team, user, ...(enterprise ? { enterprise } : {}), ...(name === undefined || name === "" ? {} : { name }) };
}
