import type { Problem } from "../../core/errors.ts";
import { count, listed } from "../../core/words/count.ts";
import { actions, context, fields, header, lines, section } from "../text/blocks.ts";
import type { Button, Message, OurBlock } from "../text/message.ts";
import { type SlackText, code, empty, esc, joined, moment, mrkdwn } from "../text/slack-text.ts";
import { type Act, actButton } from "./button-value.ts";
import { changesText, diffText, riskText } from "./plan-changes.ts";
import { type PlanView, planActs, planPhaseKey } from "./plan-view.ts";
import { countWords, needsText, planSentence, purposeText, stateText, voteLines } from "./plan-words.ts";
import { blocks, fitted, shortDigest, toldProblem, typed } from "./voice.ts";

/** What changes, where, how risky that is, who has to approve until when, and what can be done: for who has seen nothing else. */
export function planMessage(view: PlanView): Message {
  return fitted(planSentence(view), (room) => planBlocks(view, room));
}

function planBlocks(view: PlanView, room: number): readonly OurBlock[] {
  const { document, style, phase } = view;
  const { id, deployments, summary, reach, digest } = document;
  const request = "request" in phase ? phase.request : undefined;
  const named = deployments.length === 0 ? "" : ` · ${listed(deployments, 3)}`;
  const live = phase.kind !== "over" && phase.kind !== "outdated" && phase.kind !== "used";
  const changes = phase.kind === "empty" ? empty : changesText(view, live ? room : room * 0.4);
  const diffs = phase.kind === "empty" || !live ? empty : diffText(view, room);
  const votes = request === undefined ? [] : voteLines(request);
  const needs = phase.kind === "over" || phase.kind === "outdated" ? empty : needsText(view);
  return blocks(
    header(`Plan ${id} · ${style.cluster}${named}`),
    section(joined([stateText(view), purposeText(view)], "\n"), 1500),
    phase.kind === "empty"
      ? undefined
      : section(
          joined(
            [
              mrkdwn`*${esc(countWords(summary))}* on ${esc(count(reach.nodes.length, "node"))}: ${esc(listed(reach.nodes, 6))}.`,
              riskText(view),
            ],
            "\n",
          ),
          Math.round(1100 * Math.max(room, 0.4)),
        ),
    changes === empty ? undefined : section(changes),
    diffs === empty ? undefined : section(diffs),
    ...problemBlocks(view, room),
    fields([
      [mrkdwn`Asked for by`, mrkdwn`${esc(view.author)}, ${moment(view.at)}`],
      [mrkdwn`Digest`, code(shortDigest(digest))],
      ...(needs === empty ? [] : [[mrkdwn`Approvals`, needs] as const]),
      ...(request === undefined || !live ? [] : [[mrkdwn`Request ${esc(request.request)} ends`, moment(request.expiresAt)] as const]),
    ]),
    votes.length === 0 ? undefined : section(joined(votes, "\n"), 1200),
    actions(`plan:${id}`, planButtons(view)),
    context(nextText(view)),
  );
}

/** Rules that object, what would hold the run, and nodes that could not be looked at. */
function problemBlocks({ document, style, phase }: PlanView, room: number): readonly (OurBlock | undefined)[] {
  const { policy, gates = [], problems } = document;
  if (phase.kind === "used" || phase.kind === "over" || phase.kind === "outdated") return [];
  const most = Math.max(1, Math.round(5 * room));
  const rules = (policy?.violations ?? []).map(
    (each) =>
      mrkdwn`• ${esc(each.blocks ? "Stops it:" : each.waived === undefined ? "Note:" : `Waived by ${each.waived.by}:`)} rule ${code(each.rule)}: ${esc(each.message.slice(0, 250))}`,
  );
  // Who has to approve is told above, with names.
  const held = gates.filter(({ kind }) => kind !== "approval").map(({ problem }) => mrkdwn`• ${toldProblem(style, problem, 300)}`);
  const nodes = problems.map((each: Problem) => mrkdwn`• ${code(each.code)} ${toldProblem(style, each, 250)}`);
  const rest = (left: number): SlackText => mrkdwn`… and ${left} more.`;
  const part = (title: SlackText, texts: readonly SlackText[]): OurBlock | undefined =>
    texts.length === 0 ? undefined : section(mrkdwn`*${title}*\n${lines(texts, most, Math.round(900 * room), rest)}`, 1000);
  return [
    part(mrkdwn`What the policy says`, rules),
    part(mrkdwn`Its run would have to wait`, held),
    part(mrkdwn`Not everything could be checked`, nodes),
  ];
}

/** The buttons of a plan: what may be done now, and nothing else. */
function planButtons(view: PlanView): readonly Button[] {
  const { style, document, phase } = view;
  const { id, digest } = document;
  const of = `plan ${id} of ${style.cluster}`;
  const looks: Partial<Record<Act, { readonly text: string; readonly label: string; readonly style?: "primary" | "danger" }>> = {
    apply:
      phase.kind === "unasked"
        ? { text: "Ask for approval", label: `Ask for approval of ${of}`, style: "primary" }
        : { text: "Apply…", label: `Apply ${of}, after a question`, style: "primary" },
    review: { text: "Review and approve…", label: `Review and approve ${of}`, style: "primary" },
    reject: { text: "Reject…", label: `Reject ${of}, with a reason`, style: "danger" },
    withdraw: { text: "Take back", label: `Take back your vote, or the request, for ${of}` },
    replan: { text: "Plan again", label: `Make a new plan in place of ${of}`, style: "primary" },
    diff: { text: "Full plan", label: `Put the full ${of} into the thread` },
  };
  return planActs(view).flatMap((act) => {
    const look = looks[act];
    return look === undefined
      ? []
      : [actButton({ act, cluster: style.cluster, id, digest: shortDigest(digest) }, planPhaseKey(view), look)];
  });
}

/** The same by command, for who has no buttons. */
function nextText({ phase, style, document, fileBelow }: PlanView): SlackText {
  const { id, deployments } = document;
  const again = typed(style, `halligan plan${deployments.length === 0 ? "" : ` ${deployments.join(" ")}`}`);
  const whole = fileBelow ? mrkdwn`the file in the thread` : typed(style, `halligan diff ${id}`);
  switch (phase.kind) {
    case "empty":
      return empty;
    case "denied":
    case "outdated":
    case "over":
      return mrkdwn`Next: ${again} makes a new plan.`;
    case "ready":
    case "granted":
    case "unasked":
      return mrkdwn`By command: ${typed(style, `halligan apply ${id}`)}. All of it: ${whole}.`;
    case "open":
      return mrkdwn`By command: ${typed(style, `halligan approve ${phase.request.request}`)} or ${typed(style, `halligan reject ${phase.request.request} --reason TEXT`)}. All of it: ${whole}.`;
    case "rejected":
      return mrkdwn`Next: change what was objected to and ${again}; or whoever rejected takes it back with ${typed(style, `halligan withdraw ${phase.request.request}`)}.`;
    case "used":
      return mrkdwn`All of it: ${whole}.`;
    default:
      return phase satisfies never;
  }
}
