import type { ImportNote } from "./imported.ts";

/** A text file with the path by which messages call it. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/** Variables of one group or host. */
export interface NamedSource extends SourceFile {
  readonly name: string;
}

/** Ansible inventories and what lies beside them. */
export interface AnsibleSources {
  readonly inventories: readonly SourceFile[];
  readonly groupVars: readonly NamedSource[];
  readonly hostVars: readonly NamedSource[];
  readonly notes: readonly ImportNote[];
}

/** What an import may ask of the file system. */
export interface ImportFiles {
  /** @throws `FILE_NOT_FOUND`, `FILE_TOO_LARGE`. */
  readText(path: string): Promise<string>;
  /** What lies in a folder, sorted by name; `undefined` where there is no such folder. */
  list(path: string): Promise<readonly { readonly name: string; readonly folder: boolean }[] | undefined>;
}

/** Most files that one import reads. */
const maxFiles = 5000;

const ignored = /^\.|~$|\.(orig|bak|ini|cfg|retry|pyc|pyo|swp|rpmsave|rpmnew|dpkg-\w+)$/iu;

/** Reads inventories (files, or folders of them) with the group_vars and host_vars beside each. @throws `FILE_NOT_FOUND`, `FILE_TOO_LARGE`. */
export async function readAnsibleSources(paths: readonly string[], files: ImportFiles): Promise<AnsibleSources> {
  const notes: ImportNote[] = [];
  const inventories: SourceFile[] = [];
  const folders = new Set<string>();
  for (const path of paths) {
    const inside = await files.list(path);
    if (inside === undefined) {
      inventories.push({ file: path, text: await files.readText(path) });
      folders.add(path.includes("/") ? path.slice(0, path.lastIndexOf("/")) || "/" : ".");
      continue;
    }
    const folder = path.replace(/(?<=.)\/+$/u, "");
    folders.add(folder);
    for (const { name, folder: isFolder } of inside) {
      if (isFolder) continue;
      const file = join(folder, name);
      if (!ignored.test(name)) inventories.push({ file, text: await files.readText(file) });
      else if (!name.startsWith("."))
        notes.push({ kind: "unread", file, line: 1, message: "Ansible passes over files of this name in a folder." });
    }
  }
  const groupVars: NamedSource[] = [];
  const hostVars: NamedSource[] = [];
  for (const folder of folders) {
    groupVars.push(...(await readVariables(join(folder, "group_vars"), files)));
    hostVars.push(...(await readVariables(join(folder, "host_vars"), files)));
  }
  return { inventories, groupVars, hostVars, notes };
}

function join(folder: string, name: string): string {
  return folder === "." ? name : folder.endsWith("/") ? `${folder}${name}` : `${folder}/${name}`;
}

/** `NAME`, `NAME.yml` and everything below a folder `NAME`. */
async function readVariables(folder: string, files: ImportFiles): Promise<readonly NamedSource[]> {
  const found: NamedSource[] = [];
  const walk = async (path: string, owner: string | undefined, depth: number): Promise<void> => {
    for (const { name, folder: isFolder } of (await files.list(path)) ?? []) {
      if (name.startsWith(".") || name.endsWith("~") || found.length >= maxFiles) continue;
      const file = join(path, name);
      const extension = /\.(ya?ml|json)$/iu.exec(name)?.[0] ?? "";
      const bare = name.slice(0, name.length - extension.length);
      if (isFolder) {
        if (depth < 8) await walk(file, owner ?? name, depth + 1);
      } else if (extension !== "" || owner === undefined || !/\.\w+$/u.test(name))
        found.push({ name: owner ?? bare, file, text: await files.readText(file) });
    }
  };
  await walk(folder, undefined, 0);
  return found;
}
