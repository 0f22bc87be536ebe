import type { PolicyReport } from "../authority/policy/report.ts";
import type { Problem } from "../errors.ts";
import type { LoadedCluster } from "../house.ts";
import type { Digest } from "../model/ids.ts";
import type { RevisionEntry, Seen } from "./revisions.ts";

/** A cluster file's text as it was judged, with the barclamps that are there now. */
export type JudgedText =
  | { readonly loaded: LoadedCluster; readonly problems: readonly [] }
  | { readonly loaded?: undefined; readonly problems: readonly [Problem, ...Problem[]] };

/** Whose change a commit in git is. */
export interface GitAuthor {
  readonly name: string;
  readonly email: string;
}

/** Whether a git commit can be made of a cluster file, and what became of one. */
export type GitState =
  /** There is no repository. */
  | { readonly kind: "none" }
  /** `detached`: on no branch. */
  | { readonly kind: "ready"; readonly detached: boolean }
  /** It is better left to people. `why` is a clause without a full stop. */
  | { readonly kind: "left"; readonly why: string };

/** What became of a commit. */
export type GitOutcome =
  | Exclude<GitState, { kind: "ready" }>
  | { readonly kind: "committed"; readonly commit: string; readonly detached: boolean };

/** The cluster file, for whoever proposes changes of it. */
export interface IntentDesk {
  /** The text as it is now. @throws `FILE_NOT_FOUND`, `FILE_TOO_LARGE`. */
  read(): Promise<string>;
  /** Reads a text as if it were the cluster file. Never throws for what is wrong with it. */
  check(text: string): Promise<JudgedText>;
  /** A kept revision with its own barclamps; `undefined` when the store does not have it. */
  kept(revision: Digest): Promise<LoadedCluster | undefined>;
  /** What rules of the policy that apply to proposals say of it: against what the file says now. */
  judge(after: LoadedCluster): Promise<PolicyReport>;
  /** Keeps a text with the barclamps as they are as a revision. @throws what is wrong with it. */
  keep(text: string, seen: Seen): Promise<RevisionEntry>;
  /** Writes the file in one go; nobody sees half of it. @throws `PROPOSAL_STALE` when it does not hold `before` any more, `FILE_UNWRITABLE`. */
  write(before: string, after: string): Promise<void>;
  /** Looks at the repository before the file is written. Never throws. */
  prepareGit(): Promise<GitState>;
  /** Commits the file alone, whatever else is changed or staged. Never throws, never pushes. No author = as git is configured. */
  commitToGit(message: string, author: GitAuthor | undefined): Promise<GitOutcome>;
  /** Runs the work while nobody else writes the file through Halligan. @throws `INTENT_BUSY`. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
}
