import type { ImportFiles } from "./sources.ts";
import { includePatterns, maxIncludeDepth, type SshSources } from "./ssh-config.ts";

/** Most files that the Include lines of one ssh_config may bring in. */
const maxFiles = 256;

/** Reads an ssh_config and the files that its Include lines name (relative to `~/.ssh`, with `*` and `?` in any part of the path). */
export async function readSshSources(path: string, files: ImportFiles, home: string): Promise<SshSources> {
  const text = await files.readText(path);
  const includes = new Map<string, { readonly file: string; readonly text: string }[]>();
  let read = 0;
  const follow = async (content: string, depth: number): Promise<void> => {
    for (const pattern of includePatterns(content)) {
      if (includes.has(pattern) || depth >= maxIncludeDepth) continue;
      const found: { readonly file: string; readonly text: string }[] = [];
      includes.set(pattern, found);
      for (const file of await expand(absolute(pattern, home), files)) {
        if ((read += 1) > maxFiles) break;
        const included = await readOrNothing(file, files);
        if (included !== undefined) found.push({ file, text: included });
      }
      for (const each of found) await follow(each.text, depth + 1);
    }
  };
  await follow(text, 0);
  return { file: path, text, includes };
}

/** Files that cannot be read are passed over, as OpenSSH does. */
async function readOrNothing(file: string, files: ImportFiles): Promise<string | undefined> {
  try {
    return await files.readText(file);
  } catch {
    return undefined;
  }
}

function absolute(pattern: string, home: string): string {
  if (pattern.startsWith("~/")) return `${home}${pattern.slice(1)}`;
  return pattern.startsWith("/") ? pattern : `${home}/.ssh/${pattern}`;
}

/** Paths that fit, in the order of their names; a path without wildcards is taken as it is. */
async function expand(pattern: string, files: ImportFiles): Promise<readonly string[]> {
  let paths: readonly string[] = [""];
  for (const part of pattern.split("/").filter((each) => each !== "")) {
    if (!/[*?[]/u.test(part)) {
      paths = paths.map((path) => `${path}/${part}`);
      continue;
    }
    const next: string[] = [];
    for (const path of paths.slice(0, maxFiles))
      for (const { name } of (await files.list(path === "" ? "/" : path)) ?? []) if (fits(part, name)) next.push(`${path}/${name}`);
    paths = next;
  }
  return paths.slice(0, maxFiles);
}

/** `*`, `?` and `[...]` of glob(7); hidden files only where the pattern begins with a dot. */
function fits(pattern: string, name: string): boolean {
  if (name.startsWith(".") && !pattern.startsWith(".")) return false;
  const expression = pattern
    .slice(0, 200)
    .replaceAll(/\*+|\?|\[(!?)([^\]]+)\]|[^]/gu, (sign, not?: string, set?: string) =>
      sign.startsWith("*")
        ? "[^/]*"
        : sign === "?"
          ? "[^/]"
          : set === undefined
            ? `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`
            : `[${not === "!" ? "^" : ""}${set.replaceAll(/[^A-Za-z0-9-]/gu, "")}]`,
    );
  try {
    return new RegExp(`^${expression}$`, "u").test(name);
  } catch {
    return false;
  }
}
