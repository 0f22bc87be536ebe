import { approvalRow } from "../../core/commands/authority/approval-document.ts";
import { listApprovals } from "../../core/authority/approvals/read.ts";
import { judgingOf } from "../../core/authority/approvals/read.ts";
import { standingOf } from "../../core/authority/approvals/standing.ts";
import { authorise } from "../../core/authority/authorise.ts";
import { freezesAhead, readFreezes } from "../../core/authority/locks/freeze-state.ts";
import { freezeWords } from "../../core/authority/locks/freeze-words.ts";
import { readLocks } from "../../core/authority/locks/lock-desk.ts";
import { locksHeld } from "../../core/authority/locks/lock-state.ts";
import { lockWords } from "../../core/authority/locks/lock-words.ts";
import { principalText } from "../../core/authority/principal.ts";
import { isOpen } from "../../core/model/freeze-window.ts";
import { HalliganError } from "../../core/errors.ts";
import { planSummary } from "../../core/plan/summary.ts";
import { type RunEntry, listRuns, readPlan, readRunState } from "../../core/run/requests.ts";
import { type DriftKept, readDrift } from "../../core/run/drift-kept.ts";
import { count, listed } from "../../core/words/count.ts";
import { agoWords } from "../../core/words/time.ts";
import { phaseWords } from "../../core/words/states.ts";
import { principalOf } from "../dispatch/dispatch.ts";
import type { SlackCaller } from "../inbound/inbound.ts";
import type { HomeCluster } from "../messages/home.ts";
import { countWords } from "../messages/plan-words.ts";
import type { BotIdentity } from "../ports.ts";
import { type SlackText, empty, esc, moment, mrkdwn } from "../text/slack-text.ts";
import type { Board } from "./board.ts";
import { linkTo } from "./reach.ts";

const mostRuns = 10;

/** How one cluster looks from one person's Home tab; nothing of it where the person may not read. */
export async function loadHome(board: Board, caller: SlackCaller, identity: BotIdentity | undefined): Promise<HomeCluster> {
  const { cluster, style } = board;
  const nobody: HomeCluster = { style, person: undefined, waiting: [], runs: [], now: empty, locks: [], freezes: [], drift: "" };
  try {
    const house = cluster.as(principalOf(caller));
    const authority = await house.authority();
    const who = { principal: principalText(house.principal) };
    const verdict = authorise({ authority, who, action: "read", resource: { kind: "anywhere" } });
    if (!verdict.allowed) return nobody;
    const { person } = verdict;
    const runs = await listRuns(house.store);
    return {
      style,
      person,
      waiting: await waitingFor(board, person, identity),
      runs: await ownRuns(board, runs, person, identity),
      now: await nowText(board, runs),
      ...(await holds(board)),
      drift: driftWords(await readDrift(house.store), house.clock.now()),
    };
  } catch (error) {
    if (!(error instanceof HalliganError)) throw error;
    return { ...nobody, person: "", now: mrkdwn`it cannot be told how it stands: ${esc(error.problems[0].message)}` };
  }
}

/** What the last look for drift found, one line; empty = nobody has looked. */
function driftWords(kept: DriftKept | undefined, now: number): string {
  if (kept === undefined) return "";
  const drifted = kept.nodeRoles.filter(({ state }) => state === "drifted").map(({ id }) => id);
  const others = kept.nodeRoles.length - drifted.length;
  const looked = `looked at ${agoWords(now - kept.at)} by ${kept.by}`;
  if (drifted.length + others + kept.more === 0) return `none, ${looked}`;
  const parts = [
    ...(drifted.length === 0 ? [] : [`${count(drifted.length + kept.more, "node-role")} not as applied (${listed(drifted, 3)})`]),
    ...(others === 0 ? [] : [`${count(others, "node-role")} could not be looked at`]),
  ];
  return `${parts.join(", ")}, ${looked}`;
}

async function linkOf({ book, cluster }: Board, subject: string, identity: BotIdentity | undefined): Promise<SlackText> {
  const kept = await book.get(subject);
  return kept === undefined ? empty : linkTo(identity, kept, `${subject} in ${cluster.name}`);
}

async function waitingFor(board: Board, person: string, identity: BotIdentity | undefined): Promise<HomeCluster["waiting"]> {
  const { approvals, store } = board.cluster.house;
  const open = (await listApprovals(approvals)).filter(({ end }) => end === undefined);
  const waiting: HomeCluster["waiting"][number][] = [];
  for (const state of open) {
    const plan = await readPlan(store, state.plan);
    const standing = standingOf(state, await judgingOf(approvals, state, plan.body));
    if (!standing.requirements.some(({ missing, mayVote }) => missing > 0 && mayVote.includes(person))) continue;
    const { request, author, expiresAt } = await approvalRow(approvals, state);
    const link = await linkOf(board, plan.id, identity);
    waiting.push({ request, plan: plan.id, author, what: countWords(planSummary(plan.body)), expiresAt, link });
  }
  return waiting;
}

async function ownRuns(
  board: Board,
  runs: readonly RunEntry[],
  person: string,
  identity: BotIdentity | undefined,
): Promise<HomeCluster["runs"]> {
  const own = runs
    .filter(({ by }) => by === person)
    .toReversed()
    .slice(0, mostRuns);
  return await Promise.all(
    own.map(async ({ run, plan, phase, at }) => ({
      run,
      plan,
      phase: phase === "requested" ? await goingWords(board, run) : phase,
      at,
      link: await linkOf(board, run, identity),
    })),
  );
}

async function goingWords({ cluster }: Board, run: string): Promise<string> {
  try {
    return phaseWords((await readRunState(cluster.house.store, run)).state);
  } catch (error) {
    if (error instanceof HalliganError) return "asked for";
    throw error;
  }
}

async function nowText(board: Board, runs: readonly RunEntry[]): Promise<SlackText> {
  const going = runs.filter(({ phase }) => phase === "requested");
  const [first] = going;
  const last = runs.findLast(({ phase }) => phase !== "requested");
  if (first !== undefined) {
    const more = going.length > 1 ? mrkdwn`, and ${going.length - 1} more wait behind it` : empty;
    return mrkdwn`${esc(first.run)} of ${esc(first.plan)} by ${esc(first.by)} is ${esc(await goingWords(board, first.run))}${more}.`;
  }
  if (last === undefined) return mrkdwn`nothing has run yet.`;
  return mrkdwn`nothing is going on; ${esc(last.run)} of ${esc(last.plan)} by ${esc(last.by)} ${esc(last.phase)}, ${moment(last.at)}.`;
}

async function holds({ cluster }: Board): Promise<Pick<HomeCluster, "locks" | "freezes">> {
  const { store, clock } = cluster.house;
  const now = clock.now();
  const windows = (await cluster.house.load()).cluster.freezes ?? [];
  const freezes = freezesAhead(await readFreezes(store), windows, now).filter((each) => isOpen(each, now));
  return { locks: locksHeld(await readLocks(store), now).map(lockWords), freezes: freezes.map(freezeWords) };
}
