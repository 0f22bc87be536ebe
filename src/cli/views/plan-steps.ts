import type { DocumentedNodeRole } from "../../core/commands/plan-document.ts";
import { count } from "../../core/words/count.ts";
import type { Change } from "../../core/model/plan.ts";
import type { Paint, Screen } from "../screen.ts";

/** How much of a plan is shown before the rest is only counted. */
export interface PlanBounds {
  readonly groups: number;
  readonly steps: number;
  readonly diffLines: number;
  readonly problems: number;
}

/** For `plan`, which is read on one or two screens. */
export const shortBounds: PlanBounds = { groups: 30, steps: 12, diffLines: 12, problems: 10 };
/** For `diff`, which hides nothing. */
export const noBounds: PlanBounds = { groups: Infinity, steps: Infinity, diffLines: Infinity, problems: Infinity };

type Step = DocumentedNodeRole["steps"][number];

/** Sign and words of a change; colour comes on top of them, never instead. */
export function changeMark(change: Change, screen: Screen): { readonly sign: string; readonly words: string; readonly paint: Paint } {
  switch (change) {
    case "create":
      return { sign: "+", words: "create", paint: screen.green };
    case "change":
      return { sign: "~", words: "change", paint: screen.yellow };
    case "destroy":
      return { sign: "-", words: "destroy", paint: screen.red };
    case "unknown":
      return { sign: "?", words: "decided in the run", paint: screen.cyan };
    case "none":
      return { sign: " ", words: "unchanged", paint: screen.dim };
    default:
      return change satisfies never;
  }
}

/** Lines for the steps of one group, indented; unchanged steps are only counted. */
export function stepLines(steps: readonly Step[], screen: Screen, bounds: PlanBounds): readonly string[] {
  const acting = steps.filter((step) => step.change !== "none");
  const shown = acting.slice(0, bounds.steps);
  const unchanged = steps.length - acting.length;
  return [
    ...shown.flatMap((step) => oneStep(step, screen, bounds)),
    ...(acting.length > shown.length ? [`    ${more(screen, acting.length - shown.length, "step")}`] : []),
    ...(unchanged > 0 ? [screen.dim(`    ${count(unchanged, "step")} unchanged`)] : []),
  ];
}

function oneStep(step: Step, screen: Screen, bounds: PlanBounds): readonly string[] {
  const { sign, words, paint } = changeMark(step.change, screen);
  return [`    ${paint(`${sign} ${words}${step.change === "unknown" ? ":" : ""}`)} ${step.label}`, ...diffLines(step.diff, screen, bounds)];
}

function diffLines(diff: string | undefined, screen: Screen, bounds: PlanBounds): readonly string[] {
  if (diff === undefined || diff === "") return [];
  const all = diff.replace(/\n$/u, "").split("\n");
  // The names that a unified diff begins with say what the step's own line has said.
  const lines = all[0]?.startsWith("--- ") === true && all[1]?.startsWith("+++ ") === true ? all.slice(2) : all;
  const shown = lines.slice(0, bounds.diffLines);
  return [
    ...shown.map((line) => `        ${paintDiff(line, screen)}`),
    ...(lines.length > shown.length ? [`        ${more(screen, lines.length - shown.length, "line")}`] : []),
  ];
}

function paintDiff(line: string, screen: Screen): string {
  if (line.startsWith("@@") || line.startsWith("--- ") || line.startsWith("+++ ")) return screen.dim(line);
  if (line.startsWith("+")) return screen.green(line);
  if (line.startsWith("-")) return screen.red(line);
  return line;
}

/** `… 12 more steps`. */
export function more(screen: Screen, n: number, what: string): string {
  return screen.dim(`${screen.unicode ? "…" : "..."} ${n} more ${what}${n === 1 ? "" : "s"}`);
}
