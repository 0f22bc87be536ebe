import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { readBarclampFolder } from "../../core/adapters/files/read-barclamp.ts";
import { readClusterFolder } from "../../core/adapters/files/read-cluster.ts";
import { cachedFolder, keepCached, readCached } from "../../core/adapters/sources/cache.ts";
import { fetchGit, noBarclamp } from "../../core/adapters/sources/git-source.ts";
import { readLock, writeLock } from "../../core/adapters/sources/lock-file.ts";
import type { FetchedFiles, LocalSources, SourceWish } from "../../core/commands/barclamp-sources.ts";
import { fail, hasCode, HalliganError } from "../../core/errors.ts";
import { carryCluster, type CarrySteps } from "../../core/files/carry-cluster.ts";
import { loadBarclamp } from "../../core/files/load-barclamp.ts";
import { loadCluster } from "../../core/files/load-cluster.ts";
import { lockFileName } from "../../core/files/lock-text.ts";
import { carriedText } from "../../core/intent/carry-edits.ts";
import { stepKinds } from "../../core/jigs/shell/kinds/index.ts";
import { partSource, readSource } from "../../core/model/barclamp-source.ts";
import type { Barclamp } from "../../core/model/barclamp.ts";
import { readBarclamps } from "./barclamps.ts";

/** Barclamps from elsewhere, for the folder of a cluster file. `user`: login user where the file names none. */
export function localSources(clusterFile: string, user: string): LocalSources {
  const folder = dirname(clusterFile);
  return {
    lockFile: join(folder, lockFileName),
    readLock: async () => await readLock(folder),
    writeLock: async (before, barclamps) => await writeLock(folder, before, barclamps),
    understand: async (typed) => understand(typed, folder),
    fetch: async (wish, signal) => await fetchFrom(wish, folder, signal),
    async cached({ digest }) {
      const files = await readCached(folder, digest);
      return typeof files === "string" ? undefined : files;
    },
    keep: async (files) => await keepCached(folder, files),
    folderOf: (digest) => cachedFolder(folder, digest),
    load(files, from, as) {
      const { barclamp, problems } = loadBarclamp({ folder: from, files, ...(as === undefined ? {} : { as }) }, stepKinds);
      const [first, ...rest] = problems;
      if (first !== undefined) throw new HalliganError([first, ...rest]);
      if (barclamp === undefined) throw fail("BUG", { message: `${from} has neither content nor problems.` });
      return barclamp;
    },
    carried: async () => await carriedFile(clusterFile, user),
  };
}

/** A folder is meant where there is one; a repository without work tree is one of git. */
function understand(typed: string, clusterFolder: string): SourceWish {
  const whole = readSource(typed);
  const isThere = whole.ok && whole.source.kind === "path" && existsSync(resolve(typed));
  const { source, ref } = isThere ? { source: typed, ref: undefined } : partSource(typed);
  const read = readSource(source);
  if (!read.ok) throw fail("SOURCE_INVALID", { message: `The source cannot be used: ${read.message}.` });
  const withRef = ref === undefined ? {} : { ref };
  if (read.source.kind === "url") return { kind: "git", source: read.source.url, ...withRef };
  const path = resolve(read.source.path);
  if (!existsSync(path)) {
    const hint = /^[\w.-]+\.[a-z]{2,}\//u.test(source) ? `If it is an address, write https://${source}.` : undefined;
    throw fail("FILE_NOT_FOUND", { message: `Cannot read ${path}: it does not exist.`, ...(hint === undefined ? {} : { hint }) });
  }
  const isBare = existsSync(join(path, "HEAD")) && existsSync(join(path, "objects"));
  // relative to the cluster file, so that the lock file means the same in every clone that has both side by side
  const kept = isAbsolute(source) ? path : relative(clusterFolder, path) || ".";
  return { kind: ref !== undefined || isBare ? "git" : "folder", source: kept, ...withRef };
}

async function fetchFrom({ kind, source, path = "", ref }: SourceWish, clusterFolder: string, signal: AbortSignal): Promise<FetchedFiles> {
  const read = readSource(source);
  if (!read.ok) throw fail("SOURCE_INVALID", { message: `The source cannot be used: ${read.message}.` });
  const place = read.source.kind === "url" ? read.source.url : resolve(clusterFolder, read.source.path);
  const unprotected = read.source.kind === "url" && read.source.unprotected;
  if (kind === "git") return { ...(await fetchGit({ url: place, path, ...(ref === undefined ? {} : { ref }) }, signal)), unprotected };
  const folder = join(place, path);
  const { files } = await readBarclampFolder(folder);
  if (files.has("barclamp.yaml")) return { files, submodules: [], unprotected };
  const below = [...files.keys()].filter((each) => each.endsWith("/barclamp.yaml")).map((each) => join(path, dirname(each)));
  throw noBarclamp(place, path, below);
}

async function carriedFile(clusterFile: string, user: string): ReturnType<LocalSources["carried"]> {
  const file = relative(process.cwd(), clusterFile) || clusterFile;
  try {
    const { text } = await readClusterFolder(clusterFile);
    const { cluster } = loadCluster({ file, text, defaults: { user } });
    const found = await readBarclamps(dirname(clusterFile));
    const barclamps = new Map<string, Barclamp>(
      found.flatMap((each) => (each.barclamp === undefined ? [] : [[each.name, each.barclamp] as const])),
    );
    const { barclamps: locked } = await readLock(dirname(clusterFile));
    const carry: CarrySteps = new Map(
      found.flatMap(({ name, origin }) => {
        const steps = origin === "fetched" ? locked[name]?.carry : undefined;
        return steps === undefined ? [] : [[name, steps] as const];
      }),
    );
    if (cluster === undefined) return undefined;
    const { notices, problems } = carryCluster(cluster, barclamps, carry);
    const after = carriedText(text, barclamps, carry);
    const isSettled = (name: string): boolean =>
      carriedText(text, barclamps, new Map([...carry].filter(([each]) => each !== name))) === after;
    const settled = problems.length > 0 ? [] : [...carry.keys()].filter(isSettled);
    return { file, before: text, after, notices: [...notices, ...problems], settled };
  } catch (error) {
    // Without a cluster file there is nothing to carry over; where it has no room for the change, people write it.
    if (hasCode(error, "FILE_NOT_FOUND", "FILE_TOO_LARGE", "EDIT_REFUSED")) return undefined;
    throw error;
  }
}
