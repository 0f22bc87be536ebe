import type { ExecDocument, ExecGroup, ShownOutput } from "../../core/commands/exec-document.ts";
import { count } from "../../core/words/count.ts";
import { renderProblems } from "../problems.ts";
import type { Screen } from "../screen.ts";

/** Answers of nodes, equal ones once. */
export function execView(document: ExecDocument, screen: Screen): readonly string[] {
  const { groups, unreachable, notStarted } = document;
  return [
    ...groups.flatMap((group) => [...groupLines(group, screen), ""]),
    ...unreachable.flatMap(({ nodes, folded, problem }) => [
      heading(nodes, folded, screen.red("did not begin"), screen),
      ...renderProblems([problem], screen),
      "",
    ]),
    ...(notStarted.length === 0 ? [] : [`${heading(notStarted, notStarted, screen.yellow("not started"), screen)}`, ""]),
    summary(document, screen),
  ];
}

function groupLines(group: ExecGroup, screen: Screen): readonly string[] {
  const stdout = outputLines(group.stdout, screen);
  const stderr = outputLines(group.stderr, screen);
  return [
    heading(group.nodes, group.folded, outcomeWords(group.outcome, screen), screen),
    ...stdout,
    ...(stderr.length === 0 ? [] : [screen.dim("standard error:"), ...stderr]),
    ...(stdout.length + stderr.length === 0 ? [screen.dim("(no output)")] : []),
  ];
}

function heading(nodes: readonly string[], folded: readonly string[], how: string, screen: Screen): string {
  const many = nodes.length > 1 ? ` (${count(nodes.length, "node")})` : "";
  return `${screen.bold(`== ${folded.join(" ")}${many}`)}: ${how}`;
}

function outcomeWords(outcome: ExecGroup["outcome"], screen: Screen): string {
  const still = (gone: boolean): string => (gone ? ", its processes were ended" : ", it may still run");
  switch (outcome.kind) {
    case "exited":
      return outcome.code === 0 ? screen.green("exit 0") : screen.red(`exit ${outcome.code}`);
    case "signalled":
      return screen.red(`ended by signal ${outcome.signal}`);
    case "timeout":
      return screen.red(`took too long${still(outcome.gone)}`);
    case "interrupted":
      return screen.yellow(`interrupted${still(outcome.gone)}`);
    case "lost":
      return screen.red(`began, and how it ended is not known: ${outcome.reason}`);
    default:
      return outcome satisfies never;
  }
}

function outputLines({ totalBytes, encoding, head, omittedBytes, tail }: ShownOutput, screen: Screen): readonly string[] {
  if (totalBytes === 0) return [];
  if (encoding === "base64") return [screen.dim(`(${count(totalBytes, "byte")} that are no text; --json has them)`)];
  if (omittedBytes === 0) return linesOf(head + tail);
  return [...linesOf(head), screen.dim(`(${count(omittedBytes, "byte")} left out here)`), ...linesOf(tail)];
}

function linesOf(text: string): readonly string[] {
  return (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
}

function summary({ counts: { ok, failed, unknown, interrupted } }: ExecDocument, screen: Screen): string {
  const parts = [
    `${ok} of ${count(ok + failed + unknown + interrupted, "node")}: exit 0`,
    ...(failed > 0 ? [screen.red(`failed on ${failed}`)] : []),
    ...(unknown > 0 ? [screen.red(`not reached or not known on ${unknown}`)] : []),
    ...(interrupted > 0 ? [screen.yellow(`interrupted on ${interrupted}`)] : []),
  ];
  return parts.join("; ");
}
