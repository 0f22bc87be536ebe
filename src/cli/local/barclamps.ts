import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { findBarclamps, readFoundBarclamp } from "../../core/adapters/files/find-barclamps.ts";
import { scaffoldBarclamp } from "../../core/adapters/files/scaffold-barclamp.ts";
import type { BarclampOrigin, FoundBarclamp } from "../../core/commands/local.ts";
import { HalliganError } from "../../core/errors.ts";
import { loadBarclamp } from "../../core/files/load-barclamp.ts";
import { stepKinds } from "../../core/jigs/shell/kinds/index.ts";

/**
 * Barclamps beside the cluster file, of its lock file, then those shipped, sorted by name; broken ones with their problems.
 * @throws what is wrong with the lock file.
 */
export async function readBarclamps(clusterFolder: string): Promise<readonly FoundBarclamp[]> {
  const { barclamps, hidden, problems: ofLock } = await findBarclamps(clusterFolder);
  const [first, ...rest] = ofLock;
  if (first !== undefined) throw new HalliganError([first, ...rest]);
  const found: FoundBarclamp[] = [];
  for (const [name, each] of barclamps) {
    const { folder } = each;
    const origin: BarclampOrigin =
      each.origin === "cluster"
        ? { origin: "cluster", hides: hidden.has(name) }
        : each.origin === "fetched"
          ? { origin: "fetched", locked: each.locked }
          : { origin: "shipped" };
    try {
      const files = await readFoundBarclamp(clusterFolder, name, each);
      const { barclamp, problems } = loadBarclamp({ files, folder: relative(process.cwd(), folder) || folder, as: name }, stepKinds);
      found.push(
        barclamp === undefined || problems.length > 0
          ? { name, folder, ...origin, problems }
          : { name, folder, ...origin, barclamp, problems: [] },
      );
    } catch (error) {
      if (!(error instanceof HalliganError)) throw error;
      found.push({ name, folder, ...origin, problems: error.problems });
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
