import { HalliganError, fail } from "../../core/errors.ts";
import { sentence } from "../answers/told.ts";
import { privately, type Talk, startTalk } from "../dispatch/talk.ts";
import type { ActionInbound, ViewInbound } from "../inbound/inbound.ts";
import { type Act, type Carried, carriedBy } from "../messages/button-value.ts";
import { type ModalKind, type ModalMemory, loadingModal, modalKind, modalMemory, refusedModal, validateModal } from "../messages/modals.ts";
import type { Board } from "../publish/board.ts";
import type { Place } from "../send/sender.ts";
import { type SlackText, esc, mrkdwn } from "../text/slack-text.ts";
import type { Modal } from "../text/message.ts";
import { type ActionParts, carryOut, tellStale } from "./carry.ts";
import { judge } from "./judge.ts";
import type { Filled } from "./lines.ts";
import { takesAway } from "../messages/plan-view.ts";
import { modalFor } from "./modal-for.ts";
import type { Judged, Subject } from "./subject.ts";

/** Buttons that ask something first. */
const asking: Partial<Record<Act, ModalKind>> = {
  review: "review",
  apply: "apply",
  reject: "reject",
  cancel: "cancel",
  retry: "retry",
  rollback: "rollback",
  handoff: "handoff",
};

/** A trigger is good for 3 s: what has not been judged by then is shown in a modal that is open already. */
const judgeWithinMs = 1_500;

/** A button was pressed; false where it is none of plans and runs. Everything is read anew, and the person is judged like for the command. */
export async function doPressed(parts: ActionParts, inbound: ActionInbound): Promise<boolean> {
  const carried = carriedBy(inbound.actionId, inbound.value);
  if (carried === undefined) return refuseForged(parts, inbound);
  const { board, talk } = enter(parts, inbound, carried, placeOf(inbound));
  const kind = asking[carried.act];
  if (kind === undefined) {
    const judged = await judge(parts, board, carried, inbound.caller);
    if ("stale" in judged) await tellStale(talk, board, carried, judged.stale);
    else await carryOut(parts, { board, talk, carried, subject: judged.subject, filled: {} });
    return true;
  }
  await ask(parts, inbound, { board, talk, carried, kind });
  return true;
}

/** A button of ours whose value is not: told, and nothing else. */
async function refuseForged({ talk }: ActionParts, inbound: ActionInbound): Promise<boolean> {
  if (!inbound.actionId.startsWith("halligan:")) return false;
  const said = mrkdwn`Nothing was done: that button is not one of this bot, or is from an older version of it.`;
  await startTalk(talk, inbound, placeOf(inbound)).tell(sentence(said).message);
  return true;
}

/** Opens the modal at once where what stands can be read quickly, else one that says that it is being read. */
async function ask(
  parts: ActionParts,
  inbound: ActionInbound,
  { board, talk, carried, kind }: { readonly board: Board; readonly talk: Talk; readonly carried: Carried; readonly kind: ModalKind },
): Promise<void> {
  const { sender, ports } = parts.talk;
  const isProtected = (await board.cluster.settings()).protected;
  const memory = (subject: Subject | undefined): ModalMemory => memoryOf(inbound, carried, isNamed(kind, subject, isProtected));
  const judging = judge(parts, board, carried, inbound.caller);
  const patience = new AbortController();
  const late = ports.clock.sleep(judgeWithinMs, patience.signal).then(
    () => "late" as const,
    () => "late" as const,
  );
  const soon = await Promise.race([judging, late]).finally(() => patience.abort());
  if (soon !== "late") {
    if ("stale" in soon) return await tellStale(talk, board, carried, soon.stale);
    return void (await sender.openModal(inbound.triggerId, modalFor(kind, soon.subject, memory(soon.subject))));
  }
  const open = await sender.openModal(inbound.triggerId, loadingModal(kind, memory(undefined)));
  await sender.updateModal(open, await lateModal(judging, kind, memory));
}

async function lateModal(judging: Promise<Judged>, kind: ModalKind, memory: (subject: Subject | undefined) => ModalMemory): Promise<Modal> {
  try {
    const judged = await judging;
    return "stale" in judged ? refusedModal(kind, memory(undefined), judged.stale) : modalFor(kind, judged.subject, memory(judged.subject));
  } catch (error) {
    if (!(error instanceof HalliganError)) throw error;
    return refusedModal(kind, memory(undefined), mrkdwn`${esc(error.problems[0].message)} ${esc(error.problems[0].hint)}`);
  }
}

/** A modal was submitted; false where it is none of plans and runs. */
export async function doSubmitted(parts: ActionParts, inbound: ViewInbound): Promise<boolean> {
  const kind = modalKind(inbound.callbackId);
  if (kind === undefined) return false;
  const memory = modalMemory(inbound.privateMetadata);
  if (memory === undefined || asking[memory.act] !== kind || validateModal(inbound) !== undefined)
    throw fail("CHAT_QUESTION_GONE", { message: "This is not the answer to an open question." });
  const to = { channel: memory.channel, ...(memory.thread === undefined ? {} : { thread: memory.thread }) };
  const { board, talk } = enter(parts, inbound, memory, to);
  if (memory.user !== inbound.caller.user) return await refuse(talk, mrkdwn`Nothing was done: that question was put to somebody else.`);
  const judged = await judge(parts, board, memory, inbound.caller);
  if ("stale" in judged) {
    await tellStale(talk, board, memory, judged.stale);
    return true;
  }
  const asked = isNamed(kind, judged.subject, (await board.cluster.settings()).protected);
  if (asked && !memory.named)
    return await refuse(talk, mrkdwn`Nothing was done: ${esc(memory.cluster)} has to be named by now for that. Press the button again.`);
  const filled: Filled = Object.fromEntries(Object.entries(inbound.values).map(([id, values]) => [id, (values["value"] ?? "").trim()]));
  await carryOut(parts, { board, talk, carried: memory, subject: judged.subject, filled });
  return true;
}

async function refuse(talk: Talk, why: SlackText): Promise<true> {
  await talk.tell(sentence(why).message);
  return true;
}

/** The board of the cluster and a conversation in which only the person is answered. @throws `CHAT_CLUSTER_UNKNOWN`. */
function enter(
  { talk: parts, boards }: ActionParts,
  inbound: ActionInbound | ViewInbound,
  { cluster }: Pick<Carried, "cluster">,
  to: Place,
): { readonly board: Board; readonly talk: Talk } {
  const board = boards.get(cluster);
  if (board === undefined) throw fail("CHAT_CLUSTER_UNKNOWN", { message: `${cluster} is not served here any more.` });
  return { board, talk: privately(parts, startTalk(parts, inbound, to)) };
}

/** Where a button stands: its message's thread is where answers of commands go. */
function placeOf({ source, caller }: ActionInbound): Place {
  if (source.at !== "message") return { channel: caller.user };
  return { channel: source.channel, ...(source.thread === undefined ? {} : { thread: source.thread }) };
}

function memoryOf({ source, caller }: ActionInbound, carried: Carried, named: boolean): ModalMemory {
  const at = source.at === "message" ? { channel: source.channel, ts: source.ts } : { channel: caller.user, ts: "" };
  const thread = source.at === "message" && source.thread !== undefined ? { thread: source.thread } : {};
  return { ...carried, ...at, ...thread, user: caller.user, named };
}

/** Whether the cluster's name has to be typed: where something is let through, not where it is only asked for. */
function isNamed(kind: ModalKind, subject: Subject | undefined, isProtected: boolean): boolean {
  if (kind === "review") return isProtected;
  if (kind !== "apply" || (subject?.kind === "plan" && subject.view.phase.kind === "unasked")) return false;
  return isProtected || (subject?.kind === "plan" && takesAway(subject.view));
}
