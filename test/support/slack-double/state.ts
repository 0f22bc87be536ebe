import { randomBytes } from "node:crypto";
import type {
  DoubleCall,
  DoubleChannel,
  DoubleFile,
  DoubleMessage,
  DoubleResponseUrl,
  DoubleTrigger,
  DoubleUser,
  DoubleView,
  Wire,
} from "./model.ts";

/** What makes a double different from the default one. */
export interface DoubleOptions {
  /** Scopes of the bot's token; default: those of the manifest. */
  readonly scopes?: readonly string[];
  /** Life of a trigger id in ms; Slack's is 3000. */
  readonly triggerMs?: number;
  /** How long an envelope may go without an acknowledgement, ms. */
  readonly ackMs?: number;
  /** Enforce Slack's rate limits, with minutes of this many ms; absent = no limits. */
  readonly minuteMs?: number;
  readonly enterprise?: string;
}

/** The state of one emulated workspace. */
export interface DoubleState {
  readonly options: Required<Pick<DoubleOptions, "triggerMs" | "ackMs">> & DoubleOptions;
  readonly team: string;
  readonly bot: { readonly user: string; readonly id: string };
  readonly app: string;
  readonly tokens: { readonly bot: string; readonly app: string; readonly signingSecret: string };
  readonly scopes: ReadonlySet<string>;
  readonly users: Map<string, DoubleUser>;
  readonly channels: Map<string, DoubleChannel>;
  readonly messages: DoubleMessage[];
  readonly views: Map<string, DoubleView>;
  readonly homes: Map<string, DoubleView>;
  readonly files: Map<string, DoubleFile>;
  readonly userGroups: Map<string, string[]>;
  readonly triggers: Map<string, DoubleTrigger>;
  readonly responseUrls: Map<string, DoubleResponseUrl>;
  readonly calls: DoubleCall[];
  /** What the bot did that Slack would refuse or that breaks a rule of the house. Empty at the end of every test. */
  readonly violations: string[];
  /** The address of the server, `http://127.0.0.1:PORT`. */
  address: string;
}

/** The scopes that SLACK.md 3.9 lists, with those for the recovery of the outbox and for telling shared channels. */
const standardScopes = [
  "commands",
  "chat:write",
  "app_mentions:read",
  "im:history",
  "im:write",
  "users:read",
  "usergroups:read",
  "files:write",
  "channels:read",
  "groups:read",
  "channels:history",
  "groups:history",
];

let counted = 0;

/** An id as Slack makes them. */
export function newId(prefix: string): string {
  counted += 1;
  return `${prefix}0${randomBytes(3).toString("hex").toUpperCase()}${counted.toString(36).toUpperCase().padStart(3, "0")}`;
}

let lastTs = 0;

/** A message's ts: unique and growing. */
export function newTs(): string {
  lastTs = Math.max(lastTs + 1, Date.now() * 1000);
  return `${Math.floor(lastTs / 1_000_000)}.${String(lastTs % 1_000_000).padStart(6, "0")}`;
}

/** An empty workspace with the bot in it. */
export function createState(options: DoubleOptions): DoubleState {
  const team = newId("T");
  const bot = { user: newId("U"), id: newId("B") };
  const token = (prefix: string): string => `${prefix}-${randomBytes(12).toString("hex")}`;
  return {
    options: { triggerMs: 3000, ackMs: 3000, ...options },
    team,
    bot,
    app: newId("A"),
    tokens: { bot: token("xoxb"), app: token("xapp"), signingSecret: randomBytes(16).toString("hex") },
    scopes: new Set(options.scopes ?? standardScopes),
    users: new Map([[bot.user, { id: bot.user, name: "halligan", team, kind: "bot" }]]),
    channels: new Map(),
    messages: [],
    views: new Map(),
    homes: new Map(),
    files: new Map(),
    userGroups: new Map(),
    triggers: new Map(),
    responseUrls: new Map(),
    calls: [],
    violations: [],
    address: "",
  };
}

/** A new trigger for something that a user did. */
export function newTrigger(state: DoubleState, user: string): string {
  const id = `${Date.now()}.${randomBytes(6).toString("hex")}`;
  state.triggers.set(id, { user, until: Date.now() + state.options.triggerMs, used: false });
  return id;
}

/** A new response_url: five uses, half an hour. */
export function newResponseUrl(state: DoubleState, channel: string, user: string, original?: string): string {
  const id = randomBytes(8).toString("hex");
  state.responseUrls.set(id, { channel, user, until: Date.now() + 30 * 60_000, left: 5, ...(original === undefined ? {} : { original }) });
  return `${state.address}/response/${id}`;
}

/** The conversation between a user and the bot; opened at need. */
export function directChannel(state: DoubleState, user: string): DoubleChannel {
  for (const channel of state.channels.values()) if (channel.kind === "dm" && channel.members.has(user)) return channel;
  const made: DoubleChannel = {
    id: newId("D"),
    name: `dm-${user}`,
    kind: "dm",
    shared: false,
    members: new Set([user, state.bot.user]),
    archived: false,
  };
  state.channels.set(made.id, made);
  return made;
}

/** A new message of the bot, put where it belongs. */
export function addMessage(
  state: DoubleState,
  made: Omit<DoubleMessage, "ts" | "edits" | "deleted" | "files"> & { readonly ts?: string; readonly files?: readonly DoubleFile[] },
): DoubleMessage {
  const message: DoubleMessage = { files: [], ...made, ts: made.ts ?? newTs(), edits: 0, deleted: false };
  state.messages.push(message);
  return message;
}

/** A message as the API shows it. */
export function wireMessage(state: DoubleState, message: DoubleMessage): Wire {
  return {
    type: "message",
    ts: message.ts,
    user: message.user,
    text: message.text,
    blocks: message.blocks,
    team: state.team,
    ...(message.bot ? { bot_id: state.bot.id, app_id: state.app } : {}),
    ...(message.thread === undefined ? {} : { thread_ts: message.thread }),
    ...(message.metadata === undefined ? {} : { metadata: message.metadata }),
  };
}
