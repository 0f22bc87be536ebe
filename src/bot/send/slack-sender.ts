import type { View } from "@slack/types";
import { hasCode } from "../../core/errors.ts";
import { digestOf } from "../../core/plan/canonical.ts";
import type { Clock, Store } from "../../core/ports.ts";
import type { SlackClients } from "../ports.ts";
import { fitMessage } from "../text/fit.ts";
import { limits } from "../text/limits.ts";
import type { HomeView, Message, Modal } from "../text/message.ts";
import { outboxCollection, postOnce, pruneOutbox } from "./outbox.ts";
import type { OpenModal, Place, Posted, Sender, TextFile } from "./sender.ts";
import { faultProblem, slackFault } from "./slack-fault.ts";
import { type Attempt, type LiveUpdater, startUpdater } from "./updater.ts";

/** What the sender works with. */
export interface SenderPorts {
  readonly clients: SlackClients;
  readonly store: Store;
  readonly clock: Clock;
  log(line: string): void;
}

/** A sender, and the messages that it keeps up to date. */
export interface SlackSender extends Sender {
  readonly live: LiveUpdater;
}

/** Starts a sender over Slack's clients. It ends with the signal; what is on its way then is finished by the next one. */
export function startSender(ports: SenderPorts, signal: AbortSignal): SlackSender {
  const { clients, store, clock } = ports;
  const outbox = { store, clock, client: clients.progress, log: ports.log };
  const post = async (to: Place & { readonly broadcast?: boolean }, message: Message, key: string): Promise<Posted> =>
    await postOnce(outbox, to, fitMessage(message), key);
  const replace = async (at: Posted & { readonly thread?: string }, message: Message): Promise<Posted> =>
    await post({ channel: at.channel, ...(at.thread === undefined ? {} : { thread: at.thread }) }, message, `again:${at.channel}:${at.ts}`);
  const live = startUpdater(
    {
      clock,
      log: ports.log,
      change: (at, message) => change(ports, at, fitMessage(message)),
      replace: (_, at, message) => replace(at, message),
    },
    signal,
  );
  // What cannot be forgotten now is forgotten after the next start.
  pruneOutbox({ store, clock }).catch((error: unknown) =>
    ports.log(`slack: the outbox is not pruned: ${error instanceof Error ? error.message : ""}`),
  );
  return {
    live,
    post,
    async update(at, message) {
      for (let attempt = 0; ; attempt += 1) {
        await turn(ports, live, signal);
        const outcome = await change(ports, at, fitMessage(message));
        if (outcome.done) return at;
        const { fault } = outcome;
        if (fault.kind === "gone") return await replace(at, message);
        if (fault.kind === "refused" || attempt >= 4) throw faultProblem(fault, `change a message in ${at.channel}`);
        if (fault.kind === "limited") live.budget.block(clock.now() + fault.retryAfterMs);
        else await clock.sleep(1000 * 2 ** attempt, signal);
      }
    },
    async ephemeral({ channel, thread, user }, message) {
      const { text, blocks } = fitMessage(message);
      const where = { channel, user, ...(thread === undefined ? {} : { thread_ts: thread }) };
      await called(
        `tell something in ${channel}`,
        async () => await clients.control.chat.postEphemeral({ ...where, text, blocks: [...blocks] }),
      );
    },
    async direct(user, message, key) {
      const { channel } = await called("open a direct conversation", async () => await clients.control.conversations.open({ users: user }));
      return await post({ channel: channel?.id ?? user }, message, key);
    },
    upload: async (to, file, key) => await upload(ports, to, file, key),
    async openModal(trigger, modal) {
      // The trigger is too short-lived for retries.
      const { view } = await called(
        "open a dialog",
        async () => await clients.progress.views.open({ trigger_id: trigger, view: viewOf(modal) }),
      );
      return { id: view?.id ?? "", hash: view?.hash ?? "" };
    },
    async updateModal({ id, hash }, modal): Promise<OpenModal> {
      const given = { view_id: id, view: viewOf(modal), ...(hash === "" ? {} : { hash }) };
      const { view } = await called("change a dialog", async () => await clients.control.views.update(given));
      return { id: view?.id ?? id, hash: view?.hash ?? "" };
    },
    async publishHome(user, home: HomeView) {
      const view: View = { type: "home", blocks: [...home.blocks.slice(0, limits.viewBlocks)] };
      await called("show the Home tab", async () => await clients.control.views.publish({ user_id: user, view }));
    },
  };
}

/** Changes a message, once. */
async function change({ clients }: SenderPorts, { channel, ts }: Posted, { text, blocks }: Message): Promise<Attempt> {
  try {
    await clients.progress.chat.update({ channel, ts, text, blocks: [...blocks] });
    return { done: true };
  } catch (error) {
    return { done: false, fault: slackFault(error) };
  }
}

/** Waits until something urgent may be sent. */
async function turn({ clock }: SenderPorts, { budget }: LiveUpdater, signal: AbortSignal): Promise<void> {
  while (!budget.take(clock.now(), true)) await clock.sleep(Math.max(1, budget.nextAt(clock.now(), true) - clock.now()), signal);
}

/** A call of which it does no harm that it is made twice. @throws `SLACK_UNREACHABLE`, `SLACK_REFUSED`. */
async function called<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw faultProblem(slackFault(error), what);
  }
}

/** A file is complete or not there: what fails may be done again, and what was done is known by its key. */
async function upload({ clients, store, clock }: SenderPorts, to: Place, file: TextFile, key: string): Promise<void> {
  const id = `file:${digestOf(key).slice("sha256:".length, "sha256:".length + 32)}`;
  const entry = { state: "sent", at: clock.now(), channel: to.channel, ts: "" };
  let rev: number;
  try {
    rev = await store.put(outboxCollection, id, entry, 0);
  } catch (error) {
    if (hasCode(error, "VERSION_CONFLICT")) return;
    throw error;
  }
  const { name, title, text, comment } = file;
  const where = to.thread === undefined ? { channel_id: to.channel } : { channel_id: to.channel, thread_ts: to.thread };
  const content = { file: Buffer.from(text === "" ? "\n" : text, "utf8"), filename: name, title };
  try {
    await called(
      "upload a file",
      async () =>
        await clients.control.filesUploadV2({ ...where, ...content, ...(comment === undefined ? {} : { initial_comment: comment }) }),
    );
  } catch (error) {
    await store.delete(outboxCollection, id, rev).catch(() => undefined); // a later attempt finds it there and takes it for done
    throw error;
  }
}

function viewOf({ type, callbackId, metadata, title, submit, close, blocks }: Modal): View {
  const plain = (text: string): { type: "plain_text"; text: string; emoji: false } => ({ type: "plain_text", text, emoji: false });
  return {
    type,
    callback_id: callbackId,
    private_metadata: metadata,
    title: plain(title),
    close: plain(close),
    ...(submit === undefined ? {} : { submit: plain(submit) }),
    blocks: [...blocks],
  };
}
