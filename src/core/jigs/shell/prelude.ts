import { stepKinds } from "./kinds/index.ts";
import { batchPrelude } from "./prelude/batch.ts";
import { filesPrelude } from "./prelude/files.ts";
import { framesPrelude } from "./prelude/frames.ts";
import { gatherPrelude } from "./prelude/gather.ts";
import { guardsPrelude } from "./prelude/guards.ts";
import { helperPrelude, withProgram } from "./prelude/helper.ts";
import { checkPrelude } from "./prelude/look.ts";
import { applyPrelude, stepPrelude } from "./prelude/main.ts";
import { provePrelude } from "./prelude/prove.ts";
import { runPrelude } from "./prelude/run.ts";
import { witnessPrelude } from "./prelude/witness.ts";

/** Shell functions by name, and the settings that stand before them. */
interface Functions {
  readonly settings: string;
  readonly byName: ReadonlyMap<string, { readonly text: string; readonly calls: ReadonlySet<string> }>;
}

/** The prelude of a script in two parts: what its first part calls, directly or not, and what only the second calls. Each ends with a line break. */
interface Prelude {
  /** The variables of the functions of both, all empty: to stand before everything else in a script that has thousands of its own. */
  readonly variables: Uint8Array;
  readonly settings: Uint8Array;
  readonly early: Uint8Array;
  readonly late: Uint8Array;
}

/** Functions of the common texts and of some kinds, by the kinds' names: scripts of many nodes are made of the same ones. */
const known = new Map<string, Functions>();

/** Preludes by what the scripts call: those of one role call the same functions on every node. */
const made = new Map<string, Prelude>();
/** More than the roles of most clusters need. Past it, all are forgotten: some 30 KB each. */
const madeAtMost = 256;

/** The prelude that a script needs: settings, and only those functions that it calls. */
export function preludeFor(early: string, late: string, kinds: ReadonlySet<string>): Prelude {
  const functions = functionsOf([...kinds].toSorted());
  const names = [early, late].map((text) => [...namesIn(text)].filter((name) => functions.byName.has(name)).toSorted());
  const [first = [], second = []] = names;
  const key = [[...kinds].toSorted(), first, second].map((each) => each.join(" ")).join("\n");
  const before = made.get(key);
  if (before !== undefined) return before;
  const prelude = makePrelude(functions, first, second);
  if (made.size >= madeAtMost) made.clear();
  made.set(key, prelude);
  return prelude;
}

function makePrelude({ settings, byName }: Functions, early: readonly string[], late: readonly string[]): Prelude {
  const seen = new Set<string>();
  const called = (first: Iterable<string>): string => {
    const wanted = new Set<string>();
    const visit = (names: Iterable<string>): void => {
      for (const name of names) {
        const found = byName.get(name);
        if (found === undefined || seen.has(name)) continue;
        seen.add(name);
        wanted.add(name);
        visit(found.calls);
      }
    };
    visit(first);
    return [...byName].flatMap(([name, { text }]) => (wanted.has(name) ? [text] : [])).join("\n");
  };
  const bytes = (text: string): Uint8Array => Buffer.from(`${text}\n`);
  const [first, second] = [called(early), called(late)];
  const [sooner, later] = [first, second].map((each) => withProgram(each, first + second)) as [string, string];
  return { variables: bytes(variablesOf(sooner + later)), settings: bytes(settings), early: bytes(sooner), late: bytes(later) };
}

/** Empty assignments to all variables that a text gives a value and whose names are not put together. */
function variablesOf(text: string): string {
  const name = "(?:hg_\\w+|[a-z]{1,2})";
  const given = text.match(new RegExp(`(?<=^|[\\s;"(])${name}(?==)`, "gmu")) ?? [];
  const walked = text.match(new RegExp(`(?<=\\bfor )${name}(?= in\\b)`, "gu")) ?? [];
  const read = text.match(new RegExp(`(?<=\\bread -r )${name}(?: ${name})*`, "gu")) ?? [];
  return [...new Set([...given, ...walked, ...read.flatMap((names) => names.split(" "))])].map((each) => `${each}=`).join(" ");
}

/** These see to the folder themselves when they need it. */
const makeFolder: ReadonlySet<string> = new Set(["hg_borrow", "hg_grep_hidden", "hg_leave", "hg_volatile"]);

/** True when this text, or a function that it calls, directly or not, keeps something in the volatile folder. */
export function usesVolatile(text: string, kinds: ReadonlySet<string>): boolean {
  const { byName } = functionsOf([...kinds].toSorted());
  const seen = new Set<string>(makeFolder);
  const uses = (body: string, calls: ReadonlySet<string>): boolean => {
    if (body.includes("HG_VOLATILE")) return true;
    for (const name of calls) {
      if (seen.has(name)) continue;
      seen.add(name);
      const found = byName.get(name);
      if (found !== undefined && uses(found.text, found.calls)) return true;
    }
    return false;
  };
  return uses(text, namesIn(text));
}

function functionsOf(kinds: readonly string[]): Functions {
  const key = kinds.join(" ");
  const before = known.get(key);
  if (before !== undefined) return before;
  const texts = [
    framesPrelude,
    helperPrelude,
    gatherPrelude,
    guardsPrelude,
    filesPrelude,
    runPrelude,
    stepPrelude,
    batchPrelude,
    checkPrelude,
    applyPrelude,
    provePrelude,
    witnessPrelude,
  ];
  const own = [...new Set(kinds.map((kind) => stepKinds.get(kind)?.prelude ?? ""))];
  const functions = split([...texts, ...own].join("\n").replaceAll(comments, ""));
  known.set(key, functions);
  return functions;
}

/** Whole lines of comments: for who reads the source, not for nodes. */
const comments = /^ *# .*\n/gmu;

/** A tenth of what functions take on their way. What stands in quotes over several lines are programs, which do not mind either. */
const indents = /\n +/gu;

function namesIn(text: string): ReadonlySet<string> {
  return new Set(text.match(/\bhg_\w+/gu));
}

/** A function starts with `name() {` in the first column and ends with `}` in the first column; all else is a setting. */
function split(text: string): Functions {
  const byName = new Map<string, { readonly text: string; readonly calls: ReadonlySet<string> }>();
  const settings: string[] = [];
  const pattern = /^(\w+)\(\) \{\n[\s\S]*?^\}$/gmu;
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    settings.push(text.slice(at, match.index));
    byName.set(match[1] ?? "", { text: match[0].replaceAll(indents, "\n"), calls: namesIn(match[0]) });
    at = match.index + match[0].length;
  }
  settings.push(text.slice(at));
  return {
    settings: settings
      .join("")
      .replace(/\n{2,}/gu, "\n")
      .trim(),
    byName,
  };
}
