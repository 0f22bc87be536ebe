import type { PlanDocument } from "../../core/commands/plan-document.ts";
import { count, listed } from "../../core/words/count.ts";
import { purposeWords } from "../../core/words/purpose.ts";
import { becauseWords } from "../../core/words/because.ts";
import { placeOf } from "../../core/words/problem.ts";
import { type Screen, wrapText } from "../screen.ts";
import { policyLines } from "./authority/policy.ts";
import { cutToWidth } from "../../core/words/text-width.ts";
import { type PlanGroup, planGroups } from "../../core/words/plan-groups.ts";
import { secretLines } from "./plan-secrets.ts";
import { type PlanBounds, changeMark, more, noBounds, shortBounds, stepLines } from "./plan-steps.ts";

/** A plan, short enough to read before saying yes. */
export function planView(document: PlanDocument, screen: Screen): readonly string[] {
  return planLines(document, screen, shortBounds);
}

/** A plan with every step and every line of every diff. */
export function diffView(document: PlanDocument, screen: Screen): readonly string[] {
  return planLines(document, screen, noBounds);
}

function planLines(document: PlanDocument, screen: Screen, bounds: PlanBounds): readonly string[] {
  const groups = planGroups(document.nodeRoles, bounds === noBounds);
  const shown = groups.slice(0, bounds.groups);
  const rest = groups.length - shown.length;
  const body = shown.flatMap((group) => groupLines(group, document, screen, bounds));
  const cut = cutWasNeeded(groups, bounds) ? [`${screen.unicode ? "…" : "..."} \`halligan diff ${document.id}\` shows all of it.`, ""] : [];
  // Steps and diffs are cut to the screen; problems and what to do next are wrapped, so that their commands stay whole.
  const cutLine = (line: string): string => (bounds === noBounds || !Number.isFinite(screen.width) ? line : cutPainted(line, screen));
  return [
    ...header(document, groups, screen).map(cutLine),
    ...body.map(cutLine),
    ...(rest > 0 ? [more(screen, rest, "group"), ""] : []),
    ...secretLines(document, screen, bounds === noBounds ? Infinity : 8),
    ...problemLines(document, screen, bounds),
    ...policyLines(document.policy, screen, bounds === noBounds ? "whole" : "short"),
    ...(groups.length === 0 ? [] : [...orderLines(document, screen).flatMap((line) => wrapText(line, screen.width)), ...cut]),
    ...gateLines(document, screen),
    ...footer(document, groups, screen),
  ];
}

/** What would stand in the way of its run now. */
function gateLines({ gates = [] }: PlanDocument, screen: Screen): readonly string[] {
  if (gates.length === 0) return [];
  const lines = gates.flatMap(({ problem }) => wrapText(`${problem.code} ${problem.message}`, screen.width - 2).map((line) => `  ${line}`));
  return [screen.yellow("Its run would have to wait:"), ...lines, ""];
}

function header(document: PlanDocument, groups: readonly PlanGroup[], screen: Screen): readonly string[] {
  const { id, cluster, deployments, summary } = document;
  const about = deployments.length === 0 ? "" : `, ${deployments.length === 1 ? "deployment" : "deployments"} ${listed(deployments)}`;
  const why = document.purpose === undefined ? "" : `, ${purposeWords(document.purpose)}`;
  const title = `${screen.bold(`Plan ${id}`)} of cluster ${cluster}${about}${why}`;
  if (groups.length === 0) return [title, ""];
  const { create, change, destroy, unknown, unchanged, steps, nodeRoles } = summary;
  const parts = [
    ...(destroy > 0 ? [screen.red(`${destroy} to destroy`)] : []),
    ...(create > 0 ? [screen.green(`${create} to create`)] : []),
    ...(change > 0 ? [screen.yellow(`${change} to change`)] : []),
    ...(unknown > 0 ? [screen.cyan(`${unknown} decided in the run`)] : []),
    `${unchanged} unchanged`,
  ];
  return [title, `${parts.join(", ")}  ${screen.dim(`(${count(steps, "step")} of ${count(nodeRoles, "node-role")})`)}`, ""];
}

function groupLines(group: PlanGroup, { id: plan, nodeRoles }: PlanDocument, screen: Screen, bounds: PlanBounds): readonly string[] {
  const { role, action, nodes, steps, own, like } = group;
  const kind = action === "remove" ? "destroy" : strongest(group);
  const { sign, paint } = changeMark(kind, screen);
  const where = nodes.length === 1 ? (nodes[0] ?? "") : `${listed(nodes, bounds === noBounds ? Infinity : 8)} (${nodes.length} nodes)`;
  return [
    `${paint(sign)} ${screen.bold(role)} on ${where}${action === "remove" ? screen.red(": removed") : ""}`,
    ...becauseLines(group, nodeRoles, screen),
    ...(like === undefined ? [] : [screen.dim(`    as on ${like}, but for ${count(steps.length, "step")}:`)]),
    ...(own ? [screen.dim(`    as on ${nodes[0]}; the others differ in names and addresses only (\`halligan diff ${plan}\`)`)] : []),
    ...stepLines(steps, screen, bounds),
    "",
  ];
}

/** Why the node-roles of a group are changed; each reason once. That a removal is one is said already. */
function becauseLines({ role, nodes, action }: PlanGroup, nodeRoles: PlanDocument["nodeRoles"], screen: Screen): readonly string[] {
  if (action === "remove") return [];
  const of = new Set(nodes);
  const reasons = nodeRoles.flatMap((each) => (each.role === role && of.has(each.node) ? (each.because ?? []).map(becauseWords) : []));
  return reasons.length === 0 ? [] : [screen.dim(`    because ${[...new Set(reasons)].slice(0, 3).join("; ")}`)];
}

/** The sign of a group: what its steps do, if they all do the same, else a change. */
function strongest({ steps }: PlanGroup): "create" | "change" | "destroy" | "unknown" {
  const kinds = new Set(steps.flatMap((step) => (step.change === "none" ? [] : [step.change])));
  const [only] = kinds;
  return kinds.size === 1 && only !== undefined ? only : "change";
}

function problemLines(document: PlanDocument, screen: Screen, bounds: PlanBounds): readonly string[] {
  const { problems, nodeRoles } = document;
  if (problems.length === 0) return [];
  const blocked = nodeRoles.filter((each) => each.blocked !== undefined);
  const nodes = new Set(blocked.map((each) => each.node));
  const left = blocked.length === 0 ? "" : `: ${count(blocked.length, "node-role")} on ${listed([...nodes], 8)} left out`;
  const shown = problems.slice(0, bounds.problems);
  return [
    ...wrapText(`${count(problems.length, "problem")}${left}`, screen.width).map(screen.red),
    ...shown.flatMap((each) => {
      const place = placeOf(each.at);
      const where = place === undefined || each.message.includes(place.id) ? "" : `${place.id}: `;
      const [first = "", ...rest] = wrapText(`${each.code}: ${where}${each.message}`, Math.max(20, screen.width - 6));
      return [
        `  ${first.replace(each.code, screen.red(each.code))}`,
        ...[...rest, ...causeLines(each, screen), ...wrapText(each.hint, Math.max(20, screen.width - 6))].map((line) => `      ${line}`),
      ];
    }),
    ...(problems.length > shown.length ? [`  ${more(screen, problems.length - shown.length, "problem")}`] : []),
    "",
  ];
}

function causeLines({ cause }: PlanDocument["problems"][number], screen: Screen): readonly string[] {
  return cause === undefined || cause === ""
    ? []
    : cause.split("\n").flatMap((line) => wrapText(`(${line})`, Math.max(20, screen.width - 6)));
}

function orderLines({ reach, criticalPath, rollouts }: PlanDocument, screen: Screen): readonly string[] {
  const arrow = screen.unicode ? " → " : " -> ";
  const path =
    criticalPath.length > 6 ? [...criticalPath.slice(0, 3), screen.unicode ? "…" : "...", ...criticalPath.slice(-2)] : criticalPath;
  const batches = rollouts.slice(0, 6).map(({ role, members, batch }) => `${role} ${batch} of ${members} nodes at a time`);
  return [
    `Touches ${count(reach.nodes.length, "node")}: ${listed(reach.nodes, 8)}.${reach.dependents > 0 ? ` ${count(reach.dependents, "unchanged node-role")} ${reach.dependents === 1 ? "depends" : "depend"} on what changes.` : ""}`,
    ...(criticalPath.length > 1 ? [`Critical path: ${path.join(arrow)}.`] : []),
    ...(batches.length > 0 ? [`In batches: ${batches.join("; ")}.`] : []),
    "",
  ];
}

function footer(document: PlanDocument, groups: readonly PlanGroup[], screen: Screen): readonly string[] {
  const denied = document.policy?.violations.find((each) => each.blocks);
  if (groups.length > 0 && denied !== undefined)
    return [
      `Next: ${screen.bold(`halligan policy explain ${denied.rule}`)} tells what the rule wants; a cured or waived one is no obstacle.`,
    ];
  const { proposal } = document;
  const first = proposal === undefined ? "" : `${screen.bold(`halligan propose commit ${proposal}`)}, then `;
  const { nodeRoles, problems, purpose, summary } = document;
  if (purpose?.kind === "preview") {
    const found = groups.length > 0 ? "" : "All is as it was last applied, as far as that can be told. ";
    return [`${found}Next: ${screen.bold("halligan plan")} asks the nodes what would change, and makes a plan that can be applied.`];
  }
  if (groups.length > 0) return [`Next: ${first}${screen.bold(`halligan apply ${document.id}`)}`];
  const nodes = new Set(nodeRoles.map((each) => each.node)).size;
  if (nodeRoles.length === 0)
    return [
      purpose === undefined ? "Nothing to do: no role is placed on any node." : "Nothing to do: none of it is placed or stands any more.",
    ];
  if (problems.length > 0) return ["Nothing to change on the nodes that could be checked."];
  const steps = summary.steps === 0 ? "" : `${count(summary.steps, "step")} of `;
  return [`Nothing to change: ${steps}${count(nodeRoles.length, "node-role")} on ${count(nodes, "node")} are as they should be.`];
}

function cutWasNeeded(groups: readonly PlanGroup[], bounds: PlanBounds): boolean {
  return (
    groups.length > bounds.groups ||
    groups.some(
      ({ steps, nodes }) =>
        nodes.length > 8 ||
        steps.filter((step) => step.change !== "none").length > bounds.steps ||
        steps.some((step) => (step.diff ?? "").trimEnd().split("\n").length > bounds.diffLines),
    )
  );
}

/** Cuts a line to the screen; a cut line loses its colours rather than leaving one open. */
function cutPainted(line: string, screen: Screen): string {
  const bare = line.replaceAll(/\u001b\[[0-9;]*m/gu, "");
  const cut = cutToWidth(bare, screen.width, screen.unicode ? "…" : "...");
  return cut === bare ? line : cut;
}
