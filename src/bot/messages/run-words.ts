import type { Problem } from "../../core/errors.ts";
import { cancelWords, withoutId } from "../../core/words/events.ts";
import { count, listed } from "../../core/words/count.ts";
import { countsWords } from "../../core/words/counts.ts";
import { phaseWords, stateWords } from "../../core/words/states.ts";
import { durationWords, utcWords } from "../../core/words/time.ts";
import { type SlackText, clockTime, code, empty, esc, joined, moment, mrkdwn } from "../text/slack-text.ts";
import type { RunView } from "./run-view.ts";
import { told, toldProblem, typed } from "./voice.ts";

/** How long is left, rounded so that a message stays the same for a while: `about 3 min left`. */
export function leftWords(ms: number | undefined): string {
  if (ms === undefined) return "time left not known yet";
  if (ms < 10_000) return "nearly done";
  if (ms < 60_000) return `about ${Math.ceil(ms / 15_000) * 15} s left`;
  const minutes = Math.ceil(ms / 60_000);
  return minutes < 90 ? `about ${minutes} min left` : `about ${Math.ceil(minutes / 60)} h left`;
}

/** `7 of 12 node-roles done, 1 failed, 2 running`. */
export function doneWords({ progress, failures }: Pick<RunView, "progress" | "failures">): string {
  const { total, done, lost, running } = progress.nodeRoles;
  const failed = Math.min(failures.length, lost);
  return [
    `${done} of ${count(total, "node-role")} done`,
    ...(failed > 0 ? [`${failed} failed or unknown`] : []),
    ...(lost > failed ? [`${lost - failed} not started because of that`] : []),
    ...(running > 0 ? [`${running} running`] : []),
    ...(progress.unchanged > 0 ? [`${progress.unchanged} unchanged`] : []),
  ].join(", ");
}

/** Where the run stands, a sentence or two. */
export function runStateText(view: RunView): SlackText {
  const { state, style, leftMs, ended, waits } = view;
  switch (state.phase) {
    case "requested":
      if (state.cancel !== undefined) return mrkdwn`*Being taken back* before it began: nothing of it runs.`;
      if (state.notBefore !== undefined && state.notBefore > view.now)
        return mrkdwn`*Scheduled.* It starts by itself at ${moment(state.notBefore)}; approvals, locks and freezes are judged then. Nothing of it runs before.`;
      if (waits.length > 0 || state.held !== undefined)
        return mrkdwn`*Waiting.* Nothing of it runs yet. It starts by itself when nothing holds it any more.`;
      return mrkdwn`*Starting.* It waits for an engine.`;
    case "running": {
      const where = esc(doneWords(view));
      if (state.cancel !== undefined) return mrkdwn`*Stopping*: ${esc(cancelWords(state.cancel))}. So far ${where}.`;
      if (state.held !== undefined)
        return mrkdwn`*${state.paused ? esc("Paused and held") : esc("Held")}.* Nothing new is started; what runs goes on. So far ${where}.`;
      if (state.paused) return mrkdwn`*Paused.* What runs comes to its end, nothing new is started. So far ${where}.`;
      return mrkdwn`*Running*: ${where}; ${esc(leftWords(leftMs))}.`;
    }
    case "succeeded":
      return ended === undefined || isNothing(ended.nodeRoles)
        ? mrkdwn`*Succeeded.* There was nothing to change.`
        : mrkdwn`*Succeeded* in ${esc(durationWords(ended.durationMs))}: ${esc(countsWords(ended.nodeRoles))}.`;
    case "failed":
      return mrkdwn`*Failed*${after(view)}: ${esc(ended === undefined ? "" : countsWords(ended.nodeRoles) || "nothing was changed")}. ${mixed(view)}`;
    case "cancelled":
      return mrkdwn`*Cancelled*${after(view)}: ${esc(ended === undefined ? "" : countsWords(ended.nodeRoles) || "nothing was changed")}. ${typed(style, "halligan plan")} shows what is left to do.`;
    default:
      return state.phase satisfies never;
  }
}

function after({ ended }: RunView): SlackText {
  return ended === undefined ? empty : mrkdwn` after ${esc(durationWords(ended.durationMs))}`;
}

/** Says that some nodes have the new state and some the old one. */
function mixed({ ended }: RunView): SlackText {
  if (ended === undefined) return empty;
  const { changed, failed, blocked, unknown, retired } = ended.nodeRoles;
  return changed + retired > 0 && failed + blocked + unknown > 0
    ? mrkdwn`The cluster is mixed now: what was done stays, the rest is as before.`
    : empty;
}

function isNothing(counts: NonNullable<RunView["ended"]>["nodeRoles"]): boolean {
  return counts.active + counts.retired + counts.failed + counts.blocked + counts.unknown === 0;
}

/** Why it waits, and who can do something about that: a line each. */
export function holdLines({ state, waits, style, now }: RunView): readonly SlackText[] {
  const held = (state.held?.problems ?? []) as readonly Problem[];
  const known = new Set(held.map(({ message }) => message));
  const isAhead = state.notBefore !== undefined && state.notBefore > now;
  return [
    ...held.slice(0, 4).map((each) => mrkdwn`• ${toldProblem(style, each, 350)}`),
    ...waits
      .filter(({ kind, message }) => !known.has(message) && !(kind === "schedule" && isAhead))
      .slice(0, 4)
      .map(({ message, until: ends }) => mrkdwn`• ${told(style, message, 400)}${ends === null ? empty : mrkdwn` Until ${moment(ends)}.`}`),
  ];
}

/** The whole message in one sentence. */
export function runSentence(view: RunView): SlackText {
  const { state, style, ended, failures, deployments } = view;
  const of = mrkdwn`Run ${esc(state.run)} of ${esc(state.plan)} on ${esc(style.cluster)}${deployments.length === 0 ? empty : mrkdwn` (${esc(listed(deployments, 3))})`}`;
  if (state.phase === "failed") {
    const [first] = failures;
    const where =
      first === undefined
        ? problemText(ended?.problems[0])
        : mrkdwn` at ${esc(first.id)}: ${esc(withoutId(first.problem.message, first.id).slice(0, 300))}`;
    const counts = ended === undefined ? "" : countsWords(ended.nodeRoles);
    return mrkdwn`${of} failed${where}${where.endsWith(".") ? empty : mrkdwn`.`}${counts === "" ? empty : mrkdwn` Node-roles: ${esc(counts)}.`}`;
  }
  if (ended !== undefined && (state.phase === "succeeded" || state.phase === "cancelled"))
    return mrkdwn`${of} ${esc(state.phase)} in ${esc(durationWords(ended.durationMs))}: ${esc(countsWords(ended.nodeRoles) || "nothing to change")}.`;
  if (state.phase === "requested" && state.notBefore !== undefined && state.notBefore > view.now)
    return mrkdwn`${of} by ${esc(state.owner ?? state.by)} is scheduled: it starts at ${esc(utcWords(state.notBefore))}.`;
  if (state.phase === "requested") return mrkdwn`${of} by ${esc(state.owner ?? state.by)} has not begun: ${esc(phaseWords(state))}.`;
  return mrkdwn`${of} is ${esc(phaseWords(state))}: ${esc(doneWords(view))}; ${esc(leftWords(view.leftMs))}.`;
}

function problemText(problem: { readonly message: string } | undefined): SlackText {
  return problem === undefined ? empty : mrkdwn`: ${esc(problem.message.slice(0, 300))}`;
}

/** Node-roles that are not simply done or waiting: what runs longest, what is lost. At most `most`. */
export function busyLines({ state, lost, now, progress }: RunView, most: number): readonly SlackText[] {
  const running = [...state.nodeRoles.values()].filter((each) => each.state === "transition");
  const oldest = running.toSorted((a, b) => a.since - b.since).slice(0, most);
  const lines = oldest.map(({ planned, step, since, attempt }) => {
    const label = step === undefined ? "starting" : (planned.steps.find(({ id }) => id === step)?.label ?? step);
    const minutes = Math.floor((now - since) / 60_000);
    const long = minutes >= 2 ? mrkdwn`, for ${minutes} min` : empty;
    return mrkdwn`• ${code(planned.id)} ${esc(stateWords("transition"))}: ${esc(label.slice(0, 120))}${attempt > 1 ? mrkdwn` (attempt ${attempt})` : empty}${long}`;
  });
  const more = progress.nodeRoles.running - lines.length;
  return [
    ...[...lost]
      .slice(0, 3)
      .map(
        ([node, reason]) =>
          mrkdwn`• No contact with ${code(node)}: its steps go on there; the engine tries to reach it. ${esc(reason.slice(0, 120))}`,
      ),
    ...lines,
    ...(more > 0 ? [mrkdwn`… and ${more} more running.`] : []),
  ];
}

/** What to do after a run, as exact commands. */
export function nextText(view: RunView): SlackText {
  const { state, style, ended, can, deployments, newer, failures } = view;
  const { run } = state;
  if (newer !== undefined && ended !== undefined)
    return mrkdwn`${esc(newer)} has come after it: that one tells what to do. ${typed(style, `halligan logs ${run}`)} has what the steps of ${esc(run)} printed.`;
  switch (state.phase) {
    case "requested":
    case "running":
      return mrkdwn`By command: ${typed(style, `halligan watch ${run}`)}, ${typed(style, `halligan ${state.paused ? "resume" : "pause"} ${run}`)}, ${typed(style, `halligan cancel ${run}`)}. Since ${clockTime(state.startedAt ?? state.requestedAt)}.`;
    case "succeeded":
      return mrkdwn`Next: ${typed(style, "halligan verify")} asks the services whether they work; ${typed(style, `halligan logs ${run}`)} has what the steps printed.`;
    case "cancelled":
      return mrkdwn`Next: ${typed(style, can.retry ? `halligan retry ${run}` : "halligan plan")} ${esc(can.retry ? "plans what is left; " : "shows what is left to do;")} ${typed(style, `halligan logs ${run}`)} has what the steps printed.`;
    case "failed": {
      // It never began: what stands in its way says what to do.
      const [problem] = ended?.problems ?? [];
      if (failures.length === 0 && problem !== undefined && ended !== undefined && isUntouched(ended.nodeRoles))
        return mrkdwn`*What next:* ${told(style, problem.hint, 500)}`;
      return joined(
        [
          (ended?.nodeRoles.unknown ?? 0) > 0
            ? mrkdwn`*What next:* bring back the nodes with unknown outcome, then ${typed(style, "halligan plan")} looks at what stands there.`
            : mrkdwn`*What next:* mend the cause, then ${typed(style, can.retry ? `halligan retry ${run}` : "halligan plan")} ${esc(can.retry ? "plans only what is left" : "plans what is left")}; what was finished stays.`,
          ...(can.rollback
            ? [
                mrkdwn`Or ${joined(
                  deployments.slice(0, 3).map((each) => typed(style, `halligan rollback ${each}`)),
                  ", ",
                )} ${esc(deployments.length === 1 ? "plans" : "plan")} the way back.`,
              ]
            : []),
        ],
        " ",
      );
    }
    default:
      return state.phase satisfies never;
  }
}

function isUntouched({ active, retired, failed, unknown }: NonNullable<RunView["ended"]>["nodeRoles"]): boolean {
  return active + retired + failed + unknown === 0;
}
