import { durationWords } from "../../core/words/time.ts";
import { context, divider, header, lines, section } from "../text/blocks.ts";
import type { HomeView, OurBlock } from "../text/message.ts";
import { type SlackText, bold, code, empty, esc, joined, moment, mrkdwn } from "../text/slack-text.ts";
import { limitViolations } from "../text/violations.ts";
import type { Style } from "../grammar/lines.ts";
import { blocks, typed } from "./voice.ts";

/** One cluster, as the Home tab of one person shows it. */
export interface HomeCluster {
  readonly style: Style & { readonly cluster: string };
  /** Who the reader is there; `undefined` = nobody. */
  readonly person: string | undefined;
  /** Requests that wait for the reader's vote. */
  readonly waiting: readonly {
    readonly request: string;
    readonly plan: string;
    readonly author: string;
    readonly what: string;
    readonly expiresAt: number;
    readonly link: SlackText;
  }[];
  /** Runs that the reader asked for or answers for, newest first. */
  readonly runs: readonly {
    readonly run: string;
    readonly plan: string;
    readonly phase: string;
    readonly at: number;
    readonly link: SlackText;
  }[];
  /** What goes on or was done last, one sentence. */
  readonly now: SlackText;
  readonly locks: readonly string[];
  readonly freezes: readonly string[];
  /** What is known of differences from what was planned; empty = nothing known. */
  readonly drift: string;
}

/** What waits for one person, their runs, and how all clusters stand. */
export function homeView(clusters: readonly HomeCluster[], at: number): HomeView {
  for (const room of [1, 0.5, 0.2]) {
    const view: HomeView = { type: "home", blocks: homeBlocks(clusters, at, room) };
    if (limitViolations(view).length === 0) return view;
  }
  return { type: "home", blocks: [section(mrkdwn`There is too much to show here. ${esc("Type")} ${code("/halligan status CLUSTER")}.`)] };
}

function homeBlocks(clusters: readonly HomeCluster[], at: number, room: number): readonly OurBlock[] {
  const known = clusters.filter(({ person }) => person !== undefined);
  const most = Math.round(10 * room);
  const waiting = known.flatMap((each) => each.waiting.map((one) => waitingLine(each, one, at)));
  const runs = known
    .flatMap((each) => each.runs.map((one) => ({ at: one.at, text: runLine(each, one) })))
    .toSorted((a, b) => b.at - a.at)
    .map(({ text }) => text);
  const rest = (left: number): SlackText => mrkdwn`… and ${left} more.`;
  return blocks(
    header("Waiting for you"),
    section(waiting.length === 0 ? mrkdwn`Nothing waits for your approval.` : lines(waiting, most, 2500, rest)),
    header("Your runs"),
    section(runs.length === 0 ? mrkdwn`You have no runs.` : lines(runs, most, 2500, rest)),
    header("Clusters"),
    ...clusters.slice(0, Math.round(12 * room)).flatMap((each) => [section(clusterText(each), 1200), divider()]),
    clusters.length > Math.round(12 * room) ? section(mrkdwn`… and ${clusters.length - Math.round(12 * room)} more clusters.`) : undefined,
    context(mrkdwn`As of ${moment(at)}. ${code("/halligan help")} lists what you can do.`),
  );
}

function waitingLine(
  { style }: HomeCluster,
  { request, plan, author, what, expiresAt, link }: HomeCluster["waiting"][number],
  at: number,
): SlackText {
  return mrkdwn`• ${bold(esc(style.cluster))} ${esc(plan)} by ${esc(author)}: ${esc(what)}. Until ${moment(expiresAt)} (${esc(durationWords(expiresAt - at))} left). ${typed(style, `halligan approve ${request}`)} ${link}`;
}

function runLine({ style }: HomeCluster, { run, plan, phase, at, link }: HomeCluster["runs"][number]): SlackText {
  return mrkdwn`• ${bold(esc(style.cluster))} ${esc(run)} of ${esc(plan)}: ${esc(phase)}, ${moment(at)} ${link}`;
}

function clusterText({ style, person, now, locks, freezes, drift }: HomeCluster): SlackText {
  if (person === undefined)
    return mrkdwn`${bold(esc(style.cluster))}: you are nobody here. An admin can make a code for ${typed(style, "halligan link CODE")}.`;
  return joined(
    [
      mrkdwn`${bold(esc(style.cluster))}: ${now}`,
      ...locks.slice(0, 3).map((text) => mrkdwn`• Locked: ${esc(text)}`),
      ...freezes.slice(0, 3).map((text) => mrkdwn`• Frozen: ${esc(text)}`),
      drift === "" ? empty : mrkdwn`• Drift: ${esc(drift)}`,
    ],
    "\n",
  );
}
