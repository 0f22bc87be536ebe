import { fail } from "../core/errors.ts";
import type { Handlers } from "./inbound/inbound.ts";
import type { Respond } from "./inbound/tell.ts";
import type { BotPorts, SlackClients } from "./ports.ts";
import type { Publish } from "./publishing.ts";
import type { SlackSender } from "./send/slack-sender.ts";

/** What handlers are made of. */
export interface BotParts {
  readonly ports: BotPorts;
  readonly clients: SlackClients;
  readonly sender: SlackSender;
  readonly respond: Respond;
  /** Aborted when the bot ends. */
  readonly signal: AbortSignal;
}

/** Wires what is typed, pressed and filled in with what is done about it, and the messages that are kept up to date. */
export function createHandlers(_parts: BotParts): { readonly handlers: Handlers; readonly publisher: Publish } {
  const unknown = (): Promise<never> => Promise.reject(fail("CHAT_NOT_HERE", { message: "This is not known here." }));
  return {
    handlers: {
      typed: unknown,
      action: unknown,
      validateView: () => undefined,
      viewSubmission: unknown,
      shortcut: unknown,
      homeOpened: unknown,
    },
    publisher: async (_cluster, signal) =>
      await new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true })),
  };
}
