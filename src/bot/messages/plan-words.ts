import { requirementWords } from "../../core/authority/approvals/wording.ts";
import type { ApprovalDocument } from "../../core/commands/authority/approval-document.ts";
import type { PlanDocument } from "../../core/commands/plan-document.ts";
import { count, listed } from "../../core/words/count.ts";
import { purposeWords } from "../../core/words/purpose.ts";
import { type SlackText, bold, empty, esc, joined, moment, mrkdwn } from "../text/slack-text.ts";
import type { PlanView } from "./plan-view.ts";
import { told, typed } from "./voice.ts";

/** `1 to destroy, 3 to create, 40 unchanged`: what is lost first. */
export function countWords({ create, change, destroy, unknown, unchanged }: PlanDocument["summary"]): string {
  const parts = [
    ...(destroy > 0 ? [`${destroy} to destroy`] : []),
    ...(create > 0 ? [`${create} to create`] : []),
    ...(change > 0 ? [`${change} to change`] : []),
    ...(unknown > 0 ? [`${unknown} decided in the run`] : []),
    ...(unchanged > 0 ? [`${unchanged} unchanged`] : []),
  ];
  return parts.join(", ") || "nothing to do";
}

/** `bob or carol`. */
function either(people: readonly string[], most = 8): string {
  return listed(people, most).replace(/ and (?=(?:\S+|\d+ more)$)/u, people.length > most ? " and " : " or ");
}

/** What still has to happen for a request: `1 more approval by bob or carol`; never longer than a paragraph. */
export function missingText({ requirements }: Pick<ApprovalDocument, "requirements">): string {
  const open = requirements.filter((each) => each.missing > 0);
  const parts = open.slice(0, 4).map(({ missing, mayVote, groups, stepUp, counted, risk }) => {
    const more = counted.length > 0 ? "more " : "";
    const whose = groups.length === 0 ? "" : ` of ${listed(groups, 4)}`;
    const who = mayVote.length === 0 ? "and nobody is left who could give it" : `by ${either(mayVote)}`;
    const why = { default: "", destructive: ", as something is removed or destroyed", pointOfNoReturn: ", as a critical role changes" }[
      risk
    ];
    return `${missing} ${more}${missing === 1 ? "approval" : "approvals"}${whose}${stepUp ? ", signed," : ""} ${who}${why}`;
  });
  return [...parts, ...(open.length > parts.length ? [`and ${open.length - parts.length} more rules`] : [])].join("; and ");
}

/** Where the plan stands, a sentence or two, as plain as can be. */
export function stateText(view: PlanView): SlackText {
  const { phase, style, document } = view;
  switch (phase.kind) {
    case "empty":
      return mrkdwn`*Nothing to do.* Everything is as it should be${document.problems.length > 0 ? esc(", as far as it could be checked") : empty}.`;
    case "denied":
      return mrkdwn`*Stopped by policy.* It cannot run until the rules below hold or are waived.`;
    case "ready":
      return mrkdwn`*Ready.* No approval is needed: ${typed(style, `halligan apply ${document.id}`)} or the button runs exactly this plan.`;
    case "unasked":
      return mrkdwn`*Not asked for yet.* It needs ${esc(view.needed.map(({ words }) => words).join("; ") || "approval")}${mayApprove(view)}. The button asks for it; nothing runs before.`;
    case "open":
      return mrkdwn`*Waiting for approval.* It needs ${esc(missingText(phase.request))}, until ${moment(phase.request.expiresAt)}. Nothing runs before.`;
    case "granted":
      return mrkdwn`*Approved*${by(phase.request)}. It does not start by itself: ${typed(style, `halligan apply ${document.id}`)} or the button runs it, until ${moment(phase.request.expiresAt)}.`;
    case "rejected":
      return mrkdwn`*Rejected.* ${joined(rejections(phase.request), " ")} It does not run while that stands.`;
    case "used":
      return mrkdwn`*Used.* ${usedText(phase)} ${typed(style, `halligan watch ${phase.run}`)} tells more.`;
    case "over":
      return mrkdwn`*Over.* ${told(style, sentence(phase.request.end ?? "the request is over"))} Nothing runs from it.${changed(phase.request)}`;
    case "outdated":
      return mrkdwn`*Out of date.* ${told(style, phase.why)}${phase.newer === undefined ? empty : mrkdwn` ${esc(phase.newer)} has taken its place.`}`;
    default:
      return phase satisfies never;
  }
}

function usedText({ run, ended }: Extract<PlanView["phase"], { kind: "used" }>): SlackText {
  return ended === undefined
    ? mrkdwn`${esc(run)} carries it out.`
    : mrkdwn`${esc(run)} carried it out and ${esc(ended === "cancelled" ? "was cancelled" : ended)}.`;
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

function mayApprove({ needed }: PlanView): SlackText {
  const people = [...new Set(needed.flatMap(({ mayVote }) => mayVote))];
  return people.length === 0 ? empty : mrkdwn`; ${esc(either(people))} may approve`;
}

function by({ votes }: ApprovalDocument): SlackText {
  const people = votes.filter(({ counts }) => counts).map(({ person }) => person);
  return people.length === 0 ? empty : mrkdwn` by ${esc(listed(people))}`;
}

function rejections({ rejections: all }: ApprovalDocument): readonly SlackText[] {
  return all.slice(0, 3).map(({ person, reason }) => mrkdwn`${bold(esc(person))} says: “${esc(reason.slice(0, 400))}”.`);
}

function changed({ changed: lines }: ApprovalDocument): SlackText {
  if (lines.length === 0) return empty;
  const shown = lines.slice(0, 5).map((text) => mrkdwn`• ${esc(text.slice(0, 200))}`);
  return mrkdwn`\nWhat is otherwise in the new plan:\n${joined(shown, "\n")}${lines.length > 5 ? mrkdwn`\n… and ${lines.length - 5} more` : empty}`;
}

/** What somebody has said so far, a line each. */
export function voteLines({ votes, rejections: all }: ApprovalDocument): readonly SlackText[] {
  return [
    ...votes.slice(0, 12).map(({ person, at, signed, counts, why }) => {
      const line = mrkdwn`✓ ${bold(esc(person))} approved${signed ? esc(", signed") : empty}, ${moment(at)}`;
      return counts ? line : mrkdwn`${line}; it does not count: ${esc((why ?? "").slice(0, 200))}`;
    }),
    ...all
      .slice(0, 4)
      .map(({ person, at, reason }) => mrkdwn`✗ ${bold(esc(person))} rejected, ${moment(at)}: “${esc(reason.slice(0, 300))}”`),
  ];
}

/** What the rules ask for, for the field of a message. */
export function needsText({ phase, needed }: PlanView): SlackText {
  if ("request" in phase && phase.request !== undefined) {
    const lines = phase.request.requirements.slice(0, 3).map((each) => {
      const { deployment, risk, people, groups, excludeAuthor, excludeEditor, stepUp, counted } = each;
      const rule = { people, groups: [...groups], excludeAuthor, excludeEditor, stepUp, ttlMs: 0 };
      const given = counted.length === 0 ? "none yet" : `${counted.length} given by ${listed(counted)}`;
      return esc(`${requirementWords({ deployment, risk, rule })}: ${given}${excludeAuthor ? "; not by who made it" : ""}`);
    });
    return joined(lines, "\n");
  }
  return joined(
    needed.slice(0, 3).map(({ words }) => esc(words)),
    "\n",
  );
}

/** What a plan with a purpose of its own is for; empty = it brings about what the files say. */
export function purposeText({ document }: PlanView): SlackText {
  return document.purpose === undefined ? empty : mrkdwn`It is made ${esc(purposeWords(document.purpose))}.`;
}

/** The whole message in one sentence, for notifications and for who hears it. */
export function planSentence(view: PlanView): SlackText {
  const { document, phase, style } = view;
  const { id, deployments, summary, reach } = document;
  const what = phase.kind === "empty" ? "nothing to do" : `${countWords(summary)} on ${count(reach.nodes.length, "node")}`;
  const named = deployments.length === 0 ? empty : mrkdwn` (${esc(listed(deployments, 4))})`;
  const said = joined([phaseSentence(view), purposeText(view)], " ");
  return mrkdwn`Plan ${esc(id)} for ${esc(style.cluster)}${named} by ${esc(view.author)}: ${esc(what)}. ${said}`;
}

function phaseSentence({ phase }: PlanView): SlackText {
  switch (phase.kind) {
    case "empty":
      return mrkdwn`Everything is as it should be.`;
    case "denied":
      return mrkdwn`Policy stops it.`;
    case "ready":
      return mrkdwn`It is ready to run.`;
    case "unasked":
      return mrkdwn`It needs approval, which nobody has asked for yet.`;
    case "open":
      return mrkdwn`It waits for ${esc(missingText(phase.request))}.`;
    case "granted":
      return mrkdwn`It is approved and ready to run.`;
    case "rejected":
      return mrkdwn`It was rejected by ${joined(
        phase.request.rejections.slice(0, 2).map(({ person, reason }) => mrkdwn`${esc(person)}: “${esc(reason.slice(0, 300))}”`),
        ", ",
      )}.`;
    case "used":
      return usedText(phase);
    case "over":
      return mrkdwn`Its approval request is over.`;
    case "outdated":
      return mrkdwn`It is out of date.`;
    default:
      return phase satisfies never;
  }
}
