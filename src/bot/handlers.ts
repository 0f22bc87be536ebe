import { commands } from "../core/commands/registry.ts";
import { fail } from "../core/errors.ts";
import type { ActionParts } from "./actions/carry.ts";
import { doPressed, doSubmitted } from "./actions/pressed.ts";
import { doAnswered, doTypedName, validateTypedName } from "./dispatch/answered.ts";
import { createQuestions } from "./dispatch/questions.ts";
import { doNote, doShortcut, validateNote } from "./dispatch/shortcuts.ts";
import type { TalkParts } from "./dispatch/talk.ts";
import { doTyped } from "./dispatch/typed.ts";
import type { Handlers } from "./inbound/inbound.ts";
import type { Respond } from "./inbound/tell.ts";
import { homeView } from "./messages/home.ts";
import { validateModal } from "./messages/modals.ts";
import type { BotPorts, SlackClients } from "./ports.ts";
import { openBoard } from "./publish/board.ts";
import { createBoards } from "./publish/boards.ts";
import { loadHome } from "./publish/load-home.ts";
import { publishCluster } from "./publish/publisher.ts";
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
export function createHandlers(parts: BotParts): { readonly handlers: Handlers; readonly publisher: Publish } {
  const { ports, clients, sender, respond, signal } = parts;
  const { prefix, log } = ports;
  const boardPorts = [...ports.clusters.values()].map((cluster) => ({ cluster, clients, sender, commands, prefix, text: ports.text, log }));
  const boards = new Map(boardPorts.map((each) => [each.cluster.name, { ...each, board: openBoard(each) }]));
  const byName = new Map([...boards].map(([name, { board }]) => [name, board]));
  const talk: TalkParts = {
    ports,
    sender,
    respond,
    boards: createBoards(byName, sender, () => clients.identity()),
    questions: createQuestions(ports.store, ports.clock),
    signal,
  };
  const acting: ActionParts = { talk, boards: byName, commands };
  const handlers: Handlers = {
    typed: async (inbound) => await doTyped(talk, inbound),
    async action(inbound) {
      if ((await doAnswered(talk, inbound)) || (await doPressed(acting, inbound))) return;
      throw unknown();
    },
    validateView: (inbound) => validateModal(inbound) ?? validateTypedName(inbound) ?? validateNote(inbound),
    async viewSubmission(inbound) {
      if ((await doTypedName(talk, inbound)) || (await doNote(talk, inbound)) || (await doSubmitted(acting, inbound))) return;
      throw unknown();
    },
    shortcut: async (inbound) => await doShortcut(talk, inbound),
    async homeOpened({ caller }) {
      const seen = await Promise.all([...byName.values()].map(async (board) => await loadHome(board, caller, clients.identity())));
      await sender.publishHome(caller.user, homeView(seen, ports.clock.now()));
    },
  };
  return {
    handlers,
    async publisher(cluster, publishing) {
      const found = boards.get(cluster.name);
      if (found !== undefined) await publishCluster(found.board, found, publishing);
    },
  };
}

function unknown(): Error {
  return fail("CHAT_NOT_HERE", {
    message: "This button or dialog is not known here.",
    cause: "It is from another version, or from another app.",
    hint: "Type the command instead: `halligan help` lists them.",
  });
}
