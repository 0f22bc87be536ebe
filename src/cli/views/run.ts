import type { DetachedDocument, RunDocument } from "../../core/commands/run-follow.ts";
import type { AskedDocument } from "../../core/commands/asked.ts";
import { count, listed } from "../../core/words/count.ts";
import { cancelWords } from "../../core/words/events.ts";
import { type ProblemFacts, nextAction, placeOf } from "../../core/words/problem.ts";
import { durationWords } from "../../core/words/time.ts";
import { type Screen, wrapText } from "../screen.ts";
import { countsWords } from "../../core/words/counts.ts";

/** Failures that are told in full; `status` and the journal have all. */
const mostFailures = 20;

/** How a run ended, what failed and what to do next. */
export function runView(document: RunDocument, screen: Screen): readonly string[] {
  const { run, phase, nodeRoles, durationMs, problems, plan } = document;
  if (phase === "succeeded" && isNothing(nodeRoles)) {
    return [
      `${run}: nothing to change${nodeRoles.skipped === 0 ? "" : `; ${count(nodeRoles.skipped, "node-role")} ${nodeRoles.skipped === 1 ? "is as it" : "are as they"} should be`}.`,
    ];
  }
  const failures = problems.filter((each) => each.code !== "BLOCKED_BY_FAILURE" && each.code !== "RUN_CANCELLED");
  const stopped = problems.filter((each) => each.code === "RUN_CANCELLED");
  const blocked = problems.filter((each) => each.code === "BLOCKED_BY_FAILURE");
  const paint = phase === "succeeded" ? screen.green : phase === "failed" ? screen.red : screen.yellow;
  const shown = failures.slice(0, mostFailures);
  return [
    `${screen.bold(run)} ${paint(phase)} in ${durationWords(durationMs)}. Node-roles: ${countsWords(nodeRoles) || "none"}.`,
    ...shown.flatMap((each) => ["", ...failureLines(run, each, screen)]),
    ...(failures.length > shown.length
      ? ["", `${count(failures.length - shown.length, "more failure")}; \`halligan watch ${run} --json\` tells all.`]
      : []),
    ...group("Not started because something before failed", blocked, screen),
    ...group("Stopped or not started because the run was cancelled", stopped, screen),
    "",
    ...afterwards(document, plan, screen),
  ];
}

/** A run that goes on unwatched. */
export function detachedView({ run, engine, behind, waits }: DetachedDocument, screen: Screen): readonly string[] {
  const where =
    engine === null
      ? "No engine carries it out at present; the next command that follows it starts one."
      : `The engine on ${engine.host} (process ${engine.pid}) carries it out; the run goes on as long as that machine runs.`;
  return [
    ...(behind === undefined && waits !== undefined
      ? [
          `${screen.bold(run)} waits, and starts by itself when nothing holds it:`,
          ...waits.map((each) => `  ${each.code} ${each.message}`),
          where,
        ]
      : [behind === undefined ? `${screen.bold(run)} goes on. ${where}` : `${screen.bold(run)} waits behind ${behind}. ${where}`]),
    `Come back with ${screen.bold(`halligan watch ${run}`)}; end it with ${screen.bold(`halligan cancel ${run}`)}.`,
  ];
}

/** A plan that the person did not agree to. */
export function declinedView({ plan }: { readonly plan: string }, screen: Screen): readonly string[] {
  return [`Nothing was changed. ${screen.bold(`halligan apply ${plan}`)} carries out the same plan later.`];
}

/** A wish about a run that is in the journal now. */
export function askedView({ run, asked, how, waiting, engine }: AskedDocument, screen: Screen): readonly string[] {
  const follow = `${screen.bold(`halligan watch ${run}`)} follows it.`;
  switch (asked) {
    case "pause":
      return [
        `${run} is paused: what runs comes to its end, nothing new is started. ${screen.bold(`halligan resume ${run}`)} lets it go on.`,
      ];
    case "resume":
      return [`${run} goes on, on ${engine.host} (process ${engine.pid}). ${follow}`];
    case "cancel":
      if (waiting === true) return [`${run} had not begun: it is taken out of the queue, and nothing of it runs.`];
      return [`${run} is being cancelled: ${cancelWords(how ?? "after-step")}. ${follow}`];
    default:
      return asked satisfies never;
  }
}

function isNothing(counts: RunDocument["nodeRoles"]): boolean {
  return counts.active + counts.retired + counts.failed + counts.blocked + counts.unknown === 0;
}

/** One failure: where, code, what happened, its last output, what to do. */
export function failureLines(run: string, failure: ProblemFacts, screen: Screen): readonly string[] {
  const place = placeOf(failure.at);
  const room = Math.max(20, Math.min(screen.width, 120) - 4);
  const message =
    place !== undefined && failure.message.startsWith(`${place.id}: `) ? failure.message.slice(place.id.length + 2) : failure.message;
  const where = place === undefined ? "" : ` ${screen.bold(place.id)}`;
  return [
    `${screen.red(failure.code)}${where}`,
    ...wrapText(message, room).map((line) => `  ${line}`),
    ...(failure.cause === undefined ? [] : failure.cause.split("\n").map((line) => screen.dim(`  | ${line}`))),
    ...wrapText(nextAction(run, failure), room).map((line) => `  ${line}`),
  ];
}

function group(title: string, problems: readonly ProblemFacts[], screen: Screen): readonly string[] {
  if (problems.length === 0) return [];
  const ids = problems.flatMap((each) => placeOf(each.at)?.id ?? []);
  return ["", `${screen.yellow(`${title} (${problems.length})`)}: ${listed(ids, 8)}`];
}

function afterwards({ run, phase, nodeRoles }: RunDocument, plan: string, screen: Screen): readonly string[] {
  switch (phase) {
    case "succeeded":
      if (nodeRoles.active === 0 && nodeRoles.retired > 0)
        return [
          `Next: ${screen.bold("halligan status")} tells what stands; ${screen.bold(`halligan logs ${run}`)} has what the steps printed.`,
        ];
      return [
        `Next: ${screen.bold("halligan verify")} asks the services whether they work;`,
        `      ${screen.bold(`halligan logs ${run}`)} has what the steps printed.`,
      ];
    case "cancelled":
      return [`Next: ${screen.bold(`halligan retry ${run}`)} does what is left; ${screen.bold("halligan plan")} shows it.`];
    case "failed":
      return [
        nodeRoles.unknown > 0
          ? `Next: bring back the nodes with unknown outcome, then ${screen.bold("halligan plan")} checks what stands there.`
          : `Next: mend the cause, then ${screen.bold(`halligan retry ${run}`)} does what is left${plan === "" ? "" : `; what ${plan} finished stays`}.`,
      ];
    default:
      return phase satisfies never;
  }
}
