import { rename, rm, stat, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fail } from "../../core/errors.ts";

/** Writes a report beside its place and moves it there, so that nobody reads half of one. Returns the absolute path. @throws `FILE_UNWRITABLE`. */
export async function writeReport(path: string, text: string): Promise<string> {
  const target = resolve(path);
  const beside = `${target}.halligan-${process.pid}`;
  try {
    const there = await stat(target).catch(() => undefined);
    // A pipe, or /dev/stdout: there is nothing to be moved to.
    if (there !== undefined && !there.isFile()) await writeFile(target, text);
    else {
      await writeFile(beside, text, { flag: "wx" });
      await rename(beside, target);
    }
    return target;
  } catch (error) {
    await rm(beside, { force: true });
    const cause = error instanceof Error ? error.message : String(error);
    throw fail("FILE_UNWRITABLE", { message: `The report ${target} cannot be written.`, cause, error });
  }
}
