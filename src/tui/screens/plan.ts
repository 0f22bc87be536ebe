import { followsFiles } from "../../core/authority/locks/staleness.ts";
import { documentPlan } from "../../core/commands/plan-document.ts";
import type { Plan } from "../../core/model/plan.ts";
import { count, listed } from "../../core/words/count.ts";
import { purposeCommand, purposeWords } from "../../core/words/purpose.ts";
import { type PlanGroup, planGroups } from "../../core/words/plan-groups.ts";
import { agoWords } from "../../core/words/time.ts";
import { known, see } from "../data/world.ts";
import { remember } from "../data/remember.ts";
import { filesTopic, newestPlanTopic, planTopic, runsTopic } from "../data/topics.ts";
import type { Topic } from "../data/topic.ts";
import type { World } from "../data/world.ts";
import { keyRow } from "../keys/keymap.ts";
import { askToApply } from "../state/ask-apply.ts";
import { splitWords } from "../state/command-line.ts";
import { runWords } from "../state/run-line.ts";
import type { Look } from "../text/look.ts";
import { type Line, blank, line, lineText } from "../text/line.ts";
import { type Column, tableRow, tableShape } from "../text/table.ts";
import { wrapWords } from "../text/wrap.ts";
import { changeSign, diffLines, stepLine } from "./diff.ts";
import { type Row, type Screen, type View, defineScreen, whenReady } from "./screen.ts";

/** Documents and groups of a plan are made once. */
const documented = remember(documentPlan);
const grouped = remember((plan: Plan) => planGroups(documented(plan).nodeRoles, false));

/** The plan that a page is about: the newest where none is named. */
function planOf(param: string): Topic<Plan | undefined> {
  return param === "" ? newestPlanTopic : planTopic(param);
}

const view: Screen<null>["view"] = ({ world, param, look, width, height }) =>
  whenReady<Plan | undefined>(see(world, planOf(param)), "the newest plan", (plan): View => {
    if (plan === undefined)
      return {
        kind: "empty",
        says: "There is no plan yet. A plan looks at the nodes and says what would change, and why; it changes nothing.",
        command: "plan",
      };
    const groups = grouped(plan);
    const rows = groupRows(groups, look, width);
    return { kind: "body", head: head(plan, world, look, height >= 16), rows: rows.length === 0 ? [sameRow(look)] : rows };
  });

/** The newest plan, or the one that is named. */
export const planScreen = defineScreen<null>({
  id: "plan",
  tab: { key: "2", label: "plan" },
  about: "What would change, destroys first, equal changes of several nodes together. A applies exactly this plan.",
  title: ({ param }) => (param === "" ? "plan" : `plan ${param}`),
  topics: (_, { param }) => [planOf(param), filesTopic, runsTopic],
  start: () => null,
  view: (sight) => {
    const shown = view(sight);
    const plan = known(sight.world, planOf(sight.param));
    const group = plan === undefined ? undefined : grouped(plan).find((each) => groupId(each) === sight.list.cursor);
    if (shown.kind !== "body" || group === undefined) return shown;
    return { ...shown, side: { title: `${group.role} on ${listed(group.nodes, 3)}`, lines: (width) => groupLines(group, width) } };
  },
  keys: [
    keyRow("plan", "open", ["enter", "l", "right"], "whole diff", { hint: 9 }),
    keyRow("plan", "apply", ["A"], "apply", { hint: 9, level: "types" }),
    keyRow("plan", "plan", ["p"], "plan again", { hint: 6 }),
    keyRow("plan", "pager", ["o"], "pager", { hint: 3 }),
    keyRow("plan", "why", ["w"], "why", { hint: 3 }),
  ],
  actions: {
    open: ({ param, row, world }) => {
      const plan = known(world, planOf(param));
      return row === undefined || plan === undefined || row.id === "same"
        ? []
        : [{ want: "open", screen: "change", param: `${plan.id} ${row.id}` }];
    },
    apply: ({ world, param }) => {
      const plan = known(world, planOf(param));
      return plan === undefined
        ? [{ want: "notice", tone: "warn", text: "There is no plan to apply; p makes one." }]
        : askToApply(plan, world);
    },
    plan: ({ world, param }) => {
      const purpose = known(world, planOf(param))?.body.purpose;
      const argv = purpose === undefined ? ["plan"] : splitWords(purposeCommand(purpose)).slice(1);
      return runWords(argv, world);
    },
    pager: ({ world, param }) => {
      const plan = known(world, planOf(param));
      if (plan === undefined) return [];
      const text = grouped(plan).flatMap((group) => [
        `${group.role} on ${group.nodes.join(" ")}`,
        ...groupLines(group, 200).map(lineText),
        "",
      ]);
      return [{ want: "effect", effect: { do: "foreground", what: { kind: "pager", title: plan.id, text: text.join("\n") } } }];
    },
    why: ({ world, param, row }) => {
      const plan = known(world, planOf(param));
      const group = plan === undefined ? undefined : grouped(plan).find((each) => groupId(each) === row?.id);
      const [node] = group?.nodes ?? [];
      return group === undefined || node === undefined
        ? []
        : [{ want: "effect", effect: { do: "run", argv: ["why", `${node}/${group.role}`], show: "output" } }];
    },
  },
});

/** One group of a plan, all of it. */
export const changeScreen = defineScreen<null>({
  id: "change",
  about: "The whole diff of one change.",
  title: ({ param }) => param.split(" ").slice(1).join(" ").split("@")[0] ?? "change",
  topics: (_, { param }) => [planTopic(param.split(" ")[0] ?? "")],
  start: () => null,
  view: ({ world, param, width }) => {
    const [id = "", ...rest] = param.split(" ");
    return whenReady(see(world, planTopic(id)), id, (plan): View => {
      const group = grouped(plan).find((each) => groupId(each) === rest.join(" "));
      if (group === undefined) return { kind: "empty", says: `${id} has no such change.`, command: "plan" };
      const lines = groupLines(group, width - 4);
      return {
        kind: "body",
        head: [line(["   ", "plain"], [group.role, "strong"], ` on ${count(group.nodes.length, "node")}`)],
        rows: lines.map((drawn, index): Row => ({ id: `${index}`, text: lineText(drawn), line: () => drawn })),
      };
    });
  },
  keys: [keyRow("change", "pager", ["o"], "pager", { hint: 5 })],
  actions: {
    pager: ({ world, param }) => {
      const [id = "", ...rest] = param.split(" ");
      const plan = known(world, planTopic(id));
      const group = plan === undefined ? undefined : grouped(plan).find((each) => groupId(each) === rest.join(" "));
      if (group === undefined) return [];
      const text = groupLines(group, 200).map(lineText).join("\n");
      return [{ want: "effect", effect: { do: "foreground", what: { kind: "pager", title: `${id} ${group.role}`, text } } }];
    },
  },
});

/** Groups keep their id while their role and first node stay. */
function groupId({ role, nodes, action }: PlanGroup): string {
  return `${role}@${nodes[0] ?? ""}${action === "remove" ? " removed" : ""}`;
}

function head(plan: Plan, world: World, look: Look, roomy: boolean): readonly Line[] {
  const { summary, problems, nodeRoles } = documented(plan);
  const files = known(world, filesTopic);
  const ran = known(world, runsTopic)?.findLast((run) => run.plan === plan.id);
  const outdated = files !== undefined && !followsFiles(plan, files.revision);
  const blocked = nodeRoles.filter((each) => each.blocked !== undefined);
  const told = new Set(blocked.map((each) => each.blocked?.message));
  const other = problems.filter(({ message }) => !told.has(message));
  const groups = grouped(plan);
  const destroying = groups.filter(({ destroys }) => destroys).length;
  return [
    line(
      ["   ", "plain"],
      [plan.id, "strong"],
      ["  ", "plain"],
      [`+${summary.create} create  `, summary.create > 0 ? "add" : "dim"],
      [`~${summary.change} change  `, summary.change > 0 ? "change" : "dim"],
      [`-${summary.destroy} destroy  `, summary.destroy > 0 ? "bad" : "dim"],
      [`${summary.unknown > 0 ? `?${summary.unknown} known later  ` : ""}`, "warn"],
      [`${count(summary.nodeRoles, "node-role")}, by ${plan.author} ${agoWords(world.now - plan.at)}`, "dim"],
    ),
    ...(plan.body.purpose === undefined ? [] : [line(["   ", "plain"], [`${purposeWords(plan.body.purpose)}`, "accent"])]),
    ...(ran === undefined
      ? []
      : [
          line(
            ["   ", "plain"],
            [
              `${ran.run} ${ran.phase === "requested" ? "carries it out now" : `carried it out: ${ran.phase}`}; p plans again.`,
              ran.phase === "failed" ? "bad" : "ok",
            ],
          ),
        ]),
    ...(outdated
      ? [line(["   ", "plain"], [`${look.glyphs.bad} The files have changed since: p plans again, this one is refused.`, "warn"])]
      : []),
    ...(destroying > 0
      ? [
          line(
            ["   ", "plain"],
            [`${look.glyphs.bad} ${count(destroying, "change")} below ${destroying === 1 ? "takes" : "take"} something away.`, "bad"],
          ),
        ]
      : []),
    ...(blocked.length > 0
      ? [
          line(
            ["   ", "plain"],
            [
              `${look.glyphs.skipped} ${count(blocked.length, "node-role")} cannot be carried out: ${blocked[0]?.blocked?.message ?? ""}`,
              "warn",
            ],
          ),
        ]
      : []),
    ...other.slice(0, 2).map((each) => line(["   ", "plain"], [`${look.glyphs.bad} ${each.code}: ${each.message}`, "warn"])),
    ...(roomy ? [blank] : []),
  ];
}

function sameRow(look: Look): Row {
  const drawn = line([`${look.glyphs.ok} Everything is as it should be.`, "ok"]);
  return { id: "same", text: "Everything is as it should be.", line: () => drawn };
}

const groupColumns: readonly Column<PlanGroup>[] = [
  { title: "", cell: (group) => signOf(group).sign, tone: (group) => signOf(group).tone },
  { title: "ROLE", cell: ({ role }) => role, most: 24, tone: ({ destroys }) => (destroys ? "bad" : "strong") },
  { title: "NODES", cell: ({ nodes }) => (nodes.length === 1 ? (nodes[0] ?? "") : count(nodes.length, "node")), most: 20 },
  { title: "WHAT", cell: what, most: 200, drop: 0, tone: ({ destroys }) => (destroys ? "bad" : "plain") },
];

const groupRows = remember((groups: readonly PlanGroup[], look: Look, screenWidth: number): readonly Row[] => {
  const narrow = screenWidth >= 110 ? screenWidth - Math.floor(screenWidth * 0.48) - 4 : screenWidth - 3;
  const shape = tableShape(groupColumns, groups, narrow);
  return groups.map((group) => ({
    id: groupId(group),
    text: `${signOf(group).word} ${group.role} on ${group.nodes.join(" ")}: ${what(group)}`,
    line: () => tableRow(shape, group, look.glyphs.cut),
  }));
});

function signOf(group: PlanGroup): ReturnType<typeof changeSign> {
  if (group.action === "remove") return { ...changeSign("destroy"), word: "remove" };
  const changes = new Set(group.steps.map(({ change }) => change));
  for (const change of ["destroy", "change", "create", "unknown"] as const) if (changes.has(change)) return changeSign(change);
  return changeSign("none");
}

function what(group: PlanGroup): string {
  const changing = group.steps.filter(({ change }) => change !== "none");
  const labels = changing.map(({ label }) => label);
  if (group.action === "remove")
    return `removed: ${listed(
      group.steps.map(({ label }) => label),
      2,
    )}`;
  if (group.like !== undefined) return `as on ${group.like}, but ${listed(labels, 2)}`;
  return listed(labels, 3);
}

/** A group as rows: nodes, steps, and their diffs. */
function groupLines(group: PlanGroup, width: number): readonly Line[] {
  const unchanged = group.steps.filter(({ change }) => change === "none").length;
  return [
    ...(group.destroys ? [line(["TAKES SOMETHING AWAY", "bad"])] : []),
    ...wrapWords(group.nodes.join(" "), width).map((text) => line([text, "dim"])),
    ...(group.own
      ? wrapWords("Shown as on the first node; names and addresses of the others differ.", width).map((text) => line([text, "dim"]))
      : []),
    blank,
    ...group.steps
      .filter(({ change }) => change !== "none" || group.action === "remove")
      .flatMap((step) => [
        stepLine(step),
        ...diffLines(step).map((row): Line => ({ segs: [["    ", "plain"], ...row.segs], look: "normal" })),
      ]),
    ...(unchanged > 0 && group.action !== "remove" ? [line([`  ${count(unchanged, "step")} unchanged`, "dim"])] : []),
  ];
}
