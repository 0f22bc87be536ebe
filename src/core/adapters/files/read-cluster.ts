import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fail } from "../../errors.ts";
import { maxYamlBytes } from "../../files/yaml-text.ts";

/** A text file as read: the path as it was given, for messages. */
export interface ReadText {
  readonly file: string;
  readonly text: string;
}

/**
 * Reads a cluster file, or `cluster.yaml` of a folder. Bytes that are not UTF-8 become U+FFFD, which the loader refuses with the place.
 * Problems: `FILE_NOT_FOUND`, `FILE_TOO_LARGE`.
 */
export async function readClusterFolder(path: string): Promise<ReadText> {
  let file = path;
  try {
    const info = await stat(path);
    file = info.isDirectory() ? join(path, "cluster.yaml") : path;
    const { size } = info.isDirectory() ? await stat(file) : info;
    if (size > 4 * maxYamlBytes)
      throw fail("FILE_TOO_LARGE", { message: `${file} has ${size} bytes; that is no cluster file.`, at: { file, line: 1, column: 1 } });
    return { file, text: await readFile(file, "utf8") };
  } catch (error) {
    throw unreadable(error, file);
  }
}

/** The problem of a file that cannot be read; problems stay what they are. */
export function unreadable(error: unknown, path: string): unknown {
  const reason = typeof error === "object" && error !== null && "code" in error ? String(error.code) : undefined;
  if (reason === undefined || !/^E[A-Z]+$/u.test(reason)) return error;
  const words: Readonly<Record<string, string>> = {
    ENOENT: "it does not exist",
    EACCES: "this user may not read it",
    EPERM: "this user may not read it",
    EISDIR: "it is a directory",
    ENOTDIR: "a part of the path is not a directory",
    ELOOP: "symbolic links lead in a circle",
  };
  return fail("FILE_NOT_FOUND", { message: `Cannot read ${path}: ${words[reason] ?? reason}.`, error });
}
