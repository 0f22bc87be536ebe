import type { ImportPlace, Notes } from "./imported.ts";
import { short } from "./imported.ts";

/** One line of an ssh_config: keyword in lower case, its arguments, and the Host lines that it stands under (all must match). */
export interface SshDirective {
  readonly keyword: string;
  readonly words: readonly string[];
  readonly conditions: readonly SshCondition[];
  readonly at: ImportPlace;
}

/** Patterns of a Host line; `match`: a Match block, which no host is in. */
export type SshCondition =
  | { readonly kind: "host"; readonly patterns: readonly string[]; readonly at: ImportPlace }
  | { readonly kind: "match" };

/** An ssh_config with the files that its Include lines name, by pattern as written. */
export interface SshSources {
  readonly file: string;
  readonly text: string;
  readonly includes: ReadonlyMap<string, readonly { readonly file: string; readonly text: string }[]>;
}

/** OpenSSH allows this depth of Include as well. */
export const maxIncludeDepth = 16;
/** Most times that an Include brings in a file: two files that include each other twice would double at every level. */
const maxIncluded = 500;

/** Reads an ssh_config in the order in which OpenSSH does. Never throws. */
export function readSshConfig(sources: SshSources, notes: Notes): readonly SshDirective[] {
  const directives: SshDirective[] = [];
  let included = 0;
  const readFile = (file: string, text: string, outer: readonly SshCondition[], depth: number): void => {
    let inner: SshCondition | undefined;
    for (const [index, raw] of text
      .replace(/^\uFEFF/u, "")
      .split(/\r\n|[\n\r]/u)
      .entries()) {
      const at = { file, line: index + 1 };
      const line = readSshLine(raw);
      if (line === undefined) continue;
      if (line === "open quote") {
        notes.add("unread", at, "The line cannot be read: a quote is not closed.");
        continue;
      }
      const { keyword, words } = line;
      const conditions = inner === undefined ? outer : [...outer, inner];
      if (keyword === "host") {
        inner = { kind: "host", patterns: words, at };
        directives.push({ keyword, words, conditions: [...outer, inner], at });
      } else if (keyword === "match") {
        inner = { kind: "match" };
        notes.add("left", at, "A Match block is not carried over: whether it holds is known only when ssh runs.");
      } else if (keyword === "include") {
        for (const pattern of words)
          if (depth >= maxIncludeDepth) notes.add("unread", at, `Includes are nested more than ${maxIncludeDepth} deep.`);
          else if ((sources.includes.get(pattern) ?? []).length === 0) notes.add("unread", at, `No file fits Include ${short(pattern)}.`);
          else
            for (const each of sources.includes.get(pattern) ?? [])
              if ((included += 1) <= maxIncluded) readFile(each.file, each.text, conditions, depth + 1);
      } else directives.push({ keyword, words, conditions, at });
    }
  };
  readFile(sources.file, sources.text, [], 0);
  if (included > maxIncluded)
    notes.add("unread", { file: sources.file, line: 1 }, `Include brings in more than ${maxIncluded} files; the others are not read.`);
  return directives;
}

/** Patterns of the Include lines of a text. */
export function includePatterns(text: string): readonly string[] {
  return text.split(/\r\n|[\n\r]/u).flatMap((raw) => {
    const line = readSshLine(raw);
    return typeof line === "object" && line.keyword === "include" ? line.words : [];
  });
}

function readSshLine(raw: string): { readonly keyword: string; readonly words: readonly string[] } | undefined | "open quote" {
  const line = raw.trim();
  if (line === "" || line.startsWith("#")) return undefined;
  const match = /^([A-Za-z0-9]+)(?:\s*=\s*|\s+|$)(.*)$/su.exec(line.replace(/^"([A-Za-z0-9]+)"/u, "$1"));
  if (match === null) return { keyword: short(line.split(/[\s=]/u)[0] ?? ""), words: [] };
  const keyword = (match[1] ?? "").toLowerCase();
  // the rest of these lines is a command, with quotes of its own
  if (/^(proxycommand|localcommand|remotecommand|knownhostscommand)$/u.test(keyword)) return { keyword, words: [match[2] ?? ""] };
  const words = sshWords(match[2] ?? "");
  return words === undefined ? "open quote" : { keyword, words };
}

/** Arguments as OpenSSH splits them: quotes join, a backslash goes before quotes, spaces and backslashes, `#` begins a comment. */
export function sshWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let index = 0; index < text.length; index += 1) {
    const sign = text[index] ?? "";
    const next = text[index + 1] ?? "";
    if (sign === "\\" && (next === '"' || next === "'" || next === "\\" || (quote === "" && next === " "))) {
      word = (word ?? "") + next;
      index += 1;
    } else if (quote !== "") {
      if (sign === quote) quote = "";
      else word = (word ?? "") + sign;
    } else if (sign === '"' || sign === "'") {
      quote = sign;
      word ??= "";
    } else if (/\s/u.test(sign)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (sign === "#" && word === undefined) break;
    else word = (word ?? "") + sign;
  }
  if (quote !== "") return undefined;
  if (word !== undefined) words.push(word);
  return words;
}

/** True when a host name fits the patterns of a Host line: one fits, and none that begins with `!` does. Case counts. */
export function fitsHost(patterns: readonly string[], name: string): boolean {
  const fits = (pattern: string): boolean => wildcard(pattern, name);
  if (patterns.some((pattern) => pattern.startsWith("!") && fits(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith("!") && fits(pattern));
}

/** `*` stands for any characters, `?` for one; linear in practice, without regular expressions. */
function wildcard(pattern: string, name: string): boolean {
  let [at, index, star, mark] = [0, 0, -1, 0];
  while (index < name.length) {
    if (pattern[at] === "*") {
      [star, mark] = [at, index];
      at += 1;
    } else if (at < pattern.length && (pattern[at] === "?" || pattern[at] === name[index])) {
      at += 1;
      index += 1;
    } else if (star !== -1) {
      at = star + 1;
      mark += 1;
      index = mark;
    } else return false;
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}
