import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fail } from "../../errors.ts";
import { bundleDigest } from "../../files/bundle-digest.ts";
import type { Digest } from "../../model/ids.ts";
import { readBarclampFolder } from "../files/read-barclamp.ts";
import { errnoOf } from "../store/file-faults.ts";
import { fileMode, makePrivateFolder } from "../store/private-folder.ts";

/** Folder of a bundle in the cache of a cluster folder. */
export function cachedFolder(clusterFolder: string, digest: Digest): string {
  return join(cacheOf(clusterFolder), digest.slice("sha256:".length));
}

function cacheOf(clusterFolder: string): string {
  return join(clusterFolder, ".halligan", "barclamps");
}

/** A bundle of the cache; `missing` and `altered` (its files are not those of the digest) are told apart. */
export async function readCached(clusterFolder: string, digest: Digest): Promise<ReadonlyMap<string, Uint8Array> | "missing" | "altered"> {
  const folder = cachedFolder(clusterFolder, digest);
  if (!existsSync(folder)) return "missing";
  const { files } = await readBarclampFolder(folder);
  return bundleDigest(files) === digest ? files : "altered";
}

/** Keeps a bundle: it is there as a whole or not at all. What lay there altered is replaced. @throws `FILE_UNWRITABLE`. */
export async function keepCached(clusterFolder: string, files: ReadonlyMap<string, Uint8Array>): Promise<Digest> {
  const digest = bundleDigest(files);
  const folder = cachedFolder(clusterFolder, digest);
  const state = await readCached(clusterFolder, digest).catch(() => "altered" as const);
  if (state !== "missing" && state !== "altered") return digest;
  const draft = join(cacheOf(clusterFolder), `.${randomBytes(6).toString("hex")}`);
  try {
    makePrivateFolder(draft);
    for (const [path, bytes] of files) {
      const file = join(draft, path);
      makePrivateFolder(dirname(file));
      await writeFile(file, bytes, { flag: "wx", mode: fileMode(draft) });
    }
    if (state === "altered") await rm(folder, { recursive: true, force: true });
    await rename(draft, folder).catch((error: unknown) => {
      // somebody else kept the same at this moment
      if (errnoOf(error) !== "ENOTEMPTY" && errnoOf(error) !== "EEXIST") throw error;
    });
    return digest;
  } catch (error) {
    throw fail("FILE_UNWRITABLE", {
      message: `The cache ${cacheOf(clusterFolder)} cannot be written.`,
      cause: error instanceof Error ? error.message : String(error),
      error,
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
