import type { WebClient } from "@slack/web-api";
import { hasCode } from "../../core/errors.ts";
import { digestOf } from "../../core/plan/canonical.ts";
import type { Clock, Doc, EpochMs, Json, Store } from "../../core/ports.ts";
import type { Message } from "../text/message.ts";
import { type Place, type Posted } from "./sender.ts";
import { type SlackFault, faultProblem, slackFault } from "./slack-fault.ts";

/** One entry per message, by a digest of its key. */
export const outboxCollection = "slack-outbox";

/** `sending`: on its way, or whoever sent it is gone. */
type Entry =
  | { readonly state: "sending"; readonly at: EpochMs; readonly channel: string; readonly thread?: string }
  | { readonly state: "sent"; readonly at: EpochMs; readonly channel: string; readonly ts: string };

/** What the outbox works with. */
export interface OutboxPorts {
  readonly store: Store;
  readonly clock: Clock;
  /** A client that never retries by itself: a retry after an unknown outcome would post twice. */
  readonly client: WebClient;
  log(line: string): void;
}

const attempts = 5;
/** After this a message that somebody else is sending is taken to be left. */
const leftAfterMs = 30_000;
const keepMs = 30 * 86_400_000;

/**
 * Posts a message once per key, over retries, restarts and instances. Slack has no idempotency of its own: the entry is written before, and
 * after an unknown outcome the channel's history is asked whether the message is there.
 * @throws `SLACK_UNREACHABLE`, `SLACK_REFUSED`.
 */
export async function postOnce(
  ports: OutboxPorts,
  to: Place & { readonly broadcast?: boolean },
  message: Message,
  key: string,
): Promise<Posted> {
  const id = digestOf(key).slice("sha256:".length, "sha256:".length + 32);
  const { entry, rev, left } = await claim(ports, to, id);
  if (entry.state === "sent") return { channel: entry.channel, ts: entry.ts };
  let look = left;
  let fault: SlackFault = { kind: "unknown", reason: "not tried" };
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const there = look ? await find(ports, to, id, entry.at) : undefined;
    const outcome = there === undefined ? await tryPost(ports, to, message, id) : { posted: there };
    if ("posted" in outcome) {
      const { channel, ts } = outcome.posted;
      await ports.store.put(outboxCollection, id, { state: "sent", at: ports.clock.now(), channel, ts }, rev).catch(ignoreConflict);
      return outcome.posted;
    }
    fault = outcome.fault;
    if (fault.kind === "refused" || fault.kind === "gone") break;
    look = fault.kind === "unknown";
    await ports.clock.sleep(fault.kind === "limited" ? fault.retryAfterMs : 1000 * 2 ** attempt);
  }
  // What surely was not posted may be posted by whoever asks next, at once.
  if (fault.kind !== "unknown") await ports.store.delete(outboxCollection, id, rev).catch(ignoreConflict);
  throw faultProblem(fault, `post a message in ${to.channel}`);
}

/** Forgets what was sent long ago. */
export async function pruneOutbox({ store, clock }: Pick<OutboxPorts, "store" | "clock">): Promise<void> {
  const oldest = clock.now() - keepMs;
  for (const doc of await store.list<Json>(outboxCollection)) {
    const { at } = doc.value as unknown as Entry;
    if (at < oldest) await store.delete(outboxCollection, doc.key, doc.rev).catch(ignoreConflict);
  }
}

/** Makes the message ours to send, or finds it sent. `left`: somebody began to send it, so it may be there. */
async function claim(
  { store, clock }: OutboxPorts,
  { channel, thread }: Place,
  id: string,
): Promise<{ readonly entry: Entry; readonly rev: number; readonly left: boolean }> {
  for (;;) {
    const doc = (await store.get<Json>(outboxCollection, id)) as Doc<never> | undefined;
    const before = doc?.value as unknown as Entry | undefined;
    if (doc !== undefined && before?.state === "sent") return { entry: before, rev: doc.rev, left: false };
    const now = clock.now();
    if (before !== undefined && now - before.at < leftAfterMs) {
      await clock.sleep(250);
      continue;
    }
    // The time of the first attempt stays: history is searched from then on.
    const entry: Entry = { state: "sending", at: now, channel, ...(thread === undefined ? {} : { thread }) };
    try {
      const rev = await store.put(outboxCollection, id, { ...entry }, doc?.rev ?? 0);
      return { entry: before ?? entry, rev, left: before !== undefined };
    } catch (error) {
      ignoreConflict(error);
    }
  }
}

async function tryPost(
  { client }: OutboxPorts,
  { channel, thread, broadcast }: Place & { readonly broadcast?: boolean },
  message: Message,
  id: string,
): Promise<{ readonly posted: Posted } | { readonly fault: SlackFault }> {
  try {
    const given = {
      channel,
      text: message.text,
      blocks: [...message.blocks],
      unfurl_links: false,
      unfurl_media: false,
      metadata: { event_type: "halligan_message", event_payload: { outbox_id: id } },
    };
    const answer = await client.chat.postMessage(
      thread === undefined
        ? given
        : broadcast === true
          ? { ...given, thread_ts: thread, reply_broadcast: true }
          : { ...given, thread_ts: thread },
    );
    if (answer.ts === undefined) return { fault: { kind: "unknown", reason: "no ts in the answer" } };
    return { posted: { channel: answer.channel ?? channel, ts: answer.ts } };
  } catch (error) {
    return { fault: slackFault(error) };
  }
}

/** Looks for a message that may have been posted; needs the right to read history, without which a message may come twice. */
async function find({ client, log }: OutboxPorts, { channel, thread }: Place, id: string, since: EpochMs): Promise<Posted | undefined> {
  const common = { channel, include_all_metadata: true, oldest: String(Math.floor(since / 1000) - 60), limit: 200 };
  try {
    const { messages = [] } =
      thread === undefined ? await client.conversations.history(common) : await client.conversations.replies({ ...common, ts: thread });
    for (const each of messages) {
      const payload = each.metadata?.event_payload as { readonly outbox_id?: unknown } | undefined;
      if (payload?.outbox_id === id && each.ts !== undefined) return { channel, ts: each.ts };
    }
    return undefined;
  } catch (error) {
    const fault = slackFault(error);
    if (fault.kind === "refused") log(`slack: the history of ${channel} cannot be read (${fault.code}): a message may be posted twice`);
    return undefined;
  }
}

function ignoreConflict(error: unknown): void {
  if (!hasCode(error, "VERSION_CONFLICT")) throw error;
}
