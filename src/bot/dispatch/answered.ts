import { commands } from "../../core/commands/registry.ts";
import { fail } from "../../core/errors.ts";
import type { ActionInbound, ViewErrors, ViewInbound } from "../inbound/inbound.ts";
import { code, esc, mrkdwn, type SlackText } from "../text/slack-text.ts";
import { sentence } from "../answers/told.ts";
import { perform } from "./perform.ts";
import { questionIds, typedNameModal } from "./question-message.ts";
import type { OpenQuestion } from "./questions.ts";
import { privately, startTalk, type TalkParts } from "./talk.ts";

/** A yes or no to a question of a command; false where the button is none of those. */
export async function doAnswered(parts: TalkParts, inbound: ActionInbound): Promise<boolean> {
  const { actionId, value: id, caller } = inbound;
  if (actionId === questionIds.no) {
    const question = await parts.questions.take(id, caller);
    await settle(
      parts,
      inbound,
      question,
      mrkdwn`Nothing was changed: you said no to ${code(question.command)} of ${esc(question.cluster)}.`,
    );
    return true;
  }
  if (actionId !== questionIds.yes) return false;
  const question = await parts.questions.look(id, caller);
  const cluster = servedCluster(parts, question);
  const isProtected = (await cluster.settings()).protected;
  if (isProtected || question.typed !== undefined) {
    const why = question.typed === undefined ? "protected" : "for good";
    await parts.sender.openModal(inbound.triggerId, typedNameModal(id, cluster.name, why, inbound.responseUrl));
  } else {
    const taken = await parts.questions.take(id, caller);
    await settle(parts, inbound, taken, mrkdwn`You said yes to ${code(taken.command)} of ${esc(taken.cluster)}.`);
    await carryOn(parts, inbound, taken);
  }
  return true;
}

/** Puts what was answered in place of the question, so that its buttons are gone. */
async function settle(parts: TalkParts, inbound: ActionInbound, { to }: OpenQuestion, text: SlackText): Promise<void> {
  const { message } = sentence(text);
  const { responseUrl, source } = inbound;
  if (responseUrl !== undefined && (await parts.respond(responseUrl, message, true))) return;
  if (source.at === "message" && !source.ephemeral) await parts.sender.update(source, message);
  else await startTalk(parts, inbound, to).tell(message);
}

/** What is wrong with the name that was typed; pure. `undefined` also for views of others. */
export function validateTypedName({ callbackId, privateMetadata, values }: ViewInbound): ViewErrors | undefined {
  if (callbackId !== questionIds.modal) return undefined;
  const cluster = memoryOf(privateMetadata)?.cluster;
  const typed = (values[questionIds.field]?.["value"] ?? "").trim();
  return cluster !== undefined && typed === cluster
    ? undefined
    : { [questionIds.field]: `Type ${cluster ?? "the cluster's name"}, letter by letter.` };
}

/** The submitted modal in which a protected cluster was named; false for views of others. */
export async function doTypedName(parts: TalkParts, inbound: ViewInbound): Promise<boolean> {
  if (inbound.callbackId !== questionIds.modal) return false;
  const memory = memoryOf(inbound.privateMetadata);
  if (memory === undefined || validateTypedName(inbound) !== undefined)
    throw fail("CHAT_QUESTION_GONE", { message: "This is not the answer to an open question." });
  const question = await parts.questions.take(memory.id, inbound.caller);
  if (question.cluster !== memory.cluster) throw fail("CHAT_QUESTION_GONE", { message: "This question was about another cluster." });
  const said = sentence(mrkdwn`You said yes to ${code(question.command)} of ${esc(question.cluster)}.`);
  if (memory.answerUrl !== undefined) await parts.respond(memory.answerUrl, said.message, true);
  await carryOn(parts, inbound, question);
  return true;
}

/** Carries the command out again, which asks the same question, whose digest is the one that was answered. */
async function carryOn(parts: TalkParts, inbound: ActionInbound | ViewInbound, question: OpenQuestion): Promise<void> {
  const { to, command, args, digest } = question;
  const cluster = servedCluster(parts, question);
  const definition = commands.find(({ id }) => id === command);
  if (definition === undefined) throw fail("CHAT_QUESTION_GONE", { message: `There is no command ${command} any more.` });
  const style = { commands, prefix: parts.ports.prefix, cluster: cluster.name };
  const talk = privately(parts, startTalk(parts, inbound, to));
  await perform(parts, { talk, cluster, definition, args, agreed: { digest }, style });
}

function servedCluster({ ports }: TalkParts, { cluster: name }: OpenQuestion) {
  const cluster = ports.clusters.get(name);
  if (cluster === undefined) throw fail("CHAT_CLUSTER_UNKNOWN", { message: `${name} is not served here any more.` });
  return cluster;
}

function memoryOf(metadata: string): { readonly id: string; readonly cluster: string; readonly answerUrl?: string } | undefined {
  try {
    const parsed: unknown = JSON.parse(metadata);
    if (typeof parsed !== "object" || parsed === null) return undefined;
    const { id, cluster, answerUrl } = parsed as Readonly<Record<string, unknown>>;
    if (typeof id !== "string" || typeof cluster !== "string") return undefined;
    return { id, cluster, ...(typeof answerUrl === "string" ? { answerUrl } : {}) };
  } catch {
    return undefined;
  }
}
