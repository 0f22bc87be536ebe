import type { NodeRoleProgress } from "../../../core/run/state.ts";
import { hasEnded } from "../../../core/run/state.ts";
import type { Note } from "../../../core/notes/notes.ts";
import { failureOf, notesAbout } from "../../../core/notes/notes.ts";
import { withoutId } from "../../../core/words/events.ts";
import { nextAction } from "../../../core/words/problem.ts";
import { agoWords, durationWords } from "../../../core/words/time.ts";
import type { Loaded } from "../../data/loaded.ts";
import { valueOf } from "../../data/loaded.ts";
import { problemLines } from "../../data/problem-lines.ts";
import type { LogText } from "../../data/run-topics.ts";
import { isWrong } from "../../data/run-tally.ts";
import type { RunView, StepSeen } from "../../data/run-view.ts";
import type { Look } from "../../text/look.ts";
import { type Line, blank, line } from "../../text/line.ts";
import { wrapWords } from "../../text/wrap.ts";
import type { Side } from "../screen.ts";
import { seconds } from "./head.ts";
import { stepWords } from "./matrix.ts";
import { type RunLocal, progressSign } from "./select.ts";

/** What the panel is made of. */
export interface PanelParts {
  readonly view: RunView;
  readonly each: NodeRoleProgress;
  readonly local: RunLocal;
  readonly now: number;
  readonly notes: readonly Note[];
  /** Its output; `undefined` = not to be shown yet. */
  readonly log: Loaded<LogText> | undefined;
  readonly look: Look;
}

/** Everything about one node-role of a run: what went wrong and what to do, its steps, its output. */
export function panelOf(parts: PanelParts): Side {
  const { each, view, now, look, local } = parts;
  const { glyph, word } = progressSign(each, look.glyphs);
  const timing = view.pace.get(each.planned.id);
  const took =
    timing === undefined
      ? ""
      : ` ${timing.endedAt === undefined ? `for ${seconds(now - timing.startedAt)}` : `in ${durationWords(timing.endedAt - timing.startedAt)}`}`;
  const runs = each.state === "transition";
  return {
    title: `${each.planned.id}  ${glyph} ${word}${took}${runs && local.follow ? "  following" : ""}`,
    lines: (width) => panelLines(parts, width),
    end: runs && local.follow,
  };
}

/** The same as rows, for the pager and the log's own page. */
export function panelLines(parts: PanelParts, width: number): readonly Line[] {
  const { view, each, now, look, notes, local } = parts;
  const about = notesOn(notes, each);
  const wrong = isWrong(each.state);
  const steps = stepLines(view, each, now, look, width);
  const log = logLines(parts.log, local.wrap, width, wrong ? lastLines : undefined);
  return [
    ...failureLines(view, each, width, valueOf(parts.log ?? nothing)?.lines ?? []),
    ...noteLines(about, now, width),
    ...(wrong && about.length === 0 ? [line(["m notes something for the next time", "dim"])] : []),
    ...waitLines(view, each, look, width),
    // After a failure its last words matter more than the steps before it.
    ...(wrong ? [...log, ...steps] : [...steps, ...log]),
  ];
}

const nothing: Loaded<LogText> = { phase: "loading", since: 0 };
/** So much of the output is shown with a failure. */
const lastLines = 12;

/** What went wrong, why, and what to do; without the name of the node-role, which stands above. Of `output`, shown elsewhere, only the end is told. */
export function failureLines(
  { state }: RunView,
  { problem, planned, reason }: NodeRoleProgress,
  width: number,
  output: readonly string[],
): readonly Line[] {
  if (problem === undefined) return reason === undefined ? [] : wrapWords(reason, width).map((text) => line([text, "warn"]));
  const { at: _, cause, ...rest } = problem;
  // What is shown as output below is not told twice, but for its last line.
  const told = (cause ?? "").split("\n").filter((text) => text.trim() !== "");
  const known = new Set(output);
  const why = told.length > 1 && told.every((text) => known.has(text)) ? told.at(-1) : cause;
  return problemLines(
    [
      {
        ...rest,
        ...(why === undefined ? {} : { cause: why }),
        message: withoutId(problem.message, planned.id),
        hint: nextAction(state.run, problem),
      },
    ],
    width,
  );
}

/** Notes about a node-role, and about what is wrong with it. */
export function notesOn(notes: readonly Note[], { planned, problem }: NodeRoleProgress): readonly Note[] {
  const { node, role } = planned;
  const failure = problem === undefined ? undefined : failureOf({ code: problem.code, at: { role, ...problem.at } });
  return notesAbout(notes, { node, role, failure });
}

/** Notes from last time. */
export function noteLines(notes: readonly Note[], now: number, width: number): readonly Line[] {
  return notes.flatMap(({ note, by, at, text, role, node }) =>
    wrapWords(
      `${note} about ${role ?? (node === undefined ? "this failure" : "the node")}, ${by}, ${agoWords(now - at)}: ${text}`,
      Math.max(20, width),
    ).map((row) => line([row, "accent"])),
  );
}

/** What it waits for. */
function waitLines({ state }: RunView, { state: stands, planned }: NodeRoleProgress, look: Look, width: number): readonly Line[] {
  if (stands !== "waiting" && stands !== "todo") return [];
  if (hasEnded(state.phase)) return [line(["The run ended before its turn came.", "dim"])];
  const before = planned.after.flatMap((id) => {
    const parent = state.nodeRoles.get(id);
    return parent === undefined || parent.state === "active" || parent.state === "retired" ? [] : [parent];
  });
  if (before.length === 0)
    return wrapWords("Nothing is in its way but its turn: one at a time on a node, and the rollout's batches.", width).map((text) =>
      line([text, "dim"]),
    );
  const shown = before.slice(0, 6).map((parent) => {
    const { glyph, word, tone } = progressSign(parent, look.glyphs);
    return line(["waits for ", "dim"], parent.planned.id, [`  ${glyph} ${word}`, tone]);
  });
  return before.length > shown.length ? [...shown, line([`and ${before.length - shown.length} more`, "dim"])] : shown;
}

function stepLines(view: RunView, each: NodeRoleProgress, now: number, look: Look, width: number): readonly Line[] {
  const seen = view.steps.get(each.planned.id) ?? [];
  const runs = each.state === "transition";
  const started = view.pace.get(each.planned.id)?.startedAt;
  const current =
    runs && !seen.some(({ step }) => step === each.step)
      ? [line([`${look.glyphs.busy} `, "busy"], stepWords(each), [started === undefined ? "" : `  ${seconds(now - started)}`, "dim"])]
      : [];
  const rows = [...seen.flatMap((step) => seenLine(each, step, look, width)), ...current];
  return rows.length === 0 ? [] : [...(each.problem === undefined ? [] : [line(["steps", "strong"])]), ...rows];
}

function seenLine({ planned }: NodeRoleProgress, step: StepSeen, look: Look, width: number): readonly Line[] {
  const label = planned.steps.find(({ id }) => id === step.step)?.label ?? step.step;
  const name = step.section === "steps" ? label : `${step.section} ${label}`;
  const took: readonly [string, "dim"] = [`  ${durationWords(step.durationMs)}`, "dim"];
  switch (step.status) {
    case "ok":
      return [line([`${look.glyphs.ok} `, "ok"], [name, "plain"], took)];
    case "changed":
      return [line([`${look.glyphs.changed} `, "change"], [name, "plain"], took)];
    case "skipped":
      return [line([`${look.glyphs.skipped} `, "dim"], [name, "dim"], ["  skipped", "dim"])];
    case "failed":
    case "timeout":
    case "cancelled": {
      const word = step.status === "failed" ? (step.exitCode === 0 ? "failed" : `exit code ${step.exitCode}`) : step.status;
      return [
        line([`${look.glyphs.bad} `, "bad"], [name, "bad"], [`  ${word}`, "bad"], took),
        ...(step.message === undefined ? [] : wrapWords(step.message, width - 2).map((text) => line(["  ", "plain"], text))),
      ];
    }
    default:
      return step.status satisfies never;
  }
}

/** Output; with `last`, only so many lines of its end. */
function logLines(log: Loaded<LogText> | undefined, wrap: boolean, width: number, last: number | undefined): readonly Line[] {
  if (log === undefined) return [];
  const text = valueOf(log);
  if (text === undefined) return log.phase === "failed" ? [blank, ...problemLines(log.problems, width)] : [];
  const lines = last === undefined ? text.lines : text.lines.slice(-last);
  if (lines.length === 0) return [];
  const rows = wrap ? lines.flatMap((each) => wrapWords(each, width)) : lines;
  const isWhole = text.skipped === 0 && lines.length === text.lines.length;
  return [line([isWhole ? "output" : "output, its end; enter shows all", "strong"]), ...rows.map((each) => line(each))];
}
