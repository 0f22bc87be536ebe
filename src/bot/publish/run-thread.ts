import { count, listed } from "../../core/words/count.ts";
import type { RunView } from "../messages/run-view.ts";
import { doneWords, leftWords } from "../messages/run-words.ts";
import { failureMessage, moreFailuresMessage } from "../messages/run-message.ts";
import { blocks, fitted } from "../messages/voice.ts";
import type { Sender } from "../send/sender.ts";
import { lines, section } from "../text/blocks.ts";
import type { Message } from "../text/message.ts";
import { bold, esc, mrkdwn } from "../text/slack-text.ts";
import type { BatchDone } from "./batches.ts";
import type { MessageBook } from "./message-book.ts";
import type { KeptFailure, RunStory } from "./run-story.ts";

/** Failures with a post of their own; more are told together. */
const mostPosts = 8;

/** What the thread of a run is told with. */
export interface ThreadPorts {
  readonly sender: Pick<Sender, "post">;
  readonly book: MessageBook;
  readonly cluster: string;
}

/**
 * Tells in the thread what has happened since it was last told: a post for all batches that ended meanwhile, one per failure. Each post is
 * named by what it tells, so that it comes once, whoever tells it. @throws `SLACK_UNREACHABLE`, `SLACK_REFUSED`.
 */
export async function tellThread({ sender, book, cluster }: ThreadPorts, story: RunStory, view: RunView): Promise<void> {
  const kept = await book.get(story.run);
  if (kept === undefined) return;
  const to = { channel: kept.channel, thread: kept.thread ?? kept.ts };
  await tellFailures({ sender, cluster }, to, story, view);
  const upTo = kept.telling ?? story.seq;
  const fresh = story.batches.filter(({ seq }) => seq > kept.told && seq <= upTo);
  if (fresh.length > 0) {
    await book.change(story.run, (entry) => ({ ...entry, telling: upTo }));
    await sender.post(to, batchMessage(view, fresh), `${cluster}:${story.run}:batches:${kept.told}`);
  }
  await book.change(story.run, ({ telling: _, ...entry }) => ({ ...entry, told: Math.max(entry.told, upTo) }));
  // A post that could not be sent before tells only what was to be told then.
  if (kept.telling !== undefined && story.seq > upTo) await tellThread({ sender, book, cluster }, story, view);
}

async function tellFailures(
  { sender, cluster }: Omit<ThreadPorts, "book">,
  to: { readonly channel: string; readonly thread: string },
  story: RunStory,
  view: RunView,
): Promise<void> {
  const { run, failures, ended } = story;
  for (const each of failures.slice(0, mostPosts)) await sender.post(to, failureMessage(view, each), failureKey(cluster, run, each));
  if (ended !== undefined && failures.length > mostPosts)
    await sender.post(to, moreFailuresMessage(view, failures.slice(mostPosts)), `${cluster}:${run}:failures:more`);
}

function failureKey(cluster: string, run: string, { id, attempt }: KeptFailure): string {
  return `${cluster}:${run}:failure:${id}:${attempt}`;
}

function batchMessage(view: RunView, done: readonly BatchDone[]): Message {
  const text = mrkdwn`${esc(view.state.run)} on ${esc(view.style.cluster)}: ${esc(doneWords(view))}; ${esc(view.ended === undefined ? leftWords(view.leftMs) : `the run ${view.ended.phase === "cancelled" ? "was cancelled" : view.ended.phase}`)}.`;
  const texts = done.map(({ role, batch, of, nodes, done: good, failed, changed }) => {
    const which = of > 1 ? mrkdwn` (batch ${batch} of ${of})` : mrkdwn``;
    const rest = nodes.length - good - failed;
    const parts = [
      `${good} of ${nodes.length} done`,
      ...(failed > 0 ? [`${failed} failed or unknown`] : []),
      ...(rest > 0 ? [`${rest} not started`] : []),
    ];
    const state = good === nodes.length ? "done" : parts.join(", ");
    return mrkdwn`• ${bold(esc(role))}${which} on ${esc(nodes.length === 1 ? (nodes[0] ?? "") : count(nodes.length, "node"))}: ${esc(state)}, ${esc(changed === 0 ? "nothing changed" : `changed on ${changed}`)}${nodes.length > 1 ? mrkdwn`. ${esc(listed(nodes, 8))}` : mrkdwn``}`;
  });
  return fitted(text, (room) =>
    blocks(
      section(lines(texts, Math.round(25 * room), Math.round(2800 * room), (left) => mrkdwn`… and ${left} more.`)),
      section(text, 400),
    ),
  );
}
