import type { WhyDocument } from "../../core/commands/why.ts";
import type { FilePlace } from "../../core/errors.ts";
import type { PlannedInput } from "../../core/model/plan.ts";
import type { WhySetting, WhyWait } from "../../core/plan/explain.ts";
import { becauseWords } from "../../core/words/because.ts";
import { count, listed } from "../../core/words/count.ts";
import { renderProblems } from "../problems.ts";
import { type Screen, table } from "../screen.ts";
import { formatDuration } from "../../core/model/duration.ts";
import { bytesText } from "./quantities.ts";
import { failureLines } from "./run.ts";
import { type PlanBounds, noBounds, stepLines } from "./plan-steps.ts";

/** Why a node-role is planned, what it waits for, where its values come from. */
export function whyView(document: WhyDocument, screen: Screen): readonly string[] {
  const { id, barclamp, role, problems, waits, inputs, settings } = document;
  return [
    `${screen.bold(id)}: role ${role} of barclamp ${barclamp}`,
    ...lastLines(document, screen),
    ...section("Placed because", placementLines(document), screen),
    ...section("In the last plan", plannedLines(document, screen), screen),
    ...section("Waits for", waits.length === 0 ? ["nothing: it is among the first"] : waits.map(waitLine), screen),
    ...section(
      "Inputs",
      Object.entries(inputs).map(([name, input]) => `${name} = ${inputWords(input)}`),
      screen,
    ),
    ...section("Settings", settings.length === 0 ? [] : settingLines(settings, screen), screen),
    ...(problems.length === 0 ? [] : ["", ...renderProblems(problems, screen)]),
  ];
}

/** First of all: what stands in the way of it. */
function lastLines({ lastRun }: WhyDocument, screen: Screen): readonly string[] {
  if (lastRun === undefined) return [];
  const { run, state, problem, behind, notes } = lastRun;
  const what = { error: "failed", unknown: "ended with an unknown outcome", blocked: "was not started" }[state];
  return section(
    `In ${run} it ${what}`,
    [
      ...(behind.length === 0
        ? failureLines(run, problem, screen)
        : [problem.message, ...behind.flatMap((each) => failureLines(run, each, screen))]),
      ...notes.map(({ by, text }) => `Note from last time (${by}): ${text}`),
    ],
    screen,
  );
}

function section(title: string, lines: readonly string[], screen: Screen): readonly string[] {
  return lines.length === 0 ? [] : ["", screen.bold(title), ...lines.map((line) => `  ${line}`)];
}

function placementLines({ placement, node }: WhyDocument): readonly string[] {
  const { deployment, on, count: wanted, spread, avoid, chosen, place } = placement;
  const rules = [
    ...(wanted === undefined ? ["all of them"] : [`${count(wanted, "node")} of them`]),
    ...(spread === undefined ? [] : [`spread over ${spread}`]),
    ...(avoid.length === 0 ? [] : [`away from ${listed(avoid)}`]),
  ];
  return [
    `deployment ${deployment} places it on \`${on}\`, ${rules.join(", ")}${place === undefined ? "" : ` (${placeWords(place)})`}`,
    `chosen: ${listed(chosen, 12)}${chosen.length > 1 ? `; ${node} is number ${chosen.indexOf(node) + 1} of ${chosen.length}` : ""}`,
  ];
}

/** What the plan would do is told in outline: `halligan diff` has all of it. */
const whyBounds: PlanBounds = { groups: 1, steps: 12, diffLines: 8, problems: 10 };

function plannedLines({ planned, cohort }: WhyDocument, screen: Screen): readonly string[] {
  if (planned === undefined) return ["it is not in it; `halligan plan` makes a new one"];
  if (planned.blocked !== undefined) return [`blocked: ${planned.blocked.code}: ${planned.blocked.message}`, planned.blocked.hint];
  switch (planned.action) {
    case "skip":
      return [`nothing to change: ${count(planned.steps.length, "step")} are as they should be`];
    case "apply":
      return [
        `to be applied in layer ${cohort}${planned.because === undefined ? "" : `, because ${planned.because.map(becauseWords).join(", and ")}`}:`,
        ...outline(planned.steps, screen),
      ];
    case "remove":
      return ["to be removed: no placement asks for it any more", ...outline(planned.steps, screen)];
    default:
      return planned.action satisfies never;
  }
}

/** The steps of the last plan, shortened. */
function outline(steps: NonNullable<WhyDocument["planned"]>["steps"], screen: Screen): readonly string[] {
  const short = stepLines(steps, screen, whyBounds);
  const cut = short.length < stepLines(steps, screen, noBounds).length;
  return [...short.map((line) => line.slice(2)), ...(cut ? ["`halligan diff` shows all of it"] : [])];
}

function waitLine({ why, name, wanted, rule, byUse, providers }: WhyWait): string {
  const who = listed(providers, 8);
  switch (why) {
    case "requires":
      return `${who}: it requires ${wanted ?? name}${ruleWords(rule, byUse)}`;
    case "input":
      return `${who}: input ${name} comes from ${wanted ?? name}${ruleWords(rule, byUse)}`;
    case "founder":
      return `${who}: the first member goes before the others`;
    default:
      return why satisfies never;
  }
}

const ruleText: Readonly<Record<NonNullable<WhyWait["rule"]>, string>> = {
  "same-node": "found on the same node",
  deployment: "found in the same deployment",
  cluster: "found in the cluster",
};

function ruleWords(rule: WhyWait["rule"], byUse: boolean | undefined): string {
  const parts = [...(rule === undefined ? [] : [ruleText[rule]]), ...(byUse === true ? ["chosen by `use`"] : [])];
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}

function inputWords(input: PlannedInput): string {
  return input.known ? JSON.stringify(input.value) : `known after ${listed(input.from)} gives ${input.output}`;
}

function settingLines(settings: readonly WhySetting[], screen: Screen): readonly string[] {
  return table<WhySetting>(
    screen,
    [
      { title: "SETTING", cell: (each) => each.name },
      {
        title: "VALUE",
        cell: settingText,
        flexible: true,
      },
      { title: "FROM", cell: layerText },
      { title: "WRITTEN AT", cell: (each) => (each.place === undefined ? "" : placeWords(each.place)), flexible: true },
    ],
    settings,
  );
}

/** Durations and sizes as people write them; all else as JSON. */
function settingText({ value, secret, type }: WhySetting): string {
  if (secret && typeof value === "string") return value;
  if (typeof value === "number" && type === "duration") return formatDuration(value);
  if (typeof value === "number" && type === "size") return bytesText(value);
  return JSON.stringify(value);
}

function layerText({ layer, layerName }: WhySetting): string {
  if (layer === "default") return "barclamp default";
  return layerName === undefined ? layer : `${layer} ${layerName}`;
}

function placeWords({ file, line, column }: FilePlace): string {
  return `${file}:${line}:${column}`;
}
