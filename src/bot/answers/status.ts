import type { Standing, StatusDocument, StatusNodeRole } from "../../core/commands/status-document.ts";
import type { NodeRoleState } from "../../core/journal/events.ts";
import { count, listed } from "../../core/words/count.ts";
import { stateWords } from "../../core/words/states.ts";
import type { Style } from "../grammar/lines.ts";
import { header, lines, section } from "../text/blocks.ts";
import { clockTime, code, empty, esc, joined, mrkdwn, type SlackText } from "../text/slack-text.ts";
import { heldText, runSentence } from "./runs.ts";
import { nextLine, type Told, told } from "./told.ts";

/** `status`: what runs, what is wrong, what waits for whom, and what to do. */
export function statusAnswer(document: StatusDocument, style: Style): Told {
  const { cluster, activeRun, lastRun, lastPlan, at, nodeRoles, problems } = document;
  const name = cluster ?? style.cluster ?? "the cluster";
  const wrong = nodeRoles.filter(({ state }) => isWrong(state));
  const counts = countsText(nodeRoles);
  const running = activeRun === null ? mrkdwn`Nothing runs at present.` : runSentence(activeRun, at);
  const last = lastRun === null ? mrkdwn`No run has ended yet.` : mrkdwn`Last run: ${runSentence(lastRun, at)}`;
  const standing = standingLines(document.standing, at);
  const files =
    problems.length === 0
      ? empty
      : mrkdwn`The cluster's files have ${esc(count(problems.length, "problem"))}: ${esc(problems[0]?.message ?? "")}`;
  const text = joined([mrkdwn`${esc(name)}: ${counts}`, running, last], " ");
  return told(
    text,
    header(
      `${name}: ${wrong.length > 0 ? `${count(wrong.length, "node-role")} wrong` : activeRun === null ? "quiet" : `${activeRun.run} is going on`}`,
    ),
    section(joined([running, last, mrkdwn`${counts} Last plan: ${esc(lastPlan ?? "none")}.`], "\n"), 2_000),
    activeRun?.held === null || activeRun === null ? undefined : section(heldText(activeRun, at, style), 1_800),
    wrong.length === 0 ? undefined : section(lines(wrong.map(wrongLine), 10, 1_500, (left) => mrkdwn`… ${left} more`)),
    standing.length === 0 ? undefined : section(lines(standing, 12, 1_500, (left) => mrkdwn`… ${left} more`)),
    files === empty ? undefined : section(files, 600),
    nextLine(style, nextStep(document, wrong)),
  );
}

function isWrong(state: NodeRoleState): boolean {
  return state === "error" || state === "unknown";
}

/** `42 active, 1 failed`. */
function countsText(nodeRoles: readonly StatusNodeRole[]): SlackText {
  if (nodeRoles.length === 0) return mrkdwn`Nothing is deployed yet.`;
  const counts = new Map<NodeRoleState, number>();
  for (const { state } of nodeRoles) counts.set(state, (counts.get(state) ?? 0) + 1);
  const parts = [...counts].map(([state, n]) => `${n} ${stateWords(state)}`);
  return mrkdwn`${esc(`${count(nodeRoles.length, "node-role")}: ${parts.join(", ")}.`)}`;
}

function wrongLine({ id, state, run, problem }: StatusNodeRole): SlackText {
  const why = problem === undefined ? "" : `: ${problem.code} ${problem.message}`;
  return mrkdwn`• ${code(id)} ${esc(`${stateWords(state)} since ${run}${why}`)}`;
}

/** Approvals that are open, locks, freezes, runs that wait, break-glass that nobody has looked at; a line each. */
function standingLines({ approvals, locks, freezes, waiting, reviews }: Standing, at: number): readonly SlackText[] {
  return [
    ...reviews.map(
      ({ run, by, reason }) => mrkdwn`*Review* ${code(run)} was run past its gates by ${esc(by)} (break-glass): ${esc(reason)}`,
    ),
    ...approvals.map(
      ({ request, plan, author, missing }) =>
        mrkdwn`*Approval* ${code(request)} of ${esc(plan)} by ${esc(author)}: ${esc(missing === "" ? "granted, not used yet" : missing)}`,
    ),
    ...locks.map(
      ({ deployment, holder, reason, until }) =>
        mrkdwn`*Locked* ${esc(deployment ?? "the cluster")} by ${esc(holder)}${until === null ? empty : mrkdwn` until ${clockTime(until)}`}: ${esc(reason)}`,
    ),
    ...freezes.map(
      ({ freeze, deployments, reason, until }) =>
        mrkdwn`*Frozen* ${esc(deployments.length === 0 ? "the cluster" : listed(deployments))} until ${clockTime(until)} (${esc(freeze)}): ${esc(reason)}`,
    ),
    ...waiting.map(
      ({ run, plan, by, notBefore }) =>
        mrkdwn`*Waiting* ${code(run)} of ${esc(plan)} by ${esc(by)}${notBefore === null || notBefore < at ? empty : mrkdwn`, not before ${clockTime(notBefore)}`}`,
    ),
  ];
}

function nextStep({ activeRun, lastRun, standing, nodeRoles }: StatusDocument, wrong: readonly StatusNodeRole[]): string {
  const [approval] = standing.approvals;
  const [first] = wrong;
  if (activeRun !== null) return `\`halligan watch ${activeRun.run}\` follows ${activeRun.run}.`;
  if (first !== undefined)
    return `\`halligan logs ${first.run} ${first.id}\` has the output of ${first.id}; \`halligan why ${first.id}\` explains it.`;
  if (approval !== undefined) return `\`halligan approvals ${approval.request}\` tells what ${approval.request} is about.`;
  if (nodeRoles.length === 0 || lastRun === null) return "`halligan plan` shows what would change.";
  return "`halligan verify` asks the services whether they work.";
}
