import { readdirSync } from "node:fs";
import { join } from "node:path";

/** The repository. */
export const root = join(import.meta.dirname, "..", "..");

/** A fenced block. */
export interface Fence {
  readonly language: string;
  readonly text: string;
}

/** Documents for people: README, CHANGELOG, everything below docs; paths relative to the root. */
export function documents(): readonly string[] {
  const below = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".md"));
  return ["README.md", "CHANGELOG.md", ...below.map((path) => join("docs", path)).toSorted()];
}

const fence = /^```([a-z]*)\n([\s\S]*?)^```$/gmu;

/** Fenced blocks, in order. */
export function fences(markdown: string): readonly Fence[] {
  return [...markdown.matchAll(fence)].map(([, language = "", text = ""]) => ({ language, text }));
}

/** The text without fenced blocks and code spans, for links and headings. */
export function prose(markdown: string): string {
  return markdown.replace(fence, "").replaceAll(/`[^`\n]*`/gu, (span) => span.replaceAll(/[[\]()]/gu, " "));
}

/** A line that shows usage (`[OPTIONS]`, `|`, `...`, capitals for values) or quotes nothing to be typed. */
const isPattern = (line: string): boolean => /[[\]|<>]|\.\.\.|\b[A-Z][A-Z_]+\b|\$\(|…/u.test(line);

/**
 * Lines that people may type: in blocks, those that begin with `halligan` or `$ halligan`; in prose, code spans that begin with `halligan`.
 * Usage patterns, and lines that need a shell to be read, are left out.
 */
export function commandLines(markdown: string): readonly string[] {
  const typed = fences(markdown)
    .filter((each) => each.language === "sh" || each.language === "text")
    .flatMap((each) => each.text.split("\n"))
    .flatMap((line) => /^(?:\$ )?(halligan .+?)(?: +#.*)?$/u.exec(line)?.[1] ?? []);
  const spans = [...markdown.replace(fence, "").matchAll(/`(halligan [^`\n]+)`/gu)].map(([, line = ""]) => line);
  return [...typed, ...spans].filter((line) => !isPattern(line) && !/['"]/u.test(line) && !/^halligan (engine|serve|tui)\b/u.test(line));
}

/** The anchor that GitHub gives a heading. */
export function anchor(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}
