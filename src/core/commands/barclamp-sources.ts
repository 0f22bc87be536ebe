import type { Digest } from "../model/ids.ts";
import type { LockedBarclamp, LockedBarclamps } from "../model/lock-file.ts";
import type { Problem } from "../errors.ts";
import type { Barclamp } from "../model/barclamp.ts";

/** Files of a barclamp by path. */
export type BundleOfFiles = ReadonlyMap<string, Uint8Array>;

/** The lock file as it was read. */
export interface LockRead {
  readonly text: string | undefined;
  readonly barclamps: LockedBarclamps;
  readonly problems: readonly Problem[];
}

/** From where a barclamp is taken: as a lock file has it. `kind: git` with a path is a repository on this machine. */
export interface SourceWish {
  readonly kind: "git" | "folder";
  readonly source: string;
  readonly path?: string;
  readonly ref?: string;
}

/** What was fetched. */
export interface FetchedFiles {
  readonly files: BundleOfFiles;
  /** Only of a git repository. */
  readonly commit?: string;
  readonly submodules: readonly string[];
  /** Nothing proved who answered. */
  readonly unprotected: boolean;
}

/** A cluster file, and how it reads with its settings as the barclamps in use want them. */
export interface CarriedFile {
  readonly file: string;
  readonly before: string;
  readonly after: string;
  readonly notices: readonly Problem[];
  /** Barclamps whose steps of the lock file do nothing any more. */
  readonly settled: readonly string[];
}

/** Barclamps from elsewhere, for the cluster folder of this command. */
export interface LocalSources {
  /** Absolute path of the lock file. */
  readonly lockFile: string;
  /** Reads the lock file. What is wrong with it comes as problems. */
  readLock(): Promise<LockRead>;
  /** @throws `LOCK_FILE_CHANGED`, `FILE_UNWRITABLE`. */
  writeLock(before: LockRead, barclamps: LockedBarclamps): Promise<void>;
  /** Understands `SOURCE[@REF]` as it was typed. @throws `SOURCE_INVALID`. */
  understand(typed: string): Promise<SourceWish>;
  /** @throws `SOURCE_UNREACHABLE`, `SOURCE_REF_UNKNOWN`, `SOURCE_NO_BARCLAMP`, `PATH_ESCAPES`, `FILE_TOO_LARGE`, `FILE_NOT_FOUND`. */
  fetch(wish: SourceWish, signal: AbortSignal): Promise<FetchedFiles>;
  /** The files of a locked barclamp, when they are in the cache as they were locked. */
  cached(locked: LockedBarclamp): Promise<BundleOfFiles | undefined>;
  /** Keeps files in the cache; gives their digest. @throws `FILE_UNWRITABLE`. */
  keep(files: BundleOfFiles): Promise<Digest>;
  /** Where files of a digest lie in the cache. */
  folderOf(digest: Digest): string;
  /** Reads files as a barclamp under a name. @throws everything that is wrong with it. */
  load(files: BundleOfFiles, from: string, as?: string): Barclamp;
  /** What is to be carried over in the cluster file; undefined where it cannot be read. */
  carried(): Promise<CarriedFile | undefined>;
}
