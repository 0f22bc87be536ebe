import { posix } from "node:path";
import { fail } from "../../errors.ts";
import { isSkipped, maxBarclampBytes, maxFiles } from "../files/read-barclamp.ts";

/** One entry of a commit's tree, as `git ls-tree -r -z -l` prints it. */
export interface TreeEntry {
  readonly mode: string;
  readonly id: string;
  readonly size: number;
  /** From the root of the repository. */
  readonly path: string;
}

const link = "120000";
const submodule = "160000";

/** Reads the output of `git ls-tree -r -z -l`. */
export function readTree(out: Buffer): readonly TreeEntry[] {
  return out
    .toString("utf8")
    .split("\0")
    .flatMap((line) => {
      const match = /^(\d{6}) \w+ ([0-9a-f]+) +(\d+|-)\t([\s\S]+)$/u.exec(line);
      if (match === null) return [];
      const [, mode = "", id = "", size = "", path = ""] = match;
      return [{ mode, id, size: size === "-" ? 0 : Number(size), path }];
    });
}

/** What of a tree makes a barclamp: files by their path below `folder`, and where submodules were left out. */
export interface TreeFiles {
  readonly files: ReadonlyMap<string, TreeEntry>;
  readonly submodules: readonly string[];
}

/**
 * The files of a barclamp in a tree. A symbolic link stands for what it leads to; `target` gives its text.
 * @throws `PATH_ESCAPES` for links out of the barclamp and for paths that no folder can hold, `FILE_TOO_LARGE`.
 */
export function filesBelow(tree: readonly TreeEntry[], folder: string, target: (entry: TreeEntry) => string): TreeFiles {
  const prefix = folder === "" ? "" : `${folder}/`;
  const below = new Map(tree.flatMap((each) => (each.path.startsWith(prefix) ? [[each.path.slice(prefix.length), each] as const] : [])));
  const files = new Map<string, TreeEntry>();
  const submodules: string[] = [];
  let bytes = 0;
  const add = (path: string, entry: TreeEntry, hops: number): void => {
    const parts = path.split("/");
    if (parts.some(isSkipped)) return;
    if (
      parts.some((part) => part === "" || part === "." || part === ".." || part.length > 255 || /[\p{Cc}\\]/u.test(part)) ||
      parts.length > 20
    )
      throw fail("PATH_ESCAPES", {
        message: `The source holds a file whose path no barclamp may have: ${JSON.stringify(path.slice(0, 200))}.`,
      });
    if (entry.mode === submodule) submodules.push(path);
    else if (entry.mode === link) addLinked(path, entry, hops);
    else {
      bytes += entry.size;
      files.set(path, entry);
      if (bytes > maxBarclampBytes || files.size > maxFiles)
        throw fail("FILE_TOO_LARGE", { message: `The barclamp has more than ${maxBarclampBytes / 1024 / 1024} MiB or ${maxFiles} files.` });
    }
  };
  const addLinked = (path: string, entry: TreeEntry, hops: number): void => {
    const text = target(entry);
    const to = posix.normalize(posix.join(posix.dirname(path), text)).replace(/\/$/u, "");
    if (text.startsWith("/") || text === "" || to === ".." || to.startsWith("../") || hops > 8)
      throw fail("PATH_ESCAPES", { message: `${path} is a symbolic link out of the barclamp's folder, or one that leads in a circle.` });
    const found = below.get(to);
    if (found !== undefined) return add(path, found, hops + 1);
    const inside = [...below].filter(([each]) => to === "." || each.startsWith(`${to}/`));
    if (inside.length === 0 || to === ".")
      throw fail("PATH_ESCAPES", { message: `${path} is a symbolic link to nothing, or to the barclamp itself.` });
    for (const [each, its] of inside) add(`${path}${each.slice(to.length)}`, its, hops + 1);
  };
  for (const [path, entry] of below) add(path, entry, 0);
  return { files, submodules };
}

/** Folders of a tree that hold a barclamp.yaml; `""` = the root. */
export function barclampFolders(tree: readonly TreeEntry[]): readonly string[] {
  return tree.flatMap(({ path }) => (path === "barclamp.yaml" ? [""] : path.endsWith("/barclamp.yaml") ? [posix.dirname(path)] : []));
}
