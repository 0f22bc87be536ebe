import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fail } from "../../errors.ts";
import { nameSchema } from "../../model/ids.ts";
import { unreadable } from "./read-cluster.ts";
import { scaffoldFiles } from "../../files/scaffold.ts";

/**
 * Writes a small working barclamp to `folder` (which is made) and returns the files written. Never overwrites.
 * Problems: `VALUE_INVALID` (name), `BARCLAMP_EXISTS`, `FILE_NOT_FOUND` (cannot write there).
 */
export async function scaffoldBarclamp(name: string, folder: string): Promise<readonly string[]> {
  if (!nameSchema.safeParse(name).success)
    throw fail("VALUE_INVALID", { message: `\`${name}\` is not a name: lower-case letters, digits and inner '-', at most 63 characters.` });
  try {
    const there = await readdir(folder).catch(() => []);
    if (there.length > 0) throw fail("BARCLAMP_EXISTS", { message: `${folder} exists and is not empty.` });
    const written: string[] = [];
    for (const [path, text] of scaffoldFiles(name)) {
      const target = join(folder, path);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, text, { flag: "wx" });
      written.push(target);
    }
    return written;
  } catch (error) {
    throw unreadable(error, folder);
  }
}
