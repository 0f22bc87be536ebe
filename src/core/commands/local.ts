import type { KeptSources } from "../authority/policy/kept.ts";
import type { PolicySource } from "../authority/policy/load-policy.ts";
import type { PolicyEngine } from "../authority/policy/world.ts";
import type { Problem } from "../errors.ts";
import type { House } from "../house.ts";
import type { Barclamp } from "../model/barclamp.ts";
import type { LockedBarclamp } from "../model/lock-file.ts";
import type { Store } from "../ports.ts";
import type { LocalSources } from "./barclamp-sources.ts";

/** A file to be written: path relative to a folder, and its text. */
export interface NewFile {
  readonly path: string;
  readonly text: string;
}

/** A cluster file as `validate` sees it. */
export interface CheckedCluster {
  /** Absolute path. */
  readonly file: string;
  readonly problems: readonly Problem[];
  /** What the file describes, when it has no problems. */
  readonly counts?: { readonly nodes: number; readonly deployments: number; readonly barclamps: number };
  /** What works and should be changed. */
  readonly notices: readonly Problem[];
}

/** `cluster` = beside the cluster file, perhaps in place of one of the lock file; `fetched` = by the lock file; `shipped` = came with Halligan. */
export type BarclampOrigin =
  | { readonly origin: "cluster"; readonly hides: boolean }
  | { readonly origin: "shipped" }
  | { readonly origin: "fetched"; readonly locked: LockedBarclamp };

/** A barclamp that was found, with where it lies, or what is wrong with it. */
export type FoundBarclamp = {
  readonly name: string;
  readonly folder: string;
} & BarclampOrigin &
  (
    | { readonly barclamp: Barclamp; readonly problems: readonly [] }
    | { readonly barclamp?: undefined; readonly problems: readonly Problem[] }
  );

/** One examination by `doctor`. */
export interface Examination {
  /** What was examined, a few words: `store`, `node.js`, `sudo`. */
  readonly name: string;
  readonly verdict: "ok" | "warn" | "fail" | "skipped";
  /** What was found, one sentence. */
  readonly found: string;
  /** What to do; always there when the verdict is `warn` or `fail`. */
  readonly action?: string;
}

/** What was copied from where to where, with the SHA-256 over all of it. */
export interface CopiedState {
  readonly from: string;
  readonly to: string;
  readonly events: number;
  readonly documents: number;
  readonly logs: number;
  readonly digest: string;
}

/**
 * Names for shell completion. `targets`: what can be applied, deployments and plans; `logged`: what has logs, runs and nodes;
 * `nodeRoles`: of the newest plan; `requests`: for approval; `freezes`: those that people set and are not over, and windows of the cluster file.
 */
export const nameKinds = [
  "nodes",
  "deployments",
  "barclamps",
  "rules",
  "runs",
  "targets",
  "logged",
  "nodeRoles",
  "secrets",
  "requests",
  "plans",
  "revisions",
  "proposals",
  "freezes",
] as const;
export type NameKind = (typeof nameKinds)[number];

/** One node of a lab. */
export interface LabNodeView {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly state: "up" | "down";
}

/** A lab as it is now. */
export interface LabView {
  readonly driver: "sandbox" | "nspawn";
  readonly clusterName: string;
  readonly state: "up" | "partial" | "down";
  readonly nodes: readonly LabNodeView[];
  readonly clusterFile: string;
  readonly cluster: "written" | "kept" | "other" | "missing";
  readonly keepsFiles: boolean;
  readonly notices: readonly Problem[];
}

/** A node that came up or went down, for progress. */
export type LabProgress = (what: string, done: number, total: number, item?: string) => void;

/** What commands about rules need of files and threads. */
export interface LocalPolicy {
  sources(): Promise<KeptSources>;
  fixtures(of: "own" | "shipped"): Promise<readonly PolicySource[]>;
  /** Close it when all is judged. */
  engine(): PolicyEngine & { close(): Promise<void> };
}

/** How a lab is brought up. */
export interface LabWish {
  readonly nodes: number;
  readonly driver: "sandbox" | "nspawn";
  readonly name: string;
  readonly providerNetwork: boolean;
  readonly layer?: string | undefined;
}

/** How the terminal UI is wanted. */
export interface TuiWish {
  readonly theme: "auto" | "dark" | "light" | "mono";
  readonly ascii: boolean;
  /** Listen to the mouse. */
  readonly mouse: boolean;
  /** Id of the screen to begin with. */
  readonly screen: string;
  readonly house: House;
  readonly signal: AbortSignal;
}

/** What is to be served. */
export interface ServeWish {
  /** A folder of cluster folders. */
  readonly clusters?: string;
  readonly slack: boolean;
  /** The slash command of this installation. */
  readonly command: string;
  /** Port for signed HTTP; absent = Socket Mode. */
  readonly http?: number;
  /** Port of 127.0.0.1 for metrics and health; absent = neither. */
  readonly metrics: number | undefined;
  readonly signal: AbortSignal;
}

/** What was served. */
export interface ServeEnd {
  /** Names, sorted. */
  readonly clusters: readonly string[];
}

/** How a worker is wanted. */
export interface WorkerWish {
  readonly site?: string;
  /** Jobs at once. */
  readonly concurrency: number;
  readonly name?: string;
  /** Port of 127.0.0.1 for metrics and health. */
  readonly metrics: number | undefined;
  readonly signal: AbortSignal;
}

/** What a worker did. */
export interface WorkerEnd {
  readonly name: string;
  readonly site: string | null;
  /** Deliveries that it saw to their end. */
  readonly done: number;
}

/** What is to be said when the terminal UI has been left. */
export interface TuiEnd {
  /** The run that still goes on. */
  readonly openRun?: string;
}

/**
 * What the machine on which a command is typed offers: files, the lab, a shell. Commands that need no store and no network work with this alone.
 */
export interface Local {
  /** Absolute path of the cluster file: `-f`, else `cluster.yaml` in the current folder. */
  readonly clusterFile: string;
  /** Reads and checks a cluster file with the barclamps it uses. Never throws for what is wrong with the files. */
  check(file: string): Promise<CheckedCluster>;
  /** Names for completion, from the cluster file as it is, however broken; never throws. */
  names(kind: NameKind): Promise<readonly string[]>;
  /** Writes new files and makes the folders for them. Nothing is overwritten. @throws `FILE_EXISTS`, `FILE_UNWRITABLE`. */
  writeNew(folder: string, files: readonly NewFile[]): Promise<readonly string[]>;
  /** Writes a report, in place of the one that was there. Returns its absolute path. @throws `FILE_UNWRITABLE`. */
  writeReport(path: string, text: string): Promise<string>;
  /** The machine's time zone, by its IANA name. */
  readonly zone: string;
  /** A new code that nobody can guess, to be read and typed by people. */
  newCode(): Promise<string>;
  /** A line that is typed without being shown, or comes on stdin; `undefined` when there is none. */
  askHidden(what: string): Promise<string | undefined>;
  /**
   * Signs a text for one purpose with an SSH key: `agent`, or a key file. Only keys with these fingerprints are taken from the agent. The
   * answer is what `ssh-keygen -Y sign` writes. @throws `SIGNING_FAILED`, `KEY_UNREADABLE`, `PASSPHRASE_NEEDED`, `PASSPHRASE_WRONG`.
   */
  sign(wish: {
    readonly source: string;
    readonly message: string;
    readonly namespace: string;
    readonly fingerprints: ReadonlySet<string>;
  }): Promise<string>;
  /** The user's home folder. */
  readonly home: string;
  /** Reads a text file. @throws `FILE_NOT_FOUND`, `FILE_TOO_LARGE`. */
  readText(path: string): Promise<string>;
  /** Reads a file of any content, at most 16 MiB. @throws `FILE_NOT_FOUND`, `FILE_TOO_LARGE`. */
  readBytes(path: string): Promise<Uint8Array>;
  /** Moves a store. Problems: those of both stores, `STORE_NOT_EMPTY`, `STORE_IN_USE`, `STORE_MOVED`, `STORE_COPY`. */
  copyState(from: string, to: string): Promise<CopiedState>;
  /** Writes the cluster's store into a new file. */
  exportState(file: string): Promise<CopiedState>;
  /** Fills the cluster's store, which is empty, from such a file. Problems: `STORE_COPY`, `STORE_NOT_EMPTY`. */
  importState(file: string): Promise<CopiedState>;
  /** Opens a copy of a store for reading only; nothing is written. @throws `STORE_UNAVAILABLE`, `STORE_UNSUITABLE`, `STORE_CORRUPT`. */
  openStoreCopy(file: string): Promise<Pick<Store, "read"> & { close(): void }>;
  /** What lies in a folder, sorted by name; `undefined` where there is no such folder. */
  list(path: string): Promise<readonly { readonly name: string; readonly folder: boolean }[] | undefined>;
  /** Replaces a file that still holds `before`. @throws `IMPORT_CONFLICT` when it does not, `FILE_UNWRITABLE`. */
  replaceText(path: string, before: string, after: string): Promise<void>;
  /** Writes a small working barclamp to `barclamps/NAME` beside the cluster file. @throws `BARCLAMP_EXISTS`, `VALUE_INVALID`. */
  newBarclamp(name: string): Promise<{ readonly folder: string; readonly files: readonly string[] }>;
  /** Barclamps beside the cluster file, of its lock file, then those shipped, sorted by name; a name counts where it is found first. */
  barclamps(): Promise<readonly FoundBarclamp[]>;
  /** Barclamps from git repositories and folders: the lock file and the cache beside the cluster file. */
  sources(): Promise<LocalSources>;
  /** Text files of a barclamp's `fixtures/` folder, sorted by name. */
  fixtures(folder: string): Promise<readonly { readonly file: string; readonly text: string }[]>;
  /** Runs a check script under /bin/sh in a private folder and gives its log. @throws `STEP_TIMEOUT` after `timeoutMs`, `CHECK_FAILED`. */
  runCheck(script: Uint8Array, timeoutMs: number): Promise<{ readonly log: Uint8Array; readonly stderr: string }>;
  /** Policy files and fixtures of the cluster folder and of this package, and a thread to judge in. */
  policy(): Promise<LocalPolicy>;
  /** Examines this machine: Node.js, ssh, store, disk, clock, sandbox. */
  examine(): Promise<readonly Examination[]>;
  labUp(wish: LabWish, progress: LabProgress): Promise<LabView>;
  /** `undefined` = there is no lab here. */
  labDown(discard: boolean, progress: LabProgress): Promise<LabView | undefined>;
  labStatus(): Promise<LabView | undefined>;
  /** Runs the terminal UI until the person leaves. */
  tui(wish: TuiWish): Promise<TuiEnd>;
  /** Serves engines and the bot until the signal. @throws `SERVE_CLUSTERS`, `SLACK_SETUP`, and what is wrong with the files. */
  serve(wish: ServeWish): Promise<ServeEnd>;
  /** Carries out jobs for engines elsewhere until the signal. @throws `WORKER_STORE`, `WORKER_NAME_TAKEN`, `STORE_*`. */
  work(wish: WorkerWish): Promise<WorkerEnd>;
  /** The guided tour through a lab (`npm start`). */
  labTour(options: {
    readonly driver: "sandbox" | "nspawn";
    readonly nodes: number;
  }): Promise<{ readonly exit: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 70 }>;
}
