import { fail, type Problem } from "../errors.ts";
import { count } from "../words/count.ts";
import { outcomeWords } from "../words/proof-words.ts";
import { durationWords, utcWords } from "../words/time.ts";
import type { VerifyDocument } from "./verify-document.ts";
import { junitText } from "./verify-junit.ts";

/** What a report can be. */
export type ReportFormat = "markdown" | "json" | "junit";

/** The format that a report's file name asks for. @throws `USAGE`. */
export function reportFormat(file: string): ReportFormat {
  if (/\.(md|markdown)$/iu.test(file)) return "markdown";
  if (/\.json$/iu.test(file)) return "json";
  if (/\.xml$/iu.test(file)) return "junit";
  throw fail("USAGE", {
    message: `--report ${file}: the name does not say what it shall be.`,
    hint: "End it in `.md` (Markdown), `.json`, or `.xml` (JUnit).",
  });
}

/** The report of a verification. Pure. */
export function reportText(format: ReportFormat, document: VerifyDocument): string {
  switch (format) {
    case "markdown":
      return markdownText(document);
    case "json":
      return `${JSON.stringify(document, undefined, 2)}\n`;
    case "junit":
      return junitText(document);
    default:
      return format satisfies never;
  }
}

function markdownText(document: VerifyDocument): string {
  const { cluster, at, durationMs, nodeRoles, capabilities, problems } = document;
  const parts = [
    `# What cluster ${plain(cluster)} can do`,
    `${utcWords(at)}, in ${durationWords(durationMs)}. ${summary(document)}`,
    ...(capabilities.length === 0
      ? []
      : [
          "## Capabilities",
          table(
            ["capability", "means", "deployment", "node", "outcome", "time"],
            capabilities.map((each) => [
              `\`${each.capability}\``,
              plain(each.means),
              plain(each.deployment),
              plain(each.node),
              plain(outcomeWords(each)),
              durationWords(each.durationMs),
            ]),
          ),
        ]),
    ...(nodeRoles.length === 0
      ? []
      : [
          "## Node-roles that were asked",
          table(
            ["node-role", "outcome", "time"],
            nodeRoles.map((each) => [plain(each.id), each.ok ? "works" : "failed", durationWords(each.durationMs)]),
          ),
        ]),
    ...(problems.length === 0 ? [] : ["## What went wrong", problems.map(problemText).join("\n\n")]),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** How many of what, one sentence. */
function summary({ nodeRoles, capabilities, counts }: VerifyDocument): string {
  const held = nodeRoles.filter((each) => each.ok).length;
  const notTried = counts.notTried + counts.interrupted;
  const asked = nodeRoles.length === 0 ? [] : [`${held} of ${count(nodeRoles.length, "node-role")} work`];
  const proven =
    capabilities.length === 0
      ? []
      : [`${count(counts.proven, "proof")} given, ${counts.failed} failed, ${notTried} not tried or not ended`];
  const all = [...asked, ...proven];
  return all.length === 0 ? "There was nothing to verify." : `${all.join("; ")}.`;
}

function problemText({ code, message, cause, hint }: Problem): string {
  const why = cause === undefined ? "" : `\n\n${fenced(cause)}`;
  return `**${code}**: ${plain(message)}${why}\n\n${plain(hint)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** A text that Markdown shows as it is, on one line; nothing in it becomes a tag, a link or a cell. */
function plain(text: string): string {
  return text
    .replaceAll(/\s+/gu, " ")
    .replaceAll(/[^\P{C}\u200d]/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(/[\\|*_[\]`~#!]/gu, "\\$&");
}

/** A text in a fence that is longer than any in it. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/gu)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}
