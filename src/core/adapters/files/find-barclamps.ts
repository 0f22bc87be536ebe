import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { packageFolder } from "./package.ts";

/** Where a barclamp lies. */
export interface FoundBarclamp {
  readonly folder: string;
  readonly origin: "cluster" | "shipped";
}

/**
 * Barclamps by the name of their folder: those in `barclamps/` of the cluster's folder, then those shipped with Halligan. The first of a name
 * wins. Sorted by name.
 */
export async function findBarclamps(
  clusterFolder: string,
  shippedFolder: string = shippedBarclamps(),
): Promise<ReadonlyMap<string, FoundBarclamp>> {
  const own = await listBarclamps(join(clusterFolder, "barclamps"), "cluster");
  const shipped = await listBarclamps(shippedFolder, "shipped");
  const all = new Map<string, FoundBarclamp>([...shipped, ...own]);
  return new Map([...all].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The `barclamps/` folder of this package. @throws FILE_NOT_FOUND */
export function shippedBarclamps(): string {
  return join(packageFolder(), "barclamps");
}

async function listBarclamps(folder: string, origin: FoundBarclamp["origin"]): Promise<readonly (readonly [string, FoundBarclamp])[]> {
  const entries = existsSync(folder) ? await readdir(folder) : [];
  return entries
    .filter((name) => existsSync(join(folder, name, "barclamp.yaml")))
    .map((name) => [name, { folder: join(folder, name), origin }]);
}
