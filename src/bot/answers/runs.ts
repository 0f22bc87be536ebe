import type { RunsDocument } from "../../core/commands/runs.ts";
import type { StatusRun } from "../../core/commands/status-document.ts";
import type { WhyRunDocument } from "../../core/commands/why.ts";
import type { RunEntry } from "../../core/run/requests.ts";
import { hasEnded } from "../../core/run/state.ts";
import { count } from "../../core/words/count.ts";
import { withoutId } from "../../core/words/events.ts";
import { nextAction } from "../../core/words/problem.ts";
import { phaseWords } from "../../core/words/states.ts";
import { agoWords, durationWords } from "../../core/words/time.ts";
import type { Style } from "../grammar/lines.ts";
import { header, lines, section } from "../text/blocks.ts";
import { bold, code, empty, esc, joined, moment, mrkdwn, type SlackText } from "../text/slack-text.ts";
import { hint, nextLine, type Told, told } from "./told.ts";

/** Where one run stands, one sentence. */
export function runSentence(run: StatusRun, at: number): SlackText {
  const who = run.owner ?? run.by;
  const glass = run.breakglass === undefined ? empty : mrkdwn` (BREAK-GLASS: ${esc(run.breakglass)})`;
  const { nodeRoles } = run.progress;
  const lost = nodeRoles.lost > 0 ? `, ${nodeRoles.lost} failed or not started` : "";
  const done = `${nodeRoles.done} of ${count(nodeRoles.total, "node-role")} done${lost}`;
  const name = mrkdwn`${bold(esc(run.run))} of plan ${esc(run.plan)} by ${esc(who)}${glass}`;
  if (hasEnded(run.phase)) {
    const ended = run.endedAt ?? at;
    const phase = run.startedAt === null ? run.phase : `${run.phase} after ${durationWords(ended - run.startedAt)}`;
    return mrkdwn`${name}: ${esc(phase)}, ${esc(agoWords(at - ended))} (${moment(ended)}), ${esc(done)}.`;
  }
  const since = durationWords(at - (run.startedAt ?? run.requestedAt));
  return mrkdwn`${name}: ${esc(phaseWords(run))}, ${run.startedAt === null ? esc("asked for") : esc("begun")} ${esc(since)} ago, ${esc(done)}.`;
}

/** What holds a run back, a line each with what to do. */
export function heldText({ held }: StatusRun, at: number, style: Style): SlackText {
  if (held === null) return empty;
  const until = held.until === undefined || held.until <= at ? "" : `, for ${durationWords(held.until - at)} more`;
  const told = held.problems.map((each) => mrkdwn`• ${bold(esc(each.code))} ${esc(each.message)} ${hint(style, each.hint)}`);
  return joined(
    [
      mrkdwn`Held for ${esc(durationWords(at - held.since))}${esc(until)}; what runs goes on:`,
      lines(told, 5, 1_500, (left) => mrkdwn`… ${left} more`),
    ],
    "\n",
  );
}

/** `why R-n`. */
export function whyRunAnswer(document: WhyRunDocument, style: Style): Told {
  const { run, at } = document;
  const said = runSentence(document, at);
  const held = heldText(document, at, style);
  const failed = failuresText(document, style);
  const undone = document.phase === "failed" || document.phase === "cancelled";
  const next = [
    hasEnded(document.phase) ? `\`halligan logs ${run}\` has its output.` : `\`halligan watch ${run}\` follows it here.`,
    ...(undone ? [`\`halligan retry ${run}\` plans what is left.`] : []),
  ];
  return told(
    joined([said, failed], "\n"),
    section(said, 1_500),
    held === empty ? undefined : section(held, 2_000),
    failed === empty ? undefined : section(failed, 2_900),
    nextLine(style, ...next),
  );
}

/** What failed, with what to do and what was noted about the same before. */
function failuresText({ run, failures }: WhyRunDocument, style: Style): SlackText {
  if (failures.length === 0) return empty;
  const texts = failures.map(({ id, state, problem, notes }) => {
    const [note] = notes;
    const what = state === "unknown" ? mrkdwn`: its outcome is unknown:` : mrkdwn` failed:`;
    const known = note === undefined ? empty : mrkdwn` ${bold(mrkdwn`Note`)} (${esc(note.by)}, ${moment(note.at)}): ${esc(note.text)}`;
    return mrkdwn`• ${code(id)}${what} ${esc(withoutId(problem.message, id).replace(/[.]?$/u, "."))} ${hint(style, nextAction(run, problem))}${known}`;
  });
  return lines(texts, 6, 2_700, (left) => mrkdwn`… and ${left} more`);
}

/** `runs`. */
export function runsAnswer({ runs, more, at }: RunsDocument, style: Style): Told {
  const title = `Runs of ${style.cluster ?? "the cluster"}`;
  if (runs.length === 0) {
    const said = mrkdwn`Nothing has run in ${esc(style.cluster ?? "this cluster")} yet.`;
    return told(said, section(said), nextLine(style, "`halligan plan` makes a plan."));
  }
  const rows = runs.map((run) => rowOf(run, at));
  const rest = (left: number): SlackText => mrkdwn`… ${left + more} older`;
  const body = lines(rows, 25, 2_600, rest);
  const text = mrkdwn`${esc(title)}, newest first: ${lines(rows, 5, 1_200, rest)}`;
  const last = runs[0]?.run ?? "R-1";
  return told(text, header(title), section(body), nextLine(style, `\`halligan why ${last}\` or \`halligan logs ${last}\``));
}

function rowOf(run: RunEntry, at: number): SlackText {
  const state = run.phase === "requested" ? "going on" : run.phase;
  const took = "durationMs" in run ? ` in ${durationWords(run.durationMs)}` : "";
  const glass = run.breakglass === true ? ", BREAK-GLASS" : "";
  return mrkdwn`${code(run.run)} ${esc(`${state}${took}, plan ${run.plan}, ${agoWords(at - run.at)}, by ${run.by}${glass}`)}`;
}
