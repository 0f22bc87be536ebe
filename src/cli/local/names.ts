import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import type { NameKind } from "../../core/commands/local.ts";
import { expandRanges } from "../../core/model/range.ts";

const mostNames = 2000;

/**
 * Names for completion. Takes the file as it is: what cannot be read gives no names. Only YAML is read, nothing is checked, so it is fast.
 */
export async function readNames(clusterFile: string, kind: NameKind): Promise<readonly string[]> {
  try {
    if (kind === "barclamps") return await barclampNames(dirname(clusterFile));
    // a key such as `ctl-[1-3]` is YAML, but the address beside it is not always; quotes do no harm
    const text = (await readFile(clusterFile, "utf8")).replace(/(address:\s*)([^\s,}"']+\[[^\s,}"']*)/gu, '$1"$2"');
    const keys = Object.keys((parse(text) as Record<string, object>)[kind] ?? {});
    const names = kind === "nodes" ? keys.flatMap(expanded) : keys;
    return names.slice(0, mostNames);
  } catch {
    return [];
  }
}

function expanded(key: string): readonly string[] {
  const range = expandRanges(key);
  return range.ok ? range.values : [];
}

async function barclampNames(folder: string): Promise<readonly string[]> {
  const shipped = new URL("../../../barclamps/", import.meta.url).pathname;
  const lists = await Promise.all([join(folder, "barclamps"), shipped].map((each) => readdir(each).catch((): string[] => [])));
  return [...new Set(lists.flat())].filter((name) => !name.startsWith(".")).sort();
}
