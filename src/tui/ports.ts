import type { EngineInfo, House, LoadedCluster } from "../core/house.ts";
import type { Facts } from "../core/model/facts.ts";
import type { Presenter } from "../core/presence/presence.ts";
import type { Clock, Logs, Store } from "../core/ports.ts";

/** What is asked of a house about rights, approvals, policy and what holds runs back; nothing of it changes anything. */
type Desks = Pick<House, "store" | "clock" | "approvals" | "policy" | "judge" | "authority" | "principal" | "person">;

/** Where the terminal UI's data comes from. All calls only read. */
export interface Sources {
  readonly store: Store;
  readonly logs: Logs;
  readonly clock: Clock;
  /** Absolute path of the cluster file. */
  readonly file: string;
  /** Reads and checks the files as they are now. @throws all problems at once. */
  load(): Promise<LoadedCluster>;
  knownFacts(): Promise<ReadonlyMap<string, { readonly facts: Facts; readonly at: number }>>;
  findEngine(cluster: string): Promise<EngineInfo | undefined>;
  readonly desks: Desks;
}

/** What gets the whole terminal for a while. */
export type Foreground =
  | { readonly kind: "shell"; readonly node: string }
  | { readonly kind: "pager"; readonly title: string; readonly text: string }
  /** The output of a command of ours, in the pager. */
  | { readonly kind: "paged"; readonly argv: readonly string[] }
  | { readonly kind: "editor"; readonly file: string; readonly line?: number }
  /** A command of ours that asks the person itself. */
  | { readonly kind: "command"; readonly argv: readonly string[] };

/** A command of ours that runs in a process of its own, so that it can neither stall the screen nor end with it unasked. */
export interface Child {
  /** The exit code, when it has ended; never rejects. */
  readonly done: Promise<number>;
  /** Asks it to end. */
  stop(): void;
}

/** Everything the terminal UI needs from the composition root (`src/cli/tui`). */
export interface TuiPorts {
  readonly sources: Sources;
  /** Who sits here. */
  readonly by: string;
  /** Says to others that somebody is here; `self` is the id by which that is known. */
  readonly presence: Presenter;
  readonly self: string;
  /** This machine's name. */
  readonly host: string;
  /** The options that make a typed command mean this cluster: `-f cluster.yaml`; shown where somebody joins from elsewhere. */
  readonly join: string;
  /** Runs `halligan ARGV...` on this cluster; `said` gets its output as it comes, coloured as on a terminal. */
  run(argv: readonly string[], said: (text: string) => void): Child;
  /** A file of the cluster folder as it is now; `undefined` = it cannot be read. */
  readText(file: string): Promise<string | undefined>;
  /** Gives the terminal away until the other program ends; a sentence about how that went, if there is anything to say. */
  foreground(what: Foreground): Promise<string | undefined>;
  /** Puts a text on the terminal's clipboard (OSC 52); false where it is too long. */
  copy(text: string): boolean;
  /** Stops this process as Ctrl+Z does; returns when it goes on. */
  suspend(): Promise<void>;
  /** Calls back after the cluster's files have changed; the returned function ends that. */
  onFilesChanged(changed: () => void): () => void;
  /** Command lines typed before, oldest first. */
  readonly history: { read(): Promise<readonly string[]>; add(line: string): void };
}
