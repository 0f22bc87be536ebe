import type { Delivery, SendOptions } from "./delivery.ts";
import type { DoubleChannel, DoubleUser, DoubleView, Wire } from "./model.ts";
import { buttonsOf, type ScreenButton, type ScreenMessage, screenOf, viewWords } from "./screen.ts";
import type { Fate } from "./sockets.ts";
import { addMessage, directChannel, type DoubleState, newId, newResponseUrl, newTrigger, newTs, wireMessage } from "./state.ts";
import { wireView } from "./methods.ts";

/** Where something is done: a channel, or a thread of it. */
export interface Spot {
  readonly channel: string;
  readonly thread?: string;
}

/** A person in front of the emulated Slack. */
export interface DoublePerson {
  readonly user: DoubleUser;
  /** The conversation with the bot. */
  readonly direct: DoubleChannel;
  /** `/halligan TEXT`. */
  command(channel: DoubleChannel, text: string, options?: SendOptions & { readonly payload?: Wire }): Promise<Fate>;
  /** `@halligan TEXT`, in a channel or a thread. */
  mention(spot: Spot, text: string, options?: EventOptions): Promise<Fate>;
  /** A message to the bot. */
  say(text: string, options?: EventOptions): Promise<Fate>;
  openHome(): Promise<Fate>;
  shortcut(callbackId: string, channel: string, ts: string): Promise<Fate>;
  /** What this person sees in a channel or thread. */
  screen(channel: string, thread?: string): readonly ScreenMessage[];
  /** All that this person can read in a channel, as one text. */
  read(channel: string, thread?: string): string;
  /** Presses the newest button with this label that is shown to this person now. */
  click(
    label: string | RegExp,
    where?: { readonly channel?: string; readonly message?: string; readonly home?: boolean; readonly modal?: boolean },
  ): Promise<Fate>;
  /** Presses exactly this button, also where it is not shown any more: a late or forged click. */
  press(
    button: ScreenButton,
    message: { readonly channel: string; readonly ts: string },
    options?: SendOptions & { readonly payload?: Wire },
  ): Promise<Fate>;
  /** The modal that is open. */
  modal(): DoubleView | undefined;
  modalWords(): string;
  /** Fills fields of the open modal, by action id, and submits it; what the modal then shows is in the view. */
  submit(values?: Readonly<Record<string, string>>, options?: SendOptions): Promise<Fate>;
  close(): void;
  homeWords(): string;
  homeButtons(): readonly ScreenButton[];
}

/** An event's own marks. */
export type EventOptions = SendOptions & { readonly eventId?: string; readonly payload?: Wire };

/** Puts a person in front of a double. */
export function createPerson(state: DoubleState, delivery: Delivery, user: DoubleUser): DoublePerson {
  const direct = directChannel(state, user.id);
  const enterprise = state.options.enterprise === undefined ? null : { id: state.options.enterprise, name: "Enterprise" };
  const envelope = { token: "unused", api_app_id: state.app, is_enterprise_install: false };
  const who = { id: user.id, username: user.name, name: user.name, team_id: user.team };
  const team = { id: user.team, domain: "double" };

  async function send(type: Parameters<Delivery["send"]>[0], payload: Wire, options: SendOptions = {}): Promise<Fate> {
    const fate = await delivery.send(type, payload, options);
    if (fate.kind === "late") state.violations.push(`${type} of ${user.name} was not acknowledged within ${state.options.ackMs} ms`);
    return fate;
  }

  async function event(inner: Wire, { eventId, payload, ...options }: EventOptions): Promise<Fate> {
    const shared = state.channels.get(String(inner["channel"]))?.shared ?? false;
    return await send(
      "events_api",
      {
        ...envelope,
        type: "event_callback",
        team_id: state.team,
        context_team_id: state.team,
        context_enterprise_id: state.options.enterprise ?? null,
        event: inner,
        event_id: eventId ?? newId("Ev"),
        event_time: Math.floor(Date.now() / 1000),
        is_ext_shared_channel: shared,
        authorizations: [{ enterprise_id: state.options.enterprise ?? null, team_id: state.team, user_id: state.bot.user, is_bot: true }],
        ...payload,
      },
      options,
    );
  }

  async function said(kind: "mention" | "dm", spot: Spot, text: string, options: EventOptions): Promise<Fate> {
    const message = addMessage(state, {
      channel: spot.channel,
      user: user.id,
      bot: user.kind === "bot",
      text,
      blocks: [],
      broadcast: false,
      ...(spot.thread === undefined ? {} : { thread: spot.thread }),
    });
    return await event(
      {
        type: kind === "mention" ? "app_mention" : "message",
        ...(kind === "dm" ? { channel_type: "im" } : {}),
        user: user.id,
        text,
        ts: message.ts,
        event_ts: message.ts,
        channel: spot.channel,
        team: user.team,
        ...(user.kind === "bot" ? { bot_id: newId("B") } : {}),
        ...(spot.thread === undefined ? {} : { thread_ts: spot.thread }),
      },
      options,
    );
  }

  const modal = (): DoubleView | undefined => [...state.views.values()].findLast((each) => each.user === user.id);

  function find(label: string | RegExp, shown: readonly ScreenButton[]): ScreenButton | undefined {
    return shown.find((each) => (typeof label === "string" ? each.label === label : label.test(each.label)));
  }

  function action(button: ScreenButton): Wire {
    const common = { action_id: button.actionId, block_id: button.blockId, action_ts: newTs() };
    if (button.option !== undefined) return { ...common, type: "overflow", selected_option: button.option };
    return { ...common, type: "button", text: { type: "plain_text", text: button.label }, value: button.value };
  }

  async function interactive(payload: Wire, options?: SendOptions): Promise<Fate> {
    return await send(
      "interactive",
      { ...envelope, user: who, team, enterprise, trigger_id: newTrigger(state, user.id), ...payload },
      options,
    );
  }

  const person: DoublePerson = {
    user,
    direct,
    async command(channel, text, { payload, ...options } = {}) {
      return await send(
        "slash_commands",
        {
          token: "unused",
          api_app_id: state.app,
          is_enterprise_install: "false",
          team_id: user.team,
          team_domain: "double",
          ...(state.options.enterprise === undefined ? {} : { enterprise_id: state.options.enterprise, enterprise_name: "Enterprise" }),
          channel_id: channel.id,
          channel_name: channel.kind === "dm" ? "directmessage" : channel.name,
          user_id: user.id,
          user_name: user.name,
          command: "/halligan",
          text,
          response_url: newResponseUrl(state, channel.id, user.id),
          trigger_id: newTrigger(state, user.id),
          ...payload,
        },
        options,
      );
    },
    mention: async (spot, text, options = {}) => await said("mention", spot, `<@${state.bot.user}> ${text}`, options),
    say: async (text, options = {}) => await said("dm", { channel: direct.id }, text, options),
    openHome: async () => await event({ type: "app_home_opened", user: user.id, channel: direct.id, tab: "home", event_ts: newTs() }, {}),
    async shortcut(callbackId, channel, ts) {
      const message = state.messages.find((each) => each.channel === channel && each.ts === ts);
      return await interactive({
        type: "message_action",
        callback_id: callbackId,
        action_ts: newTs(),
        channel: { id: channel, name: state.channels.get(channel)?.name ?? "" },
        message_ts: ts,
        message: message === undefined ? { type: "message", ts, text: "" } : wireMessage(state, message),
        response_url: newResponseUrl(state, channel, user.id),
      });
    },
    screen: (channel, thread) => screenOf(state, user.id, channel, thread),
    read: (channel, thread) =>
      screenOf(state, user.id, channel, thread)
        .map((each) => each.words)
        .join("\n\n"),
    async click(label, where = {}) {
      if (where.home === true || where.modal === true) {
        const view = where.home === true ? state.homes.get(user.id) : modal();
        const button = view === undefined ? undefined : find(label, buttonsOf(view.view.blocks as unknown as Wire[]));
        if (view === undefined || button === undefined)
          throw new Error(`no button ${String(label)} in the view: ${view === undefined ? "none is open" : viewWords(view)}`);
        return await interactive({
          type: "block_actions",
          container: { type: "view", view_id: view.id },
          view: wireView(state, view),
          state: { values: view.filled },
          actions: [action(button)],
        });
      }
      const channels =
        where.channel === undefined
          ? [...state.channels.values()].filter((each) => each.members.has(user.id)).map(({ id }) => id)
          : [where.channel];
      const shown = channels
        .flatMap((channel) => screenOf(state, user.id, channel))
        .filter((each) => where.message === undefined || each.message.ts === where.message)
        .toSorted((a, b) => Number(a.message.ts) - Number(b.message.ts))
        .toReversed();
      for (const { message, buttons } of shown) {
        const button = find(label, buttons);
        if (button !== undefined) return await person.press(button, message);
      }
      const labels = shown.flatMap(({ buttons }) => buttons.map((each) => each.label));
      throw new Error(`${user.name} sees no button ${String(label)}; there are: ${labels.join(", ") || "none"}`);
    },
    async press(button, { channel, ts }, { payload, ...options } = {}) {
      const message = state.messages.find((each) => each.channel === channel && each.ts === ts);
      const isEphemeral = message?.only !== undefined;
      return await interactive(
        {
          type: "block_actions",
          container: {
            type: "message",
            message_ts: ts,
            channel_id: channel,
            is_ephemeral: isEphemeral,
            ...(message?.thread === undefined ? {} : { thread_ts: message.thread }),
          },
          channel: { id: channel, name: state.channels.get(channel)?.name ?? "" },
          ...(isEphemeral || message === undefined ? {} : { message: wireMessage(state, message) }),
          state: { values: {} },
          response_url: newResponseUrl(state, channel, user.id, ts),
          actions: [action(button)],
          ...payload,
        },
        options,
      );
    },
    modal,
    modalWords: () => {
      const view = modal();
      return view === undefined ? "" : viewWords(view);
    },
    async submit(values = {}, options) {
      const view = modal();
      if (view === undefined) throw new Error(`${user.name} has no modal open`);
      fill(view, values);
      view.errors = {};
      const fate = await interactive({ type: "view_submission", view: wireView(state, view), response_urls: [] }, options);
      if (fate.kind === "acked") settle(state, view, fate.payload);
      return fate;
    },
    close() {
      const view = modal();
      if (view !== undefined) state.views.delete(view.id);
    },
    homeWords: () => {
      const home = state.homes.get(user.id);
      return home === undefined ? "" : viewWords(home);
    },
    homeButtons: () => buttonsOf((state.homes.get(user.id)?.view.blocks ?? []) as unknown as Wire[]),
  };
  return person;
}

/** Puts typed values into a view's state, as Slack sends them; inputs that were not touched are null. */
function fill(view: DoubleView, values: Readonly<Record<string, string>>): void {
  const left = new Set(Object.keys(values));
  for (const block of view.view.blocks as unknown as Wire[]) {
    const element = (block["element"] ?? block["accessory"]) as Wire | undefined;
    if (element === undefined || element["type"] === "button") continue;
    const actionId = String(element["action_id"]);
    const blockId = String(block["block_id"]);
    const typed = values[actionId];
    left.delete(actionId);
    const type = String(element["type"]);
    const option = ((element["options"] ?? []) as Wire[]).find((each) => each["value"] === typed) ?? element["initial_option"] ?? null;
    const value: Wire = /select|radio/u.test(type)
      ? { type, selected_option: option }
      : type === "checkboxes"
        ? {
            type,
            selected_options:
              typed === undefined
                ? []
                : ((element["options"] ?? []) as Wire[]).filter((each) => typed.split(",").includes(String(each["value"]))),
          }
        : { type, value: typed ?? element["initial_value"] ?? null };
    view.filled[blockId] = { ...view.filled[blockId], [actionId]: value };
  }
  if (left.size > 0) throw new Error(`the modal has no fields ${[...left].join(", ")}: ${viewWords(view)}`);
}

/** What an acknowledgement does to a modal: nothing closes it, errors keep it, `update` replaces it. */
function settle(state: DoubleState, view: DoubleView, payload: Wire): void {
  const answer = payload["response_action"];
  if (answer === "errors") {
    view.errors = payload["errors"] as Record<string, string>;
    const blocks = new Set((view.view.blocks as unknown as Wire[]).map((each) => each["block_id"]));
    for (const id of Object.keys(view.errors))
      if (!blocks.has(id)) state.violations.push(`view errors for a block ${id} that the view does not have`);
    return;
  }
  if (answer === "update") {
    view.view = payload["view"] as DoubleView["view"];
    return;
  }
  state.views.delete(view.id);
}
