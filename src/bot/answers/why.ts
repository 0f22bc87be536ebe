import type { WhyDocument } from "../../core/commands/why.ts";
import { count, listed } from "../../core/words/count.ts";
import { nextAction } from "../../core/words/problem.ts";
import type { Style } from "../grammar/lines.ts";
import { header, lines, section } from "../text/blocks.ts";
import { bold, code, empty, esc, joined, mrkdwn, type SlackText } from "../text/slack-text.ts";
import { hint, nextLine, type Told, told } from "./told.ts";

/** `why NODE/ROLE`: where it comes from, what it waits for, what the last plan would do, what is wrong with it. */
export function whyAnswer(document: WhyDocument, style: Style): Told {
  const { id, role, barclamp, waits, problems, settings } = document;
  const planned = joined([...lastText(document, style), plannedText(document, style)], "\n");
  const placed = placementText(document);
  const waiting =
    waits.length === 0
      ? mrkdwn`It waits for nothing: it is among the first.`
      : joined(
          [
            mrkdwn`It waits for:`,
            lines(
              waits.map(
                ({ why, name, wanted, providers }) =>
                  mrkdwn`• ${esc(listed(providers, 6))}: ${esc(why === "founder" ? "the first member goes before the others" : `${why} ${wanted ?? name}`)}`,
              ),
              10,
              1_000,
              (left) => mrkdwn`… ${left} more`,
            ),
          ],
          "\n",
        );
  const wrong = problems.map((each) => mrkdwn`• ${bold(esc(each.code))} ${esc(each.message)} ${hint(style, each.hint)}`);
  return told(
    joined([mrkdwn`${esc(id)} is role ${esc(role)} of barclamp ${esc(barclamp)}.`, placed, planned], " "),
    header(`${id}: role ${role} of ${barclamp}`),
    section(joined([placed, planned], "\n"), 1_800),
    section(waiting, 1_300),
    wrong.length === 0 ? undefined : section(lines(wrong, 5, 1_300, (left) => mrkdwn`… ${left} more`)),
    nextLine(
      style,
      `\`halligan logs ${id}\` has its output${settings.length === 0 ? "" : `; ${count(settings.length, "setting")} with their origins: \`halligan why ${id}\` in a terminal`}.`,
    ),
  );
}

/** What the last run left it in, and what is to be done about that. */
function lastText({ lastRun }: WhyDocument, style: Style): readonly SlackText[] {
  if (lastRun === undefined) return [];
  const { run, state, problem, behind } = lastRun;
  const what = { error: "it failed", unknown: "its outcome is unknown", blocked: "it was not started" }[state];
  const told = (behind.length === 0 ? [problem] : behind).map(
    (each) => mrkdwn`${bold(esc(each.code))} ${esc(each.message.slice(0, 400))} ${hint(style, nextAction(run, each))}`,
  );
  return [mrkdwn`In ${esc(run)} ${esc(what)}: ${joined(told, "\n")}`];
}

function placementText({ placement }: WhyDocument): SlackText {
  const { deployment, on, count: wanted, spread, chosen } = placement;
  const rules = [
    wanted === undefined ? "all of them" : `${count(wanted, "node")} of them`,
    ...(spread === undefined ? [] : [`spread over ${spread}`]),
  ];
  return mrkdwn`Deployment ${bold(esc(deployment))} places it on ${code(on)}, ${esc(rules.join(", "))}: ${esc(listed(chosen, 12))}.`;
}

function plannedText({ planned }: WhyDocument, style: Style): SlackText {
  if (planned === undefined) return mrkdwn`It is not in the last plan.`;
  if (planned.blocked !== undefined)
    return mrkdwn`In the last plan it is blocked: ${bold(esc(planned.blocked.code))} ${esc(planned.blocked.message)} ${hint(style, planned.blocked.hint)}`;
  const changed = planned.steps.filter(({ change }) => change !== "none");
  const steps =
    changed.length === 0
      ? empty
      : mrkdwn` (${esc(
          listed(
            changed.map(({ id }) => id),
            6,
          ),
        )})`;
  switch (planned.action) {
    case "skip":
      return mrkdwn`In the last plan nothing of it was to change.`;
    case "apply":
      return mrkdwn`In the last plan ${esc(count(changed.length, "step"))} of it would change${steps}.`;
    case "remove":
      return mrkdwn`In the last plan it would be removed: no placement asks for it any more.`;
    default:
      return planned.action satisfies never;
  }
}
