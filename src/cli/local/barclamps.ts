import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { findBarclamps } from "../../core/adapters/files/find-barclamps.ts";
import { readBarclampFolder } from "../../core/adapters/files/read-barclamp.ts";
import { scaffoldBarclamp } from "../../core/adapters/files/scaffold-barclamp.ts";
import type { FoundBarclamp } from "../../core/commands/local.ts";
import { HalliganError } from "../../core/errors.ts";
import { loadBarclamp } from "../../core/files/load-barclamp.ts";
import { stepKinds } from "../../core/jigs/shell/kinds/index.ts";

/** Barclamps beside the cluster file, then those shipped, sorted by name; broken ones with their problems. */
export async function readBarclamps(clusterFolder: string): Promise<readonly FoundBarclamp[]> {
  const found: FoundBarclamp[] = [];
  for (const [name, { folder, origin }] of await findBarclamps(clusterFolder)) {
    try {
      const source = await readBarclampFolder(folder);
      const { barclamp, problems } = loadBarclamp({ ...source, folder: relative(process.cwd(), folder) || folder }, stepKinds);
      found.push(
        barclamp === undefined || problems.length > 0
          ? { name, folder, origin, problems }
          : { name, folder, origin, barclamp, problems: [] },
      );
    } catch (error) {
      if (!(error instanceof HalliganError)) throw error;
      found.push({ name, folder, origin, problems: error.problems });
    }
  }
  return found;
}

/** Writes a new barclamp beside the cluster file. @throws `BARCLAMP_EXISTS`, `VALUE_INVALID`. */
export async function newBarclamp(
  clusterFolder: string,
  name: string,
): Promise<{ readonly folder: string; readonly files: readonly string[] }> {
  const folder = join(clusterFolder, "barclamps", name);
  return { folder, files: await scaffoldBarclamp(name, folder) };
}

/** Text of the fixtures of a barclamp, sorted by name; a barclamp without any gives none. */
export async function readFixtures(folder: string): Promise<readonly { readonly file: string; readonly text: string }[]> {
  const names = await readdir(join(folder, "fixtures")).catch((): string[] => []);
  const files = names.filter((name) => /\.ya?ml$/u.test(name)).sort();
  return Promise.all(
    files.map(async (name) => {
      const path = join(folder, "fixtures", name);
      return { file: relative(process.cwd(), path) || path, text: await readFile(path, "utf8") };
    }),
  );
}
