import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fail, type Problem } from "../../errors.ts";
import type { LockedBarclamp } from "../../model/lock-file.ts";
import { cachedFolder, readCached } from "../sources/cache.ts";
import { readLock } from "../sources/lock-file.ts";
import { packageFolder } from "./package.ts";
import { readBarclampFolder } from "./read-barclamp.ts";

/** Where a barclamp lies: beside the cluster file, in the cache (with its entry of the lock file), or in this package. */
export type FoundBarclamp =
  | { readonly folder: string; readonly origin: "cluster" | "shipped" }
  | { readonly folder: string; readonly origin: "fetched"; readonly locked: LockedBarclamp };

/** Barclamps by name, and what is wrong with the lock file. */
export interface FoundBarclamps {
  readonly barclamps: ReadonlyMap<string, FoundBarclamp>;
  /** Barclamps of the lock file that one in `barclamps/` goes before. */
  readonly hidden: ReadonlySet<string>;
  readonly problems: readonly Problem[];
}

/**
 * Barclamps by name: those in `barclamps/` of the cluster's folder, then those of its lock file, then those shipped with Halligan. The first of
 * a name wins. Sorted by name.
 */
export async function findBarclamps(clusterFolder: string, shippedFolder: string = shippedBarclamps()): Promise<FoundBarclamps> {
  const own = await listBarclamps(join(clusterFolder, "barclamps"), "cluster");
  const lock = await readLock(clusterFolder);
  const fetched = Object.entries(lock.barclamps).map(
    ([name, locked]) => [name, { folder: cachedFolder(clusterFolder, locked.digest), origin: "fetched", locked }] as const,
  );
  const shipped = await listBarclamps(shippedFolder, "shipped");
  const all = new Map<string, FoundBarclamp>([...shipped, ...fetched, ...own]);
  return {
    barclamps: new Map([...all].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    hidden: new Set(own.flatMap(([name]) => (Object.hasOwn(lock.barclamps, name) ? [name] : []))),
    problems: lock.problems,
  };
}

/**
 * The files of a barclamp; one of the lock file must be exactly what is locked.
 * @throws `BARCLAMP_NOT_FETCHED`, `BARCLAMP_ALTERED`, and those of reading a folder.
 */
export async function readFoundBarclamp(
  clusterFolder: string,
  name: string,
  found: FoundBarclamp,
): Promise<ReadonlyMap<string, Uint8Array>> {
  if (found.origin !== "fetched") return (await readBarclampFolder(found.folder)).files;
  const cached = await readCached(clusterFolder, found.locked.digest);
  if (cached === "missing")
    throw fail("BARCLAMP_NOT_FETCHED", { message: `Barclamp ${name} of halligan.lock was not fetched into this folder yet.` });
  if (cached === "altered") {
    const hint = `\`halligan barclamp update ${name} --locked\` fetches it anew as it is locked; to change it, copy ${found.folder} to barclamps/${name} first and change it there.`;
    throw fail("BARCLAMP_ALTERED", {
      message: `The files of barclamp ${name} in ${found.folder} are not those of its digest in halligan.lock.`,
      hint,
    });
  }
  return cached;
}

/** The `barclamps/` folder of this package. @throws FILE_NOT_FOUND */
export function shippedBarclamps(): string {
  return join(packageFolder(), "barclamps");
}

async function listBarclamps(folder: string, origin: "cluster" | "shipped"): Promise<readonly (readonly [string, FoundBarclamp])[]> {
  const entries = existsSync(folder) ? await readdir(folder) : [];
  return entries
    .filter((name) => existsSync(join(folder, name, "barclamp.yaml")))
    .map((name) => [name, { folder: join(folder, name), origin }]);
}
