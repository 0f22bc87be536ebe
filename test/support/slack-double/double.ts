import { setTimeout as delay } from "node:timers/promises";
import { type Chaos, createChaos } from "./chaos.ts";
import { createDelivery, type Delivery } from "./delivery.ts";
import type { DoubleCall, DoubleChannel, DoubleMessage, DoubleUser } from "./model.ts";
import { createPerson, type DoublePerson } from "./person.ts";
import { startServer } from "./server.ts";
import { createSockets, type Sockets } from "./sockets.ts";
import { createState, type DoubleOptions, type DoubleState, newId } from "./state.ts";

/** A strict emulated Slack workspace: what the bot may not do ends in `violations`. */
export interface SlackDouble {
  /** For `SLACK_API_URL`. */
  readonly apiUrl: string;
  readonly team: string;
  readonly botUser: string;
  readonly tokens: DoubleState["tokens"];
  readonly state: DoubleState;
  readonly calls: readonly DoubleCall[];
  readonly messages: readonly DoubleMessage[];
  readonly violations: readonly string[];
  readonly chaos: Chaos;
  readonly sockets: Sockets;
  readonly delivery: Delivery;
  /** A new person; a full member unless said otherwise. */
  person(name: string, options?: { readonly kind?: DoubleUser["kind"]; readonly team?: string; readonly id?: string }): DoublePerson;
  /** A new channel with the bot and these people in it. */
  channel(
    name: string,
    people: readonly DoublePerson[],
    options?: { readonly shared?: boolean; readonly withoutBot?: boolean },
  ): DoubleChannel;
  /** A user group with these members; its id. */
  userGroup(people: readonly DoublePerson[]): string;
  /** Waits until something is there; fails with what is on all screens after a generous time. */
  until<T>(what: string, look: () => T | undefined | false, ms?: number): Promise<T>;
  /** Sends everything over signed HTTP from now on. */
  useHttp(requestUrl: string): void;
  /** Calls of one method. */
  callsOf(method: string): readonly DoubleCall[];
  close(): Promise<void>;
}

/** Starts an emulated workspace on a port of 127.0.0.1. */
export async function startSlackDouble(options: DoubleOptions = {}): Promise<SlackDouble> {
  const state = createState(options);
  const chaos = createChaos(() => {
    sockets.cut();
    web.cut();
  });
  const sockets = createSockets(state);
  const web = await startServer(
    state,
    () => chaos,
    () => sockets,
  );
  const delivery = createDelivery(state, sockets);
  return {
    apiUrl: `${state.address}/api/`,
    team: state.team,
    botUser: state.bot.user,
    tokens: state.tokens,
    state,
    calls: state.calls,
    messages: state.messages,
    violations: state.violations,
    chaos,
    sockets,
    delivery,
    person(name, { kind = "member", team = state.team, id = newId("U") } = {}) {
      const user: DoubleUser = { id, name, team, kind };
      state.users.set(id, user);
      return createPerson(state, delivery, user);
    },
    channel(name, people, { shared = false, withoutBot = false } = {}) {
      const members = new Set([...(withoutBot ? [] : [state.bot.user]), ...people.map(({ user }) => user.id)]);
      const made: DoubleChannel = { id: newId("C"), name, kind: "channel", shared, members, archived: false };
      state.channels.set(made.id, made);
      return made;
    },
    userGroup(people) {
      const id = newId("S");
      state.userGroups.set(
        id,
        people.map(({ user }) => user.id),
      );
      return id;
    },
    async until(what, look, ms = 60_000) {
      const until = Date.now() + ms;
      for (;;) {
        const found = look();
        if (found !== undefined && found !== false) return found;
        if (Date.now() > until) throw new Error(`waited ${ms} ms in vain for: ${what}\n${everything(state)}`);
        await delay(20);
      }
    },
    useHttp(requestUrl) {
      delivery.requestUrl = requestUrl;
    },
    callsOf: (method) => state.calls.filter((each) => each.method === method),
    async close() {
      sockets.close();
      await web.close();
    },
  };
}

/** All messages, for a test that failed. */
function everything(state: DoubleState): string {
  const lines = state.messages
    .slice(-30)
    .map((each) => `${each.channel} ${each.ts}${each.only === undefined ? "" : ` (only ${each.only})`}: ${each.text}`);
  const calls = state.calls.slice(-10).map(({ method, answer }) => `${method} -> ${answer}`);
  return ["messages:", ...lines, "calls:", ...calls, "violations:", ...state.violations].join("\n");
}
