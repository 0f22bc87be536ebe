import type { PlanDocument } from "../../core/commands/plan-document.ts";
import { count, listed } from "../../core/words/count.ts";
import { type PlanGroup, planGroups } from "../../core/words/plan-groups.ts";
import { clean, cutPlain } from "../text/clean.ts";
import { lines } from "../text/blocks.ts";
import { type SlackText, block, bold, code, empty, esc, joined, mrkdwn } from "../text/slack-text.ts";
import type { PlanView } from "./plan-view.ts";

/** What a message shows at most. */
const [mostGroups, mostSteps, mostDiffLines, mostDiffChars] = [8, 3, 14, 1500];

/** Groups are found once per plan: a large one has 10,000 node-roles, and its message is made many times. */
const known = new WeakMap<PlanDocument["nodeRoles"], readonly PlanGroup[]>();

/** What a plan would do, folded over nodes, what destroys first. */
function groupsOf({ nodeRoles }: PlanDocument): readonly PlanGroup[] {
  const before = known.get(nodeRoles);
  if (before !== undefined) return before;
  const groups = planGroups(nodeRoles, false);
  known.set(nodeRoles, groups);
  return groups;
}

/** Each group in a line or two: what happens to which role where, and in which steps. */
export function changesText({ document }: PlanView, room: number): SlackText {
  const groups = groupsOf(document);
  const most = Math.max(2, Math.round(mostGroups * room));
  const texts = groups.map((group) => groupLine(group));
  return lines(
    texts,
    most,
    Math.round(2200 * room),
    (left) => mrkdwn`… and ${esc(count(left, "more group"))} of changes: the full plan has all.`,
  );
}

function groupLine({ role, action, nodes, steps, destroys, like }: PlanGroup): SlackText {
  const where = nodes.length === 1 ? esc(nodes[0] ?? "") : mrkdwn`${nodes.length} nodes (${esc(listed(nodes, 4))})`;
  if (action === "remove") return mrkdwn`• *REMOVES* ${bold(esc(role))} from ${where}`;
  const acting = steps.filter((step) => step.change !== "none");
  const shown = acting.toSorted((a, b) => Number(b.change === "destroy") - Number(a.change === "destroy")).slice(0, mostSteps);
  const told = shown.map((step) => mrkdwn`${esc(verbs[step.change])} ${code(cutPlain(step.label, 90))}`);
  const rest = acting.length > shown.length ? mrkdwn` and ${esc(count(acting.length - shown.length, "more step"))}` : empty;
  const also = like === undefined ? empty : mrkdwn` as on ${esc(like)}, but for:`;
  return mrkdwn`• ${destroys ? mrkdwn`*DESTROYS* in ` : empty}${bold(esc(role))} on ${where}:${also} ${joined(told, ", ")}${rest}`;
}

const verbs: Readonly<Record<"none" | "create" | "change" | "destroy" | "unknown", string>> = {
  none: "leaves",
  create: "creates",
  change: "changes",
  destroy: "destroys",
  unknown: "decides in the run about",
};

/** True when a message cannot show all of a plan: groups, steps or lines of diffs are left out. */
export function isCut({ document }: Pick<PlanView, "document">): boolean {
  const groups = groupsOf(document);
  const steps = groups.map((group) => group.steps.filter(({ change }) => change !== "none"));
  const diffs = steps.flat().map(({ diff = "" }) => diff);
  return (
    groups.length > mostGroups ||
    steps.some((each) => each.length > mostSteps) ||
    diffs.some((diff) => diff.split("\n").length > mostDiffLines) ||
    diffs.reduce((sum, diff) => sum + diff.length + 60, 0) > mostDiffChars
  );
}

/** The beginning of the diffs, for who wants to see the lines themselves; empty where there are none. */
export function diffText({ document }: PlanView, room: number): SlackText {
  const most = Math.round(mostDiffChars * room);
  const parts: string[] = [];
  let used = 0;
  for (const { role, nodes, steps } of groupsOf(document)) {
    for (const { label, diff, change } of steps) {
      if (change === "none" || diff === undefined || diff === "" || used >= most) continue;
      const where = nodes.length === 1 ? (nodes[0] ?? "") : `${nodes[0] ?? ""} and ${nodes.length - 1} more`;
      const text = `${role} on ${where}: ${label}\n${body(diff, mostDiffLines)}`;
      parts.push(cutPlain(text, Math.max(120, most - used)));
      used += text.length;
    }
    if (used >= most) break;
  }
  return parts.length === 0 ? empty : block(cutPlain(parts.join("\n"), most));
}

/** A diff without the two lines that name the file, at most so many lines, each cut. */
function body(diff: string, most: number): string {
  const all = clean(diff).replace(/\n$/u, "").split("\n");
  const bare = all[0]?.startsWith("--- ") === true && all[1]?.startsWith("+++ ") === true ? all.slice(2) : all;
  const shown = bare.slice(0, most).map((line) => `  ${cutPlain(line, 110)}`);
  return [...shown, ...(bare.length > most ? [`  … ${bare.length - most} more lines`] : [])].join("\n");
}

/** What the plan risks, in words; empty = nothing out of the ordinary. */
export function riskText({ document, restarts }: PlanView): SlackText {
  const { reach, rollouts } = document;
  const groups = groupsOf(document);
  const removed = groups.filter(({ action }) => action === "remove");
  const destroyed = groups.filter(({ action, destroys }) => destroys && action !== "remove");
  const reboots = restarts.filter(({ what }) => what.startsWith("reboot"));
  const services = restarts.filter(({ what }) => !what.startsWith("reboot"));
  const sentences = [
    ...(removed.length === 0
      ? []
      : [
          mrkdwn`*Removes* ${esc(
            listed(
              removed.map(({ role, nodes }) => `${role} from ${placeWords(nodes)}`),
              4,
            ),
          )}.`,
        ]),
    ...(destroyed.length === 0
      ? []
      : [
          mrkdwn`*Destroys* something in ${esc(
            listed(
              destroyed.map(({ role, nodes }) => `${role} on ${placeWords(nodes)}`),
              4,
            ),
          )}.`,
        ]),
    ...(reboots.length === 0 ? [] : [mrkdwn`*Reboots* ${esc(placeWords(reboots.flatMap(({ nodes }) => nodes)))}.`]),
    ...(services.length === 0
      ? []
      : [
          mrkdwn`*Restarts* ${esc(
            listed(
              services.map(
                ({ what, nodes }) => `${what.replace(/^service /u, "")} on ${nodes.length} of ${count(nodesOf(document), "node")}`,
              ),
              4,
            ),
          )}.`,
        ]),
    ...(rollouts.length === 0
      ? []
      : [
          mrkdwn`In batches: ${esc(
            listed(
              rollouts.map(({ role, members, batch }) => `${role} ${batch} of ${members} nodes at a time`),
              3,
            ),
          )}.`,
        ]),
    ...(reach.dependents === 0
      ? []
      : [
          mrkdwn`${esc(count(reach.dependents, "unchanged node-role"))} ${esc(reach.dependents === 1 ? "depends" : "depend")} on what changes.`,
        ]),
  ];
  return joined(sentences, " ");
}

function nodesOf({ nodeRoles }: PlanDocument): number {
  return new Set(nodeRoles.map(({ node }) => node)).size;
}

function placeWords(nodes: readonly string[]): string {
  return nodes.length <= 3 ? listed(nodes) : `${nodes.length} nodes`;
}
