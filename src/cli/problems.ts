import type { ClusterPlace, FilePlace, Problem } from "../core/errors.ts";
import { codes } from "../core/problems/codes.ts";
import { safeText, safeValue } from "../core/words/safe-text.ts";
import { type Screen, wrapText } from "./screen.ts";
import { cutToWidth, textWidth } from "../core/words/text-width.ts";

/** The most problems that are shown in words; `--json` shows all. */
const mostShown = 50;

/** Problems in words: those of files by file and line with the line and a mark below the place, then the others. Texts may come from anywhere. */
export function renderProblems(problems: readonly Problem[], screen: Screen): readonly string[] {
  const ordered = [...problems]
    .map((each, index) => ({ each: clean(each), index }))
    .sort((a, b) => compare(a.each, b.each) || a.index - b.index);
  const shown = ordered.slice(0, mostShown).map(({ each }) => renderProblem(each, screen));
  const lines = shown.flatMap((block, index) => (index === 0 ? block : ["", ...block]));
  const hidden = ordered.length - shown.length;
  if (hidden > 0) lines.push("", `... and ${hidden} more; --json shows all.`);
  if (ordered.length > 1) lines.push("", screen.bold(howMany(problems)));
  return lines;
}

/** What stops nothing is a notice. */
function howMany(problems: readonly Problem[]): string {
  const notices = problems.filter(isNotice).length;
  const faults = problems.length - notices;
  return [
    ...(faults === 0 ? [] : [faults === 1 ? "1 problem" : `${faults} problems`]),
    ...(notices === 0 ? [] : [notices === 1 ? "1 notice" : `${notices} notices`]),
  ].join(", ");
}

function isNotice({ code }: Problem): boolean {
  return codes[code].exit === 0;
}

/** One problem: code and message, place, cause, next action, where it is explained. */
function renderProblem(problem: Problem, screen: Screen): readonly string[] {
  const where = problem.at === undefined || isFile(problem.at) ? "" : clusterPlace(problem.at);
  const paint = isNotice(problem) ? screen.yellow : screen.red;
  const head = `${paint(screen.bold(problem.code))} ${where === "" ? "" : `${screen.bold(where)}: `}${problem.message}`;
  return [
    ...head.split("\n"),
    ...(problem.at !== undefined && isFile(problem.at) ? filePlace(problem.at, screen) : []),
    ...(problem.cause === undefined ? [] : labelled("cause", problem.cause, screen)),
    ...labelled("next", problem.hint, screen),
    `  ${screen.dim(`see    ${problem.docs}`)}`,
  ];
}

function labelled(label: string, text: string, screen: Screen): readonly string[] {
  const room = Math.max(20, screen.width - 9);
  return wrapText(text, room).map((line, index) => `  ${index === 0 ? screen.cyan(label.padEnd(5)) : "     "}  ${line}`);
}

/** `file:line:column`, the line and a caret; a long line is cut around the place. */
function filePlace(at: FilePlace, screen: Screen): readonly string[] {
  const place = `  ${screen.dim(screen.unicode ? "╰─" : "at")} ${at.file}:${at.line}:${at.column}`;
  if (at.text === undefined) return [place];
  const number = String(at.line);
  const bar = screen.dim(screen.unicode ? "│" : "|");
  // the column counts characters of the line as it is written, so what stands before it is made safe by itself
  const before = shownLine(at.text.slice(0, at.column - 1));
  const line = before + shownLine(at.text.slice(at.column - 1));
  const room = Math.min(screen.width, 200) - number.length - 6;
  const skip = textWidth(before) > room - 20 ? textWidth(before) - Math.floor(room / 2) : 0;
  const [visible, caretAt] = skip === 0 ? [line, textWidth(before)] : [`...${dropWidth(line, skip + 3)}`, textWidth(before) - skip];
  return [
    place,
    `  ${screen.dim(number)} ${bar} ${cutToWidth(visible, room, screen.unicode ? "…" : "~")}`,
    `  ${" ".repeat(number.length)} ${bar} ${" ".repeat(Math.max(0, caretAt))}${screen.red("^")}`,
  ];
}

function shownLine(text: string): string {
  return safeText(text).replaceAll("\t", "  ").replaceAll("\n", " ");
}

function dropWidth(text: string, width: number): string {
  let rest = text;
  while (rest !== "" && textWidth(text) - textWidth(rest) < width)
    rest = rest.slice(rest.codePointAt(0) !== undefined && (rest.codePointAt(0) ?? 0) > 0xffff ? 2 : 1);
  return rest;
}

function isFile(at: FilePlace | ClusterPlace): at is FilePlace {
  return "file" in at;
}

function clusterPlace({ node, role, step }: ClusterPlace): string {
  return [[node, role].filter((part) => part !== undefined).join("/"), step].filter((part) => part !== undefined && part !== "").join(" ");
}

function compare(a: Problem, b: Problem): number {
  const [left, right] = [a.at, b.at];
  const [leftFile, rightFile] = [
    left !== undefined && isFile(left) ? left : undefined,
    right !== undefined && isFile(right) ? right : undefined,
  ];
  if (leftFile === undefined || rightFile === undefined) return Number(leftFile === undefined) - Number(rightFile === undefined);
  return leftFile.file < rightFile.file
    ? -1
    : leftFile.file > rightFile.file
      ? 1
      : leftFile.line - rightFile.line || leftFile.column - rightFile.column;
}

/** All texts made safe but the offending line, whose columns must still count. */
function clean(problem: Problem): Problem {
  const safe = safeValue(problem);
  if (problem.at === undefined || safe.at === undefined || !isFile(problem.at) || problem.at.text === undefined) return safe;
  return { ...safe, at: { ...safe.at, text: problem.at.text } };
}
