import { count } from "../../core/words/count.ts";
import { withoutId } from "../../core/words/events.ts";
import { nextAction } from "../../core/words/problem.ts";
import { utcWords } from "../../core/words/time.ts";
import { actions, context, fields, header, lines, section } from "../text/blocks.ts";
import { clean } from "../text/clean.ts";
import type { Button, Message, OurBlock } from "../text/message.ts";
import { type SlackText, block, bold, clockTime, code, empty, esc, joined, moment, mrkdwn } from "../text/slack-text.ts";
import { type Act, actButton } from "./button-value.ts";
import { type Failure, type RunView, runActs, runPhaseKey } from "./run-view.ts";
import { busyLines, holdLines, nextText, runSentence, runStateText } from "./run-words.ts";
import { blocks, fitted, shortDigest, told } from "./voice.ts";

/** One message for a run from its beginning to its end. `beat`: told when nothing changed for a while. */
export function runMessage(view: RunView, beat?: number): Message {
  return fitted(runSentence(view), (room) => runBlocks(view, room, beat));
}

function runBlocks(view: RunView, room: number, beat: number | undefined): readonly OurBlock[] {
  const { state, style, deployments, failures } = view;
  const { run, plan, by, owner, breakglass, request } = state;
  const named = deployments.length === 0 ? "" : ` · ${deployments.slice(0, 3).join(", ")}`;
  const holds = holdLines(view);
  const going = state.phase === "running" || state.phase === "requested";
  const busy = state.phase === "running" ? busyLines(view, Math.max(1, Math.round(10 * room))) : [];
  return blocks(
    header(`Run ${run} · ${style.cluster}${named}`),
    breakglass === undefined
      ? undefined
      : section(mrkdwn`*BREAK-GLASS* by ${esc(by)}, past what stood in the way: “${esc(breakglass.reason.slice(0, 500))}”`),
    section(runStateText(view), 1000),
    holds.length === 0 || !going
      ? undefined
      : section(mrkdwn`*Why it waits, and who can free it*\n${joined(holds, "\n")}`, Math.round(1800 * room)),
    busy.length === 0 ? undefined : section(lines(busy, 14, Math.round(1800 * room), () => empty)),
    ...failureBlocks(view, room),
    endProblem(view),
    state.phase === "failed" ? section(nextText(view), 900) : undefined,
    fields([
      [mrkdwn`Plan`, mrkdwn`${esc(plan)}${request === undefined ? empty : mrkdwn`, approved by request ${esc(request)}`}`],
      [mrkdwn`Asked for by`, owner === undefined || owner === by ? esc(by) : mrkdwn`${esc(by)}; ${esc(owner)} answers for it now`],
      ...(state.endedAt === undefined ? [] : [[mrkdwn`Ended`, moment(state.endedAt)] as const]),
    ]),
    actions(`run:${run}`, runButtons(view)),
    context(
      state.phase === "failed" ? empty : nextText(view),
      beat === undefined
        ? empty
        : mrkdwn`Still ${failures.length > 0 ? esc("going on") : esc("running")}; looked at ${clockTime(beat)} (${esc(utcWords(beat))}).`,
    ),
  );
}

function failureBlocks(view: RunView, room: number): readonly OurBlock[] {
  const { failures, style, state } = view;
  if (failures.length === 0) return [];
  const most = Math.max(1, Math.round(5 * room));
  const texts = failures.map((each) => mrkdwn`• ${code(each.id)}${stepText(each)}: ${told(style, bare(each), 260)}${noteText(each)}`);
  const title = state.phase === "running" ? "Failed so far" : "What failed";
  const text = lines(
    texts,
    most,
    Math.round(1900 * room),
    (left) => mrkdwn`… and ${esc(count(left, "more failure"))}; the thread has one post for each of the first.`,
  );
  return [section(mrkdwn`*${esc(title)}*\n${text}`)];
}

/** A run that ended for a reason that is none of its node-roles. */
function endProblem({ ended, failures, style }: RunView): OurBlock | undefined {
  if (ended === undefined || ended.phase !== "failed" || failures.length > 0) return undefined;
  const told3 = ended.problems
    .slice(0, 3)
    .map((each) => mrkdwn`• ${code(each.code)} ${told(style, each.message, 400)} ${told(style, each.hint, 300)}`);
  return told3.length === 0 ? undefined : section(mrkdwn`*Why*\n${joined(told3, "\n")}`, 1800);
}

function stepText({ step }: Failure): SlackText {
  return step === undefined ? empty : mrkdwn` in step ${code(step.slice(0, 100))}`;
}

function noteText({ note }: Failure): SlackText {
  return note === undefined
    ? empty
    : mrkdwn`\n   ${bold(mrkdwn`Note from last time`)} (${esc(note.by)}, ${moment(note.at)}): ${esc(note.text.slice(0, 300))}`;
}

/** The message without the place that is told beside it. */
function bare({ id, problem }: Failure): string {
  return withoutId(problem.message, id);
}

/** One failure in the thread: where, what happened, its last output, what to do, and what was noted last time. */
export function failureMessage(view: RunView, failure: Failure): Message {
  const { style, state } = view;
  const { id, problem, tail } = failure;
  const text = mrkdwn`${esc(id)} failed in ${esc(state.run)} on ${esc(style.cluster)}: ${esc(bare(failure).slice(0, 600))}`;
  return fitted(text, (room) => {
    const shown = tail === undefined || tail.trim() === "" ? undefined : lastLines(tail, 20, Math.round(2200 * room));
    return blocks(
      section(mrkdwn`*${code(id)} failed*${stepText(failure)} (${code(problem.code)})\n${told(style, bare(failure), 900)}`, 1400),
      problem.cause === undefined || isWithin(problem.cause, shown)
        ? undefined
        : section(mrkdwn`Cause:\n${block(problem.cause.slice(0, Math.round(900 * room)))}`),
      shown === undefined ? undefined : section(mrkdwn`Its last lines:\n${block(shown)}`),
      section(mrkdwn`*What to do:* ${told(style, nextAction(state.run, problem), 700)}${noteText(failure)}`, 1500),
    );
  });
}

/** The cause of a failed step is often just what it printed last. */
function isWithin(cause: string, shown: string | undefined): boolean {
  const bare = (text: string): string => clean(text).replaceAll(/\s+/gu, " ").trim();
  return shown !== undefined && bare(shown).includes(bare(cause));
}

function lastLines(text: string, most: number, room: number): string {
  const all = clean(text).replace(/\n+$/u, "").split("\n");
  let kept = all.slice(-most).map((line) => line.slice(0, 220));
  while (kept.length > 1 && kept.join("\n").length > room) kept = kept.slice(1);
  return [...(all.length > kept.length ? [`… ${all.length - kept.length} lines before`] : []), ...kept]
    .join("\n")
    .slice(0, room + 40)
    .toWellFormed();
}

/** Several failures at once, where a post for each would be noise. */
export function moreFailuresMessage({ style, state }: RunView, failures: readonly Failure[]): Message {
  const text = mrkdwn`${esc(count(failures.length, "more failure"))} in ${esc(state.run)} on ${esc(style.cluster)}.`;
  const texts = failures.map((each) => mrkdwn`• ${code(each.id)}${stepText(each)}: ${esc(bare(each).slice(0, 200))}`);
  return fitted(text, (room) =>
    blocks(
      section(mrkdwn`*${text}*`),
      section(lines(texts, Math.round(20 * room), Math.round(2600 * room), (left) => mrkdwn`… and ${left} more.`)),
    ),
  );
}

/** How a run ended, in its thread and in the channel: said once, with the people whom it concerns. */
export function endedMessage(view: RunView, concerned: readonly SlackText[]): Message {
  const sentence = runSentence(view);
  const [first] = view.failures;
  return fitted(sentence, () =>
    blocks(
      section(joined([...concerned, sentence], " "), 1800),
      first?.note === undefined ? undefined : section(mrkdwn`${code(first.id)}${noteText(first)}`, 1200),
      section(nextText(view), 900),
    ),
  );
}

function runButtons(view: RunView): readonly Button[] {
  const { style, state, digest } = view;
  const { run: id, phase } = state;
  const of = `run ${id} of ${style.cluster}`;
  const looks: Partial<Record<Act, { readonly text: string; readonly label: string; readonly style?: "primary" | "danger" }>> = {
    pause: { text: "Pause", label: `Pause ${of}` },
    resume: { text: "Resume", label: `Resume ${of}`, style: "primary" },
    cancel: { text: state.cancel === undefined ? "Cancel…" : "Cancel harder…", label: `Cancel ${of}, after a question`, style: "danger" },
    logs: { text: "Logs", label: `Put the output of ${of} into the thread` },
    handoff: { text: "Hand off…", label: `Hand ${of} over to somebody else` },
    retry: {
      text: phase === "failed" ? "Retry failed…" : "Plan what is left…",
      label: `Plan again what ${of} left undone`,
      style: "primary",
    },
    rollback: { text: "Roll back…", label: `Plan the way back from ${of}`, style: "danger" },
  };
  return runActs(view).flatMap((act) => {
    const look = looks[act];
    return look === undefined ? [] : [actButton({ act, cluster: style.cluster, id, digest: shortDigest(digest) }, runPhaseKey(view), look)];
  });
}
