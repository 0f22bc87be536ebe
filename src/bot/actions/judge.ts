import { authorise } from "../../core/authority/authorise.ts";
import { principalText } from "../../core/authority/principal.ts";
import { HalliganError } from "../../core/errors.ts";
import { principalOf } from "../dispatch/dispatch.ts";
import type { SlackCaller } from "../inbound/inbound.ts";
import type { Carried } from "../messages/button-value.ts";
import type { Board } from "../publish/board.ts";
import type { PlanView } from "../messages/plan-view.ts";
import { missingText } from "../messages/plan-words.ts";
import { type SlackText, esc, mrkdwn } from "../text/slack-text.ts";
import type { ActionParts } from "./carry.ts";
import { wishOf } from "./lines.ts";
import { type Judged, judgePress } from "./subject.ts";

/** Judges the press and the person. Who may not is told so, and it is on record. @throws `NOT_ALLOWED`, `PRINCIPAL_UNKNOWN`. */
export async function judge(
  { commands }: Pick<ActionParts, "commands">,
  board: Board,
  carried: Carried,
  caller: SlackCaller,
): Promise<Judged> {
  const { cluster } = board;
  const house = cluster.as(principalOf(caller));
  const question = { authority: await house.authority(), who: { principal: principalText(house.principal) } };
  // Strangers are not told how anything stands.
  const reads = authorise({ ...question, action: "read", resource: { kind: "anywhere" } });
  const judged = reads.allowed ? await judgePress(board, carried) : undefined;
  const subject = judged !== undefined && "subject" in judged ? judged.subject : undefined;
  const wish = subject === undefined ? undefined : await wishOf(commands, house.store, carried.act, subject, { reason: "-", person: "-" });
  const needs = wish?.definition.needs;
  const may =
    subject === undefined || needs === undefined || needs === "nothing" || needs === "read"
      ? reads
      : authorise({ ...question, action: needs, resource: { kind: "deployments", names: subject.deployments } });
  if (!may.allowed) {
    const { code, message } = may.problem;
    const by = may.person ?? principalText(house.principal);
    const action = wish?.definition.id ?? carried.act;
    const detail = { button: carried.act, of: carried.id };
    await house.audit.record({
      by,
      principal: principalText(house.principal),
      front: "slack",
      action,
      decision: "refused",
      code,
      reason: message,
      detail,
    });
    throw new HalliganError([may.problem]);
  }
  if (carried.act === "review" && subject?.kind === "plan" && may.allowed) {
    const useless = uselessVote(subject.view, may.person);
    if (useless !== undefined) return { stale: useless };
  }
  return judged ?? { stale: mrkdwn`Nothing was done.` };
}

/** Why a vote of somebody would not be taken, told before they are asked to give it. */
function uselessVote({ phase, document }: PlanView, person: string): SlackText | undefined {
  if (phase.kind !== "open") return undefined;
  const { requirements, request, votes } = phase.request;
  if (votes.some((each) => each.person === person && each.counts))
    return mrkdwn`You approved ${esc(document.id)} already (${esc(request)}). It still needs ${esc(missingText(phase.request))}.`;
  const may = new Set(requirements.flatMap(({ mayVote }) => mayVote));
  if (may.has(person)) return undefined;
  return mrkdwn`Your vote on ${esc(document.id)} would not count: you made the plan or asked for its run, or are not among those who are asked. It needs ${esc(missingText(phase.request))}.`;
}
