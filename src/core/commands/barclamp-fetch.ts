import { HalliganError, type Problem, problem } from "../errors.ts";
import { bundleDigest } from "../files/bundle-digest.ts";
import { carryAfter } from "../files/migration-path.ts";
import { unifiedDiff } from "../intent/unified.ts";
import type { Barclamp } from "../model/barclamp.ts";
import type { LockedBarclamp, LockedBarclamps } from "../model/lock-file.ts";
import { compareVersions } from "../model/versions.ts";
import type { MigrationStep } from "../model/migration-file.ts";
import type { BundleOfFiles, LocalSources, LockRead, SourceWish } from "./barclamp-sources.ts";

/** What became of one barclamp of the lock file. */
export interface FetchedBarclamp {
  readonly name: string;
  /** `fetched`: as it is locked, into the cache. */
  readonly action: "added" | "updated" | "unchanged" | "fetched";
  readonly source: string;
  readonly path: string | null;
  readonly ref: string | null;
  readonly commit: string | null;
  readonly version: string;
  readonly digest: string;
  /** Where its files lie now. */
  readonly folder: string;
  readonly roles: readonly string[];
  /** What was locked before. */
  readonly before: { readonly version: string; readonly commit: string | null; readonly digest: string } | null;
  /** Files that differ from what was locked before; null where that is not known. */
  readonly files: { readonly added: readonly string[]; readonly removed: readonly string[]; readonly changed: readonly string[] } | null;
}

/** `barclamp add`, `barclamp update`. */
export interface FetchedDocument {
  readonly halligan: 1;
  readonly kind: "barclamps-fetched";
  /** Absolute path of the lock file. */
  readonly lock: string;
  readonly barclamps: readonly FetchedBarclamp[];
  readonly notices: readonly Problem[];
  /** How the cluster file would read with its settings as the barclamps want them; null where they fit. */
  readonly diff: string | null;
  /** The proposal that was made of it. */
  readonly proposal: string | null;
}

/** One barclamp ready to be locked. */
export interface Taken {
  readonly name: string;
  readonly locked: LockedBarclamp;
  readonly barclamp: Barclamp;
  readonly view: FetchedBarclamp;
  readonly notices: readonly Problem[];
}

/** The lock file. @throws what is wrong with it. */
export async function requireLock(sources: LocalSources): Promise<LockRead> {
  const lock = await sources.readLock();
  const [first, ...rest] = lock.problems;
  if (first !== undefined) throw new HalliganError([first, ...rest]);
  return lock;
}

/** Fetches one barclamp, keeps it in the cache and says how it is locked. `name` = of the barclamp itself when undefined. */
export async function take(
  sources: LocalSources,
  wish: SourceWish,
  lock: LockedBarclamps,
  options: { readonly as?: string; readonly signal: AbortSignal },
): Promise<Taken> {
  const { files, commit, submodules, unprotected } = await sources.fetch(wish, options.signal);
  const from = wish.path === undefined ? wish.source : `${wish.source}/${wish.path}`;
  const barclamp = sources.load(files, from, options.as);
  const name = options.as ?? barclamp.name;
  const before = Object.hasOwn(lock, name) ? lock[name] : undefined;
  const old = before === undefined ? undefined : await sources.cached(before);
  const digest = await sources.keep(files);
  const carry = before === undefined ? undefined : carryOf(sources, name, before, old, barclamp);
  const locked: LockedBarclamp = {
    source: wish.source,
    ...(wish.path === undefined ? {} : { path: wish.path }),
    ...(wish.ref === undefined ? {} : { ref: wish.ref }),
    ...(commit === undefined ? {} : { commit }),
    version: barclamp.version,
    digest,
    ...(carry === undefined || carry.length === 0 ? {} : { carry: [...carry] }),
  };
  const notices: Problem[] = [];
  if (unprotected)
    notices.push(
      problem("SOURCE_NOTICE", {
        message: `${name} came over a connection that proves nothing about who answered; what came is locked by its digest.`,
      }),
    );
  if (submodules.length > 0)
    notices.push(
      problem("SOURCE_NOTICE", { message: `${name} has git submodules, which are left out: ${submodules.slice(0, 5).join(", ")}.` }),
    );
  const action = before === undefined ? "added" : before.digest === digest && before.commit === commit ? "unchanged" : "updated";
  return { name, locked, barclamp, notices, view: viewOf(name, action, locked, sources, { barclamp, before, files, old }) };
}

/** What a person is told of a barclamp. */
export function viewOf(
  name: string,
  action: FetchedBarclamp["action"],
  { source, path, ref, commit, version, digest }: LockedBarclamp,
  sources: LocalSources,
  more: {
    readonly barclamp: Barclamp;
    readonly before: LockedBarclamp | undefined;
    readonly files?: BundleOfFiles;
    readonly old?: BundleOfFiles | undefined;
  },
): FetchedBarclamp {
  const { barclamp, before, files, old } = more;
  return {
    name,
    action,
    source,
    path: path ?? null,
    ref: ref ?? null,
    commit: commit ?? null,
    version,
    digest,
    folder: sources.folderOf(digest),
    roles: Object.keys(barclamp.roles),
    before: before === undefined ? null : { version: before.version, commit: before.commit ?? null, digest: before.digest },
    files: files === undefined || old === undefined ? null : difference(old, files),
  };
}

/** What the cluster file's settings need beyond what the new version declares: defaults that were, and the way back to an older version. */
function carryOf(
  sources: LocalSources,
  name: string,
  before: LockedBarclamp,
  old: BundleOfFiles | undefined,
  now: Barclamp,
): readonly MigrationStep[] {
  const pending = before.carry ?? [];
  const order = compareVersions(before.version, now.version);
  if (order === 0 || (order > 0 && old === undefined)) return pending;
  const newer = order < 0 || old === undefined ? now : sources.load(old, name, name);
  return carryAfter(pending, newer.migrations, before.version, now.version);
}

function difference(before: BundleOfFiles, after: BundleOfFiles): NonNullable<FetchedBarclamp["files"]> {
  const added = [...after.keys()].filter((path) => !before.has(path)).toSorted();
  const removed = [...before.keys()].filter((path) => !after.has(path)).toSorted();
  const changed = [...after].flatMap(([path, bytes]) => {
    const old = before.get(path);
    return old === undefined || bundleDigest(new Map([["", old]])) === bundleDigest(new Map([["", bytes]])) ? [] : [path];
  });
  return { added, removed, changed: changed.toSorted() };
}

/** The entry of a barclamp whose settings need nothing any more that only the lock file knows of. */
export function withoutCarry({ carry: _done, ...locked }: LockedBarclamp): LockedBarclamp {
  return locked;
}

/** Writes the lock file and makes the document of what was done. */
export async function lockAll(
  sources: LocalSources,
  lock: LockRead,
  taken: readonly Taken[],
  extra: readonly Problem[] = [],
): Promise<FetchedDocument> {
  await sources.writeLock(lock, { ...lock.barclamps, ...Object.fromEntries(taken.map(({ name, locked }) => [name, locked])) });
  const carried = await sources.carried();
  const settled = taken.filter(({ name, locked }) => locked.carry !== undefined && carried?.settled.includes(name) === true);
  if (settled.length > 0) {
    const now = await requireLock(sources);
    await sources.writeLock(now, {
      ...now.barclamps,
      ...Object.fromEntries(settled.map(({ name, locked }) => [name, withoutCarry(locked)])),
    });
  }
  const diff = carried === undefined ? "" : unifiedDiff(carried.file, carried.before, carried.after);
  return {
    halligan: 1,
    kind: "barclamps-fetched",
    lock: sources.lockFile,
    barclamps: taken.map(({ view }) => view),
    notices: [...extra, ...taken.flatMap(({ notices }) => notices), ...(carried?.notices ?? [])],
    diff: diff === "" ? null : diff,
    proposal: null,
  };
}
