import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { NewFile } from "../../core/commands/local.ts";
import { fail } from "../../core/errors.ts";

/** Writes files that must not exist yet; nothing is written when one of them does. @throws `FILE_EXISTS`, `FILE_UNWRITABLE`. */
export async function writeNew(folder: string, files: readonly NewFile[]): Promise<readonly string[]> {
  const targets = files.map(({ path, text }) => ({ path: join(folder, path), text }));
  for (const { path } of targets)
    if (existsSync(path)) throw fail("FILE_EXISTS", { message: `${path} exists already; it was left alone.` });
  for (const { path, text } of targets) {
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text, { flag: "wx" });
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      throw fail("FILE_UNWRITABLE", { message: `${path} cannot be written.`, cause, error });
    }
  }
  return targets.map(({ path }) => path);
}
