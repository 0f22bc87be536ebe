import { createHash } from "node:crypto";
import type { Digest } from "../model/ids.ts";

/** Content address of files: over the sorted paths and their contents, lengths included, so that no two sets of files read the same. */
export function bundleDigest(files: ReadonlyMap<string, Uint8Array>, counts: (path: string) => boolean = () => true): Digest {
  const hash = createHash("sha256");
  for (const path of [...files.keys()].toSorted()) {
    if (!counts(path)) continue;
    const bytes = files.get(path) ?? new Uint8Array();
    hash.update(`${path.length} ${path} ${bytes.length}\n`);
    hash.update(bytes);
  }
  return `sha256:${hash.digest("hex")}`;
}
