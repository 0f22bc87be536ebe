import type { ApprovalsDocument } from "../../core/commands/authority/approvals.ts";
import type { LocksDocument } from "../../core/commands/authority/locks.ts";
import type { WhoamiDocument } from "../../core/commands/authority/whoami.ts";
import type { NodeRow, NodesDocument } from "../../core/commands/nodes.ts";
import type { DeployedRow, WhatDocument } from "../../core/commands/what.ts";
import { count, listed } from "../../core/words/count.ts";
import { agoWords } from "../../core/words/time.ts";
import type { Style } from "../grammar/lines.ts";
import { header, lines, section } from "../text/blocks.ts";
import { bold, clockTime, code, empty, esc, joined, moment, mrkdwn, type SlackText } from "../text/slack-text.ts";
import { nextLine, type Told, told } from "./told.ts";

const more = (left: number): SlackText => mrkdwn`… ${left} more`;

/** `what`: what is deployed, by whom, since when. */
export function whatAnswer(document: WhatDocument, style: Style): Told {
  const { cluster, deployments, absent, activeRun, at } = document;
  const rows = deployments.map((each) => whatRow(each, at));
  const summary =
    deployments.length === 0
      ? mrkdwn`Nothing is deployed in ${esc(cluster)} yet.`
      : mrkdwn`${esc(cluster)} has ${esc(count(deployments.length, "deployment"))}: ${lines(rows, 5, 1_200, more)}`;
  const missing = absent.length === 0 ? empty : mrkdwn`Nothing stands of ${esc(listed(absent, 12))}.`;
  const running = activeRun === null ? empty : mrkdwn`${code(activeRun)} is going on and may change this.`;
  const notes = joined([missing, running], "\n");
  return told(
    joined([summary, notes], " "),
    header(`What is deployed in ${cluster}`),
    section(deployments.length === 0 ? summary : lines(rows, 20, 2_600, more)),
    notes === empty ? undefined : section(notes, 900),
    nextLine(
      style,
      deployments.length === 0 ? "`halligan plan` shows what would be." : "`halligan verify` asks the services whether they work.",
    ),
  );
}

function whatRow({ deployment, wanted, barclamps, nodes, last, since }: DeployedRow, at: number): SlackText {
  const made = barclamps.map(({ barclamp, version }) => `${barclamp} ${version ?? "(other files than now)"}`);
  const gone = wanted ? empty : mrkdwn` (not in the file any more)`;
  const facts = `${listed(made)} on ${count(nodes, "node")}, changed ${agoWords(at - last.at)} by ${last.by ?? "somebody"} with`;
  return mrkdwn`${bold(esc(deployment))}${gone}: ${esc(facts)} ${code(last.run)} (${moment(last.at)}); the oldest of it is from ${moment(since)}`;
}

/** `approvals`: what waits for votes. */
export function approvalsAnswer({ requests, more: others, at }: ApprovalsDocument, style: Style): Told {
  if (requests.length === 0) {
    const said = mrkdwn`No approval is asked for in ${esc(style.cluster ?? "this cluster")}.`;
    return told(said, section(said), nextLine(style, "`halligan approvals --all` also lists those that are over."));
  }
  const rows = requests.map(({ request, plan, phase, author, deployments, expiresAt, missing }) => {
    const state = phase === "open" ? missing || "open" : phase;
    const until = expiresAt > at && (phase === "open" || phase === "granted") ? mrkdwn`, until ${clockTime(expiresAt)}` : empty;
    return mrkdwn`${code(request)} plan ${esc(plan)} of ${esc(listed(deployments))} by ${esc(author)}: ${esc(state)}${until}`;
  });
  const [first] = requests;
  const title = `${count(requests.length, "approval request")} of ${style.cluster ?? "the cluster"}`;
  return told(
    mrkdwn`${esc(title)}: ${lines(rows, 5, 1_200, more)}`,
    header(title),
    section(lines(rows, 20, 2_600, (left) => more(left + others))),
    nextLine(
      style,
      `\`halligan approvals ${first?.request ?? "A-1"}\` tells what it is about, \`halligan approve ${first?.request ?? "A-1"}\` approves it.`,
    ),
  );
}

/** `locks`: who holds what, why, until when. */
export function locksAnswer({ locks, at }: LocksDocument, style: Style): Told {
  if (locks.length === 0) {
    const said = mrkdwn`Nothing is locked in ${esc(style.cluster ?? "this cluster")}.`;
    return told(said, section(said), nextLine(style, '`halligan lock --reason "why"` locks the cluster.'));
  }
  const rows = locks.map(({ deployment, holder, reason, since, until }) => {
    const end = until === null ? mrkdwn`until it is released` : mrkdwn`until ${clockTime(until)}`;
    return mrkdwn`${bold(esc(deployment ?? "the whole cluster"))} by ${esc(holder)}, taken ${esc(agoWords(at - since))}, ${end}: ${esc(reason)}`;
  });
  const title = `${count(locks.length, "lock")} in ${style.cluster ?? "the cluster"}`;
  const [first] = locks;
  return told(
    mrkdwn`${esc(title)}: ${lines(rows, 5, 1_200, more)}`,
    header(title),
    section(lines(rows, 20, 2_600, more)),
    nextLine(
      style,
      `\`halligan unlock${first?.deployment === null || first === undefined ? "" : ` ${first.deployment}`}\` releases your own.`,
    ),
  );
}

/** `whoami`, of one cluster or of several. */
export function whoamiAnswer(documents: readonly (readonly [cluster: string, document: WhoamiDocument])[], style: Style): Told {
  const rows = documents.map(([cluster, { person, name, principal, roles, groups, may }]) => {
    if (person === null) return mrkdwn`${bold(esc(cluster))}: ${code(principal)} is nobody in people.yaml, so you may do nothing here.`;
    const own = [...roles.cluster, ...Object.entries(roles.deployments).map(([of, held]) => `${held.join(" and ")} of ${of}`)];
    const facts = `${person}${name === null ? "" : ` (${name})`}, ${own.length === 0 ? "without a role" : listed(own)}`;
    const in_ = groups.length === 0 ? "" : `, in ${listed(groups)}`;
    const can = may.length === 0 ? "nothing for the whole cluster" : listed(may);
    return mrkdwn`${bold(esc(cluster))}: you are ${esc(facts)}${esc(in_)}. You may: ${esc(can)}.`;
  });
  const [first] = documents;
  const stranger = documents.some(([, { person }]) => person === null);
  const text = documents.length === 0 ? mrkdwn`No cluster may be named here.` : lines(rows, 5, 1_800, more);
  return told(
    text,
    section(documents.length === 0 ? text : lines(rows, 15, 2_600, more)),
    stranger && first !== undefined
      ? nextLine(
          style,
          `Ask an admin for a code bound to \`${first[1].principal}\`, then type \`halligan link CODE\` in a direct message to me.`,
        )
      : undefined,
  );
}

/** `nodes`. */
export function nodesAnswer({ cluster, selector, nodes }: NodesDocument, style: Style, at: number): Told {
  const rows = nodes.map((each) => nodeRow(each, at));
  const unseen = nodes.filter(({ seen }) => seen === null).length;
  const title = `${count(nodes.length, "node")} of ${cluster}${selector === null ? "" : ` with ${selector}`}`;
  const unknown = unseen === 0 ? "" : `; ${unseen} never looked at`;
  return told(
    mrkdwn`${esc(title + unknown)}: ${lines(rows, 5, 1_000, more)}`,
    header(title + unknown),
    section(nodes.length === 0 ? mrkdwn`The cluster file has no nodes.` : lines(rows, 40, 2_600, more)),
    nextLine(style, `\`halligan facts ${nodes[0]?.name ?? "NODE"}\` tells all that is known of one.`),
  );
}

function nodeRow({ name, address, labels, seen }: NodeRow, at: number): SlackText {
  const tags = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const known = seen === null ? "never looked at" : `${seen.os ?? "unknown system"}, looked at ${agoWords(at - seen.at)}`;
  return mrkdwn`${code(name)} ${esc(`${address}${tags.length === 0 ? "" : `, ${listed(tags, 6)}`}, ${known}`)}`;
}
