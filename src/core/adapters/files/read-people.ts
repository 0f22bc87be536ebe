import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fail } from "../../errors.ts";
import { errnoOf } from "../store/file-faults.ts";

/** The name of the file that says who may do what. */
const peopleFile = "people.yaml";

/**
 * The people.yaml of a cluster folder; `undefined` when there is none, and only then: what is there and cannot be read, or is called
 * otherwise by mistake, must not turn into "everybody may do everything".
 * @throws `FILE_NOT_FOUND`.
 */
export async function readPeopleFile(folder: string): Promise<{ readonly file: string; readonly text: string } | undefined> {
  const file = join(folder, peopleFile);
  try {
    return { file, text: await readFile(file, "utf8") };
  } catch (error) {
    if (errnoOf(error) !== "ENOENT" || (await isThere(file))) {
      const cause = error instanceof Error ? error.message : String(error);
      const hint = "Make it readable for everybody who uses this cluster. Nothing is done while it is not known who may do what.";
      throw fail("FILE_NOT_FOUND", { message: `${file} is there and cannot be read.`, cause, hint, error });
    }
  }
  const other = join(folder, "people.yml");
  if (await isThere(other))
    throw fail("FILE_NOT_FOUND", { message: `${other} is there, but the file must be called ${peopleFile}.`, hint: "Rename it." });
  return undefined;
}

async function isThere(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}
