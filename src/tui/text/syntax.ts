import type { Tone } from "./line.ts";

/** Languages of the files that barclamps write. `conf`: a word, then its values, as in nginx, sshd or haproxy. */
export type Language = "yaml" | "ini" | "json" | "shell" | "conf";

const byEnding: Readonly<Record<string, Language>> = {
  yaml: "yaml",
  yml: "yaml",
  json: "json",
  sh: "shell",
  bash: "shell",
  ini: "ini",
  cnf: "ini",
  toml: "ini",
  service: "ini",
  socket: "ini",
  timer: "ini",
  target: "ini",
  mount: "ini",
  path: "ini",
  slice: "ini",
  network: "ini",
  netdev: "ini",
  link: "ini",
  repo: "ini",
  desktop: "ini",
  properties: "ini",
  env: "shell",
  cfg: "conf",
};

const byPlace: readonly (readonly [RegExp, Language])[] = [
  [/^\/etc\/(?:default|sysconfig|profile\.d)\/|\/\.?(?:bashrc|profile|bash_profile)$/u, "shell"],
  [/^\/etc\/(?:ssh|nginx|apache2|haproxy|cron\.d|apt|chrony|sudoers\.d|modprobe\.d|logrotate\.d)\//u, "conf"],
];

/** The language of a file, by its path, else by what is in it; `undefined` = none of these. */
export function languageOf(path: string, lines: readonly string[]): Language | undefined {
  const first = lines.find((text) => text.trim() !== "") ?? "";
  if (/^#!.*\b(?:ba|da|z|k)?sh\b/u.test(first)) return "shell";
  const ending = /\.([a-z]+)$/u.exec(path)?.[1];
  const known = byEnding[ending ?? ""] ?? byPlace.find(([place]) => place.test(path))?.[1];
  if (known !== undefined && known !== "conf") return known;
  if (lines.some((text) => /^\s*\[[^\]]+\]\s*$/u.test(text))) return "ini";
  if (known !== undefined) return known;
  if (/^\s*[{[]/u.test(first)) return "json";
  const told = lines.filter((text) => !/^\s*(?:[#;].*)?$/u.test(text));
  const most = (pattern: RegExp): boolean => told.length > 0 && told.filter((text) => pattern.test(text)).length * 2 > told.length;
  if (first.startsWith("---") || most(/^\s*(?:- )?[\w."'/-]+:(?:\s|$)|^\s*- /u)) return "yaml";
  if (most(/^\s*[\w.$/-]+\s*=/u)) return "ini";
  return ending === "conf" ? "conf" : undefined;
}

type Rule = readonly [pattern: RegExp, tone: Tone];

const strings: Rule = [/"(?:[^"\\]|\\.)*"|'[^']*'/uy, "text"];
const numbers: Rule = [/(?<![\w.-])-?\d[\d._]*(?:[kKmMgGtT]i?[bB]?|[smhd]|ms|%)?(?![\w.:/-])/uy, "number"];
const words: Rule = [/(?<![\w-])(?:true|false|yes|no|on|off|null|none)(?![\w-])/iuy, "keyword"];

/** The first rule that fits at a place counts; what fits none keeps the tone of its row. */
const rules: Readonly<Record<Language, readonly Rule[]>> = {
  yaml: [
    [/(?<![^\s])#.*/uy, "comment"],
    [/(?<=^\s*(?:- +)*)(?:"[^"]*"|'[^']*'|(?!- )[^\s#:'"{[][^:#]*?)(?=:(?:\s|$))/uy, "key"],
    [/(?<=[{,]\s*)[\w.-]+(?=:\s)/uy, "key"],
    [/(?<=^)(?:---|\.\.\.)(?=\s|$)/uy, "keyword"],
    [/(?<=[\s,[])[&*!][\w!./-]+/uy, "keyword"],
    strings,
    words,
    numbers,
  ],
  ini: [
    [/(?<=^\s*)[#;].*/uy, "comment"],
    [/(?<=^\s*)\[[^\]]*\]+/uy, "keyword"],
    [/(?<=^\s*)[^\s=#;[][^=]*?(?=\s*=)/uy, "key"],
    strings,
    words,
    numbers,
  ],
  json: [[/"(?:[^"\\]|\\.)*"(?=\s*:)/uy, "key"], strings, words, numbers],
  shell: [
    [/(?<![^\s;])#.*/uy, "comment"],
    [/(?<=(?:^|[;&|]|\bexport|\blocal|\breadonly)\s*)\w+(?==)/uy, "key"],
    [/\$(?:\{[^}]*\}|\(|\w+|[@*#?$!-])/uy, "key"],
    [/"(?:[^"\\]|\\.)*"|'[^']*'/uy, "text"],
    [
      /(?<![\w./-])(?:if|then|elif|else|fi|for|in|do|done|while|until|case|esac|function|return|exit|exec|set|export|local|readonly|trap)(?![\w./=-])/uy,
      "keyword",
    ],
  ],
  conf: [[/(?<=^\s*|\s)#.*/uy, "comment"], [/(?<=^\s*)[\w.-]+(?=\s|=|$)/uy, "key"], strings, words, numbers],
};

/** What is passed over at once where no rule fits: rules begin at words and signs, never inside of them. */
const piece = /\w+|\s+|[^]/uy;

/** Longer rows are not looked through: a person does not read them either. */
const longest = 500;

/** One row of a file in pieces, each with its tone; `base` is the tone of everything that means nothing special. */
export function highlight(text: string, language: Language, base: Tone): readonly (readonly [text: string, tone: Tone])[] {
  if (text.length > longest) return [[text, base]];
  const parts: [string, Tone][] = [];
  let plain = "";
  for (let at = 0; at < text.length; ) {
    const found = match(text, at, rules[language]);
    if (found === undefined) {
      piece.lastIndex = at;
      const [skipped = ""] = piece.exec(text) ?? [];
      plain += skipped;
      at += Math.max(1, skipped.length);
      continue;
    }
    if (plain !== "") parts.push([plain, base]);
    plain = "";
    parts.push(found);
    at += found[0].length;
  }
  return plain === "" ? parts : [...parts, [plain, base]];
}

function match(text: string, at: number, of: readonly Rule[]): [string, Tone] | undefined {
  for (const [pattern, tone] of of) {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    if (found !== undefined && found !== "") return [found, tone];
  }
  return undefined;
}
