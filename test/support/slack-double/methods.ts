import type { KnownBlock, View } from "@slack/types";
import { messageFaults, viewFaults } from "./check-message.ts";
import type { DoubleMessage, DoubleView, Wire } from "./model.ts";
import { addMessage, directChannel, type DoubleState, newId, wireMessage } from "./state.ts";

/** How a method answers: the body, `ok` included, or the name of an error. */
export type Answered = Wire | string;

/** One method: the scopes that it needs (any of them), the rate that it has per minute, and what it does. */
export interface Method {
  readonly scopes: readonly string[];
  readonly perMinute: number;
  run(state: DoubleState, args: Wire): Answered;
}

const text = (args: Wire, key: string): string => (typeof args[key] === "string" ? args[key] : "");

function refuse(state: DoubleState, method: string, faults: readonly string[], error: string): Answered {
  for (const fault of faults) state.violations.push(`${method}: ${fault}`);
  return error;
}

function channelFault(state: DoubleState, id: string): string | undefined {
  const channel = state.channels.get(id);
  if (channel === undefined) return "channel_not_found";
  if (!channel.members.has(state.bot.user)) return "not_in_channel";
  return channel.archived ? "is_archived" : undefined;
}

function own(state: DoubleState, channel: string, ts: string): DoubleMessage | undefined {
  return state.messages.find((each) => each.channel === channel && each.ts === ts && !each.deleted && each.only === undefined);
}

const blocksOf = (args: Wire): readonly KnownBlock[] => (Array.isArray(args["blocks"]) ? (args["blocks"] as KnownBlock[]) : []);

function post(state: DoubleState, args: Wire): Answered {
  const id = text(args, "channel");
  const channel = id.startsWith("U") || id.startsWith("W") ? directChannel(state, id).id : id;
  const fault = channelFault(state, channel);
  if (fault !== undefined) return fault;
  const faults = messageFaults(args);
  if (faults.length > 0) return refuse(state, "chat.postMessage", faults, "invalid_blocks");
  const thread = text(args, "thread_ts");
  if (thread !== "" && own(state, channel, thread) === undefined) return "thread_not_found";
  const message = addMessage(state, {
    channel,
    user: state.bot.user,
    bot: true,
    text: text(args, "text"),
    blocks: blocksOf(args),
    broadcast: args["reply_broadcast"] === true || args["reply_broadcast"] === "true",
    ...(thread === "" ? {} : { thread }),
    ...(args["metadata"] === undefined ? {} : { metadata: args["metadata"] as Wire }),
  });
  return { ok: true, channel, ts: message.ts, message: wireMessage(state, message) };
}

function update(state: DoubleState, args: Wire): Answered {
  const channel = text(args, "channel");
  const fault = channelFault(state, channel);
  if (fault !== undefined) return fault;
  const message = own(state, channel, text(args, "ts"));
  if (message === undefined) return "message_not_found";
  if (!message.bot) return "cant_update_message";
  const faults = messageFaults(args);
  if (faults.length > 0) return refuse(state, "chat.update", faults, "invalid_blocks");
  if (message.blocks.length > 0 && args["blocks"] === undefined)
    state.violations.push("chat.update: text without blocks removes the blocks");
  message.text = text(args, "text");
  message.blocks = blocksOf(args);
  if (args["metadata"] !== undefined) message.metadata = args["metadata"] as Wire;
  message.edits += 1;
  return { ok: true, channel, ts: message.ts, text: message.text };
}

function ephemeral(state: DoubleState, args: Wire): Answered {
  const channel = text(args, "channel");
  const fault = channelFault(state, channel);
  if (fault !== undefined) return fault;
  const user = text(args, "user");
  if (!state.users.has(user)) return "user_not_found";
  if (state.channels.get(channel)?.members.has(user) !== true) return "user_not_in_channel";
  const faults = messageFaults(args);
  if (faults.length > 0) return refuse(state, "chat.postEphemeral", faults, "invalid_blocks");
  const thread = text(args, "thread_ts");
  const message = addMessage(state, {
    channel,
    user: state.bot.user,
    bot: true,
    only: user,
    text: text(args, "text"),
    blocks: blocksOf(args),
    broadcast: false,
    ...(thread === "" ? {} : { thread }),
  });
  return { ok: true, message_ts: message.ts };
}

function userInfo(state: DoubleState, args: Wire): Answered {
  const user = state.users.get(text(args, "user"));
  if (user === undefined) return "user_not_found";
  return {
    ok: true,
    user: {
      id: user.id,
      name: user.name,
      real_name: user.name,
      team_id: user.team,
      deleted: user.kind === "deleted",
      is_bot: user.kind === "bot",
      is_restricted: user.kind === "guest",
      is_ultra_restricted: false,
      ...(user.kind === "stranger" ? { is_stranger: true } : {}),
      ...(state.options.enterprise === undefined
        ? {}
        : { enterprise_user: { enterprise_id: state.options.enterprise, teams: [state.team] } }),
      profile: { real_name: user.name, display_name: user.name },
    },
  };
}

function trigger(state: DoubleState, method: string, args: Wire): string | undefined {
  const found = state.triggers.get(text(args, "trigger_id"));
  if (found === undefined) return "invalid_trigger_id";
  if (found.used) return refuse(state, method, ["trigger_id used twice"], "exchanged_trigger_id") as string;
  if (Date.now() > found.until) return refuse(state, method, ["trigger_id used too late"], "expired_trigger_id") as string;
  found.used = true;
  return undefined;
}

function openView(state: DoubleState, args: Wire): Answered {
  const faults = viewFaults((args["view"] ?? {}) as Wire);
  if (faults.length > 0) return refuse(state, "views.open", faults, "invalid_arguments");
  const user = state.triggers.get(text(args, "trigger_id"))?.user ?? "";
  const fault = trigger(state, "views.open", args);
  if (fault !== undefined) return fault;
  const made: DoubleView = { id: newId("V"), hash: newId("h"), view: args["view"] as View, user, filled: {}, errors: {} };
  state.views.set(made.id, made);
  return { ok: true, view: wireView(state, made) };
}

function updateView(state: DoubleState, args: Wire): Answered {
  const found = state.views.get(text(args, "view_id"));
  if (found === undefined) return "not_found";
  if (args["hash"] !== undefined && args["hash"] !== found.hash) return "hash_conflict";
  const faults = viewFaults((args["view"] ?? {}) as Wire);
  if (faults.length > 0) return refuse(state, "views.update", faults, "invalid_arguments");
  found.view = args["view"] as View;
  found.hash = newId("h");
  return { ok: true, view: wireView(state, found) };
}

function publishHome(state: DoubleState, args: Wire): Answered {
  const user = text(args, "user_id");
  if (!state.users.has(user)) return "user_not_found";
  const faults = viewFaults((args["view"] ?? {}) as Wire);
  if (faults.length > 0) return refuse(state, "views.publish", faults, "invalid_arguments");
  const before = state.homes.get(user);
  if (args["hash"] !== undefined && before !== undefined && args["hash"] !== before.hash) return "hash_conflict";
  const made: DoubleView = { id: before?.id ?? newId("V"), hash: newId("h"), view: args["view"] as View, user, filled: {}, errors: {} };
  state.homes.set(user, made);
  return { ok: true, view: wireView(state, made) };
}

/** A view as Slack sends it. */
export function wireView(state: DoubleState, { id, hash, view, filled }: DoubleView): Wire {
  return {
    ...(view as unknown as Wire),
    private_metadata: (view as { private_metadata?: string }).private_metadata ?? "",
    callback_id: (view as { callback_id?: string }).callback_id ?? "",
    id,
    hash,
    team_id: state.team,
    app_id: state.app,
    bot_id: state.bot.id,
    root_view_id: id,
    previous_view_id: null,
    state: { values: filled },
  };
}

function history(state: DoubleState, args: Wire, thread?: string): Answered {
  const channel = text(args, "channel");
  const fault = channelFault(state, channel);
  if (fault !== undefined) return fault;
  const limit = Number(args["limit"] ?? 100);
  const oldest = Number(args["oldest"] ?? 0);
  const seen = state.messages.filter(
    (each) =>
      each.channel === channel &&
      !each.deleted &&
      each.only === undefined &&
      Number(each.ts) >= oldest &&
      (thread === undefined ? each.thread === undefined || each.broadcast : each.thread === thread || each.ts === thread),
  );
  const withMetadata = args["include_all_metadata"] === true || args["include_all_metadata"] === "true";
  const messages = (thread === undefined ? seen.toReversed() : seen).slice(0, limit).map((each) => {
    const { metadata, ...rest } = wireMessage(state, each);
    return withMetadata && metadata !== undefined ? { ...rest, metadata } : rest;
  });
  return { ok: true, messages, has_more: seen.length > limit };
}

function completeUpload(state: DoubleState, args: Wire): Answered {
  const listed = args["files"];
  const files = (typeof listed === "string" ? (JSON.parse(listed) as unknown) : listed) as readonly {
    readonly id: string;
    readonly title?: string;
  }[];
  const found = files.map(({ id }) => state.files.get(id)).filter((each) => each !== undefined);
  if (found.length !== files.length) return "file_not_found";
  if (found.some((each) => each.bytes.length === 0))
    return refuse(state, "files.completeUploadExternal", ["nothing was uploaded"], "file_not_found");
  const channel = text(args, "channel_id");
  if (channel !== "") {
    const fault = channelFault(state, channel);
    if (fault !== undefined) return fault;
    const thread = text(args, "thread_ts");
    addMessage(state, {
      channel,
      user: state.bot.user,
      bot: true,
      text: text(args, "initial_comment"),
      blocks: [],
      broadcast: false,
      files: found,
      ...(thread === "" ? {} : { thread }),
    });
  }
  return { ok: true, files: found.map(({ id, title }) => ({ id, title })) };
}

const none: readonly string[] = [];

/** The methods that the double knows; every other one is a violation. */
export const methods: Readonly<Record<string, Method>> = {
  "api.test": { scopes: none, perMinute: 100, run: () => ({ ok: true }) },
  "auth.test": {
    scopes: none,
    perMinute: 100,
    run: ({ team, bot, options, address }) => ({
      ok: true,
      url: `${address}/`,
      team: "Double",
      user: "halligan",
      team_id: team,
      user_id: bot.user,
      bot_id: bot.id,
      is_enterprise_install: false,
      ...(options.enterprise === undefined ? {} : { enterprise_id: options.enterprise }),
    }),
  },
  "chat.postMessage": { scopes: ["chat:write"], perMinute: 60, run: post },
  "chat.update": { scopes: ["chat:write"], perMinute: 50, run: update },
  "chat.postEphemeral": { scopes: ["chat:write"], perMinute: 100, run: ephemeral },
  "chat.delete": {
    scopes: ["chat:write"],
    perMinute: 50,
    run(state, args) {
      const message = own(state, text(args, "channel"), text(args, "ts"));
      if (message === undefined) return "message_not_found";
      message.deleted = true;
      return { ok: true };
    },
  },
  "chat.getPermalink": {
    scopes: none,
    perMinute: 100,
    run: (state, args) =>
      own(state, text(args, "channel"), text(args, "message_ts")) === undefined
        ? "message_not_found"
        : { ok: true, permalink: `${state.address}/archives/${text(args, "channel")}/p${text(args, "message_ts").replace(".", "")}` },
  },
  "conversations.open": {
    scopes: ["im:write"],
    perMinute: 50,
    run: (state, args) =>
      state.users.has(text(args, "users")) ? { ok: true, channel: { id: directChannel(state, text(args, "users")).id } } : "user_not_found",
  },
  "conversations.info": {
    scopes: ["channels:read", "groups:read"],
    perMinute: 50,
    run(state, args) {
      const channel = state.channels.get(text(args, "channel"));
      if (channel === undefined) return "channel_not_found";
      return {
        ok: true,
        channel: {
          id: channel.id,
          name: channel.name,
          is_im: channel.kind === "dm",
          is_ext_shared: channel.shared,
          is_member: channel.members.has(state.bot.user),
        },
      };
    },
  },
  "conversations.history": {
    scopes: ["channels:history", "groups:history", "im:history"],
    perMinute: 50,
    run: (state, args) => history(state, args),
  },
  "conversations.replies": {
    scopes: ["channels:history", "groups:history", "im:history"],
    perMinute: 50,
    run: (state, args) => history(state, args, text(args, "ts")),
  },
  "users.info": { scopes: ["users:read"], perMinute: 100, run: userInfo },
  "usergroups.users.list": {
    scopes: ["usergroups:read"],
    perMinute: 20,
    run(state, args) {
      const users = state.userGroups.get(text(args, "usergroup"));
      return users === undefined ? "no_such_subteam" : { ok: true, users };
    },
  },
  "views.open": { scopes: none, perMinute: 100, run: openView },
  "views.push": { scopes: none, perMinute: 100, run: openView },
  "views.update": { scopes: none, perMinute: 100, run: updateView },
  "views.publish": { scopes: none, perMinute: 100, run: publishHome },
  "files.getUploadURLExternal": {
    scopes: ["files:write"],
    perMinute: 100,
    run(state, args) {
      if (Number(args["length"]) <= 0) return refuse(state, "files.getUploadURLExternal", ["an empty file"], "invalid_arguments");
      const id = newId("F");
      state.files.set(id, { id, name: text(args, "filename"), title: text(args, "filename"), bytes: Buffer.alloc(0) });
      return { ok: true, upload_url: `${state.address}/upload/${id}`, file_id: id };
    },
  },
  "files.completeUploadExternal": { scopes: ["files:write"], perMinute: 100, run: completeUpload },
};
