import type { Answer, CommandDefinition, Passing } from "../../core/commands/command.ts";
import { answerMessage } from "../answers/answer.ts";
import { changeLine, rollbackLine } from "../answers/changes.ts";
import { collectOutput, type Output } from "../answers/logs.ts";
import { problemsMessage } from "../answers/problems.ts";
import { plain, sentence } from "../answers/told.ts";
import { inChat, type Style } from "../grammar/lines.ts";
import type { ServedCluster } from "../ports.ts";
import { cleanLine } from "../text/clean.ts";
import { bold, esc, mrkdwn, prose } from "../text/slack-text.ts";
import { type Dispatch, dispatch, type Question } from "./dispatch.ts";
import { startProgress, type Progress } from "./progress.ts";
import { questionMessage } from "./question-message.ts";
import type { Talk, TalkParts } from "./talk.ts";

/** One command that somebody wants carried out. */
export interface Job {
  readonly talk: Talk;
  readonly cluster: ServedCluster;
  readonly definition: CommandDefinition;
  readonly args: Readonly<Record<string, unknown>>;
  readonly agreed: Dispatch["agreed"];
  readonly style: Style;
}

/**
 * Carries a command out and tells how it went: reads to whoever asked, plans and runs in messages of their own, other changes in one line to
 * everybody there. Commands that follow a run hand it over to its message.
 */
export async function perform(parts: TalkParts, job: Job): Promise<void> {
  const { talk, cluster, definition, args, agreed, style } = job;
  const output = collectOutput();
  const progress = startProgress(parts, talk, cluster, definition);
  const left = new AbortController();
  const pass = (passing: Passing): void => {
    output.take(passing);
    progress.take(passing);
    // What is followed is followed by the run's own message.
    if (definition.follows && passing.type === "event") left.abort(new Error("the run has a message of its own"));
  };
  const signal = AbortSignal.any([parts.signal, left.signal]);
  const { caller } = talk.inbound;
  const ended = await dispatch({ cluster, definition, args, caller, agreed, pass, signal });
  switch (ended.kind) {
    case "refused": {
      const { message } = problemsMessage(ended.problems, style);
      await progress.close(
        mrkdwn`${esc(definition.id)} of ${bold(esc(cluster.name))} was not carried out: ${esc(ended.problems[0].code)}.`,
      );
      return await talk.tell(message);
    }
    case "question":
      return await ask(parts, job, ended.question, progress);
    case "answer":
      await tellAnswer(parts, job, { answer: ended.answer, output, progress });
      if (ended.problems[0] !== undefined) await talk.tell(problemsMessage([ended.problems[0], ...ended.problems.slice(1)], style).message);
      return;
    default:
      return ended satisfies never;
  }
}

/** Puts a question to the person; the plan that it is about is shown to everybody. */
async function ask({ boards, questions }: TalkParts, { talk, cluster }: Job, question: Question, progress: Progress): Promise<void> {
  const { caller, key } = talk.inbound;
  const { plan } = question.confirmation;
  const id = await questions.keep(question, cluster.name, caller, talk.to, key);
  const instead = await progress.end();
  if (plan !== undefined) await boards.showPlan(cluster, plan.id, talk.to, caller, instead);
  await talk.tell(questionMessage(question, cluster.name, id));
}

interface Outcome {
  readonly answer: Answer;
  readonly output: Output;
  readonly progress: Progress;
}

/** Tells how it went: plans and runs have messages of their own. */
async function tellAnswer(parts: TalkParts, job: Job, { answer, output, progress }: Outcome): Promise<void> {
  const { boards, ports } = parts;
  const { talk, cluster, definition, style } = job;
  const { caller } = talk.inbound;
  const { document } = answer;
  const by = { user: caller.user, command: definition.id, cluster: cluster.name };
  const name = (key: string): string => (typeof document[key] === "string" ? document[key] : "");
  const text = async (): Promise<string> => await ports.text(definition, answer);
  const instead = await progress.end();
  const done = name("done");
  const plan = plannedBy(document);
  if (plan !== undefined) {
    await boards.showPlan(cluster, plan, talk.to, caller, instead);
    if (document.kind === "rollback" && !talk.direct) await talk.announce(sentence(rollbackLine(document, by)).message);
    return;
  }
  const isRun = ["detached", "scheduled", "run"].includes(document.kind);
  if (!isRun && isRead(definition, answer)) {
    const now = ports.clock.now();
    return await talk.tellAll(await answerMessage({ definition, answer, style, text, output, now }));
  }
  const words = inChat(style, await text());
  // A proposal is its diff, and what to do with it.
  if (document.kind === "proposal") await talk.tellAll(plain(style, definition.id, words, answer));
  else if (definition.risk !== "read") await talk.tell(sentence(prose(firstLine(words))).message);
  if (isRun) await boards.showRun(cluster, name("run"), talk.to, caller);
  const isAsked = document.kind === "approval" && (done === "asked" || done === "found");
  if (isAsked || (isRun && instead !== undefined)) await boards.showPlan(cluster, name("plan"), talk.to, caller, instead);
  if (isRun || hasOwnMessage.has(document.kind) || isSecret(document.kind) || talk.direct) return;
  await talk.announce(sentence(changeLine(answer, by, words)).message);
}

/** Documents whose subject has a message that tells it: of a plan, or of a run. */
const hasOwnMessage = new Set(["approval", "asked", "handed", "unscheduled", "declined", "reviewed"]);

/** The plan that a command made: its answer is that plan's message. */
function plannedBy({ kind, id, plan }: Answer["document"]): string | undefined {
  if (kind === "plan") return typeof id === "string" && id !== "" ? id : undefined;
  if (kind !== "rollback" || typeof plan !== "object" || plan === null || !("id" in plan)) return undefined;
  return typeof plan.id === "string" ? plan.id : undefined;
}

/** True for answers that tell and change nothing. */
function isRead({ risk }: CommandDefinition, { document }: Answer): boolean {
  if (document.kind === "notes") return document["did"] === "listed";
  if (document.kind === "approval") return document["done"] === "shown" || document["done"] === "explained";
  if (document.kind === "drift") return true; // with --put-back the answer is a run
  return risk === "read" || document.kind === "links" || document.kind === "link-offer";
}

/** What is between the person and us: codes, and who they become. */
function isSecret(kind: string): boolean {
  return kind === "linked" || kind === "not-linked" || kind === "unlinked";
}

function firstLine(text: string): string {
  return cleanLine(text.split("\n").find((line) => line.trim() !== "") ?? "Done.").replace(/:$/u, ": its message tells what.");
}
