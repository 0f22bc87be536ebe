import type { CommandDefinition } from "../../core/commands/command.ts";
import { hasCode } from "../../core/errors.ts";
import { problemsMessage } from "../answers/problems.ts";
import { sentence } from "../answers/told.ts";
import { dispatch } from "../dispatch/dispatch.ts";
import { perform } from "../dispatch/perform.ts";
import type { Talk, TalkParts } from "../dispatch/talk.ts";
import type { Carried } from "../messages/button-value.ts";
import { wholeFile } from "../publish/plan-file.ts";
import type { Board } from "../publish/board.ts";
import { type SlackText, esc, mrkdwn } from "../text/slack-text.ts";
import { type Filled, type Wish, wishOf } from "./lines.ts";
import { type Subject, judgePress } from "./subject.ts";

/** What buttons and modals are answered with. */
export interface ActionParts {
  readonly talk: TalkParts;
  readonly boards: ReadonlyMap<string, Board>;
  readonly commands: readonly CommandDefinition[];
}

/** Says why nothing was done, and brings the message up to date, which may be behind. */
export async function tellStale(talk: Talk, board: Board, { id }: Carried, why: SlackText): Promise<void> {
  await talk.tell(sentence(why).message);
  if (id.startsWith("P-")) await board.refreshPlan(id);
}

/** One act of one person. */
export interface Press {
  readonly board: Board;
  readonly talk: Talk;
  readonly carried: Carried;
  readonly subject: Subject;
  readonly filled: Filled;
}

const collection = "slack-acts";
const claimMs = 120_000;

/** Carries it out by the command, one at a time: of two presses the second finds what the first has done. */
export async function carryOut(parts: ActionParts, { board, talk, carried, subject, filled }: Press): Promise<void> {
  const { store, clock } = board.cluster.house;
  const wish = await wishOf(parts.commands, store, carried.act, subject, filled);
  const key = `${carried.cluster}:${carried.id}:${carried.act}:${wish.definition.needs === "approve" ? talk.inbound.caller.user : ""}`;
  const before = await store.get<{ at: number }>(collection, key);
  if (before !== undefined && clock.now() - before.value.at < claimMs) return await tellBusy(talk, carried);
  let rev: number;
  try {
    rev = await store.put(collection, key, { at: clock.now() }, before?.rev ?? 0);
  } catch (error) {
    if (hasCode(error, "VERSION_CONFLICT")) return await tellBusy(talk, carried);
    throw error;
  }
  try {
    // Between judging and claiming somebody else may have done it.
    const again = await judgePress(board, carried);
    if ("stale" in again) return await tellStale(talk, board, carried, again.stale);
    if (carried.act === "diff" || carried.act === "logs") await putFile(parts, { board, talk, carried, subject, filled }, wish);
    else await performIt(parts, board, talk, wish);
    if (subject.kind === "plan") await board.refreshPlan(carried.id);
  } finally {
    await store.delete(collection, key, rev).catch(() => undefined); // it lapses by itself
  }
}

async function tellBusy(talk: Talk, { id, cluster }: Carried): Promise<void> {
  await talk.tell(sentence(mrkdwn`Nothing was done: that is being done for ${esc(id)} of ${esc(cluster)} already.`).message);
}

async function performIt({ talk: parts }: ActionParts, board: Board, talk: Talk, { definition, args }: Wish): Promise<void> {
  await perform(parts, { talk, cluster: board.cluster, definition, args, agreed: "shown", style: board.style });
}

/** The whole plan, or what the steps printed, as a file in the thread. */
async function putFile({ talk: parts }: ActionParts, { board, talk, carried }: Press, { definition, args }: Wish): Promise<void> {
  const { cluster, style } = board;
  const pieces: string[] = [];
  const ended = await dispatch({
    cluster,
    definition,
    args,
    caller: talk.inbound.caller,
    agreed: "yes",
    pass: (passing) => {
      if (passing.type === "log")
        pieces.push(passing.alone === true ? passing.text : `== ${passing.node}/${passing.role}\n${passing.text}`);
    },
    signal: parts.signal,
  });
  if (ended.kind === "refused") return await talk.tell(problemsMessage(ended.problems, style).message);
  if (ended.kind === "question") return;
  const said = pieces.length > 0 ? pieces.join("\n") : await parts.ports.text(definition, ended.answer);
  const kept = await board.book.get(carried.id);
  const to = kept === undefined ? talk.to : { channel: kept.channel, thread: kept.thread ?? kept.ts };
  const what = carried.act === "diff" ? "plan" : "log";
  const { file, key } = await wholeFile(cluster, style, { id: carried.id, what }, said);
  await parts.sender.upload(to, file, key);
  await talk.tell(sentence(mrkdwn`The whole ${esc(what)} of ${esc(carried.id)} is a file in the thread of its message.`).message);
}
