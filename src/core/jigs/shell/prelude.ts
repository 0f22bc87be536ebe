import { stepKinds } from "./kinds/index.ts";
import { filesPrelude } from "./prelude/files.ts";
import { framesPrelude } from "./prelude/frames.ts";
import { gatherPrelude } from "./prelude/gather.ts";
import { applyPrelude, checkPrelude, stepPrelude } from "./prelude/main.ts";
import { runPrelude } from "./prelude/run.ts";

/** Shell functions by name, and the settings that stand before them. */
interface Functions {
  readonly settings: string;
  readonly byName: ReadonlyMap<string, string>;
}

/** The prelude of a script in two parts: what its first part calls, directly or not, and what only the second calls. */
export interface Prelude {
  readonly settings: string;
  readonly early: string;
  readonly late: string;
}

/** The prelude that a script needs: settings, and only those functions that it calls. */
export function preludeFor(early: string, late: string, kinds: ReadonlySet<string>): Prelude {
  const texts = [framesPrelude, gatherPrelude, filesPrelude, runPrelude, stepPrelude, checkPrelude, applyPrelude];
  const own = [...new Set([...kinds].map((kind) => stepKinds.get(kind)?.prelude ?? ""))];
  const { settings, byName } = split([...texts, ...own].join("\n"));
  const seen = new Set<string>();
  const called = (body: string): string => {
    const wanted = new Set<string>();
    const visit = (text: string): void => {
      for (const [name] of text.matchAll(/\bhg_\w+/gu)) {
        const found = byName.get(name);
        if (found === undefined || seen.has(name)) continue;
        seen.add(name);
        wanted.add(name);
        visit(found);
      }
    };
    visit(body);
    return [...byName].flatMap(([name, text]) => (wanted.has(name) ? [text] : [])).join("\n");
  };
  return { settings, early: called(early), late: called(late) };
}

/** A function starts with `name() {` in the first column and ends with `}` in the first column; all else is a setting. */
function split(text: string): Functions {
  const byName = new Map<string, string>();
  const settings: string[] = [];
  const pattern = /^(\w+)\(\) \{\n[\s\S]*?^\}$/gmu;
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    settings.push(text.slice(at, match.index));
    byName.set(match[1] ?? "", match[0]);
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
