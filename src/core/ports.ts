/**
 * What the core needs from the outside world. Adapters (`core/adapters`) implement these; everything else in the core only sees the types here.
 */

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

/** Time, as an argument. */
export interface Clock {
  now(): EpochMs;
  /** Resolves after `ms` milliseconds, or rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** What this process has used, for who must not ask too much of it. */
export interface Meter {
  /** Time that has passed since some moment, ms; never set back. */
  elapsedMs(): number;
  /** Of it, the time in which this thread computed. */
  computedMs(): number;
  /** Of it, the time in which there was nothing to do: the event loop waited for something to happen. */
  idleMs(): number;
}

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

// ---------------------------------------------------------------------------------------------------------------------
// Store

/** Global order of events in one store. Strictly increasing; gaps are allowed, reuse is not. */
export type Position = number;

/** An event as a writer gives it. */
export interface NewEvent {
  readonly type: string;
  readonly data: Json;
}

/** An event as the store keeps it. `at` is stamped by the store; `version` counts from 1 within its stream. */
export interface StoredEvent extends NewEvent {
  readonly position: Position;
  readonly stream: string;
  readonly version: number;
  readonly at: EpochMs;
}

/** Proof of holding a lease; tokens only grow. */
export interface Fence {
  readonly lease: string;
  readonly token: number;
}

/** Conditions of an append. */
export interface AppendOptions {
  /** Stream version that the writer decided on; 0 = the stream must not exist. Omitted = no check. */
  readonly expected?: number;
  /** The same id on the same stream appends once; later calls return the first result with `duplicate: true`. */
  readonly commandId?: string;
  /** Refused with `FENCED` once anybody has held this lease with a higher token. */
  readonly fence?: Fence;
}

/** Where an append ended. */
export interface AppendResult {
  readonly version: number;
  readonly position: Position;
  readonly duplicate: boolean;
}

/** A time-limited exclusive right. */
export interface Lease extends Fence {
  readonly owner: string;
  readonly expiresAt: EpochMs;
}

/** A document with a revision for compare-and-swap. */
export interface Doc<T extends Json = Json> {
  readonly key: string;
  readonly value: T;
  readonly rev: number;
}

/** What is wanted of documents: all but one field at their top, or that field alone, as an object with `null` where a document has none. */
export type DocPart = { readonly without: string } | { readonly only: string };

/**
 * The meeting place of all processes: an ordered journal of streams, documents with revisions, and leases with fencing tokens.
 * Problems: `VERSION_CONFLICT`, `FENCED`, `STORE_FULL`, `STORE_UNAVAILABLE`.
 */
export interface Store {
  append(stream: string, events: readonly NewEvent[], options?: AppendOptions): Promise<AppendResult>;
  /** One stream (`after` is a version) or everything (`after` is a position), oldest first; `limit` defaults to 1000. */
  read(query: { readonly stream?: string; readonly after?: number; readonly limit?: number }): Promise<readonly StoredEvent[]>;
  /** Position of the newest event; 0 = none. */
  head(): Promise<Position>;
  /** Catches up from position `after`, then goes on live: in order, no gap, no duplicate. Ends when the signal aborts. `types`: no events of other types. */
  subscribe(query: {
    readonly after: Position;
    readonly signal: AbortSignal;
    readonly types?: readonly string[];
  }): AsyncIterable<StoredEvent>;
  get<T extends Json>(collection: string, key: string): Promise<Doc<T> | undefined>;
  /** In the order of the keys' UTF-8 bytes. `part`: for who does not need all of each document. */
  list<T extends Json>(collection: string, prefix?: string, part?: DocPart): Promise<readonly Doc<T>[]>;
  /** The keys of `list`. */
  keys(collection: string): Promise<readonly string[]>;
  /** `rev` 0 = create only. Returns the new revision. */
  put(collection: string, key: string, value: Json, rev: number): Promise<number>;
  /** Removes a document at exactly this revision. */
  delete(collection: string, key: string, rev: number): Promise<void>;
  /**
   * Removes the events of a stream between its first and its last, and what was remembered of their appends. Positions and versions of all others stay as they
   * are, and the next append goes on from the last. Returns how many were removed.
   */
  trim(stream: string): Promise<number>;
  /** Gives the room of what was removed back to the system, where the store holds on to it. Others wait while that lasts. Problems: `STORE_FULL`. */
  compact(): Promise<void>;
  /** `undefined` = somebody else holds it. Acquiring again as the same owner renews and keeps the token. */
  acquire(lease: string, owner: string, ttlMs: number): Promise<Lease | undefined>;
  /** The present holder, if its lease has not expired. */
  holder(lease: string): Promise<Lease | undefined>;
  release(lease: Lease): Promise<void>;
  close(): Promise<void>;
}

// ---------------------------------------------------------------------------------------------------------------------
// Queue

/** Something that a worker is to get. It lies in clear text in the queue: references only. */
export interface Delivery {
  /** The same id is carried once at a time. */
  readonly id: string;
  readonly data: Json;
}

/**
 * Carries deliveries to workers, each to one of those that work at its place. Nothing is true because it is in the queue: what is lost there is sent again,
 * and what comes twice is refused by whoever gets it. Problems: `STORE_UNAVAILABLE`.
 */
export interface JobQueue {
  /** Sends; what is on its way with this id already stays as it is. */
  send(place: string, delivery: Delivery): Promise<void>;
  /** Lets a delivery that waits for another try come at once. */
  hasten(place: string, id: string): Promise<void>;
  /** Takes back what nobody works on; does nothing where somebody does. */
  takeBack(place: string, id: string): Promise<void>;
  /** How many deliveries of a place nobody works on. */
  waiting(place: string): Promise<number>;
  /**
   * Works on what comes to a place, `atOnce` deliveries at a time, until `end`. What `handle` rejects comes again after a pause; `again` tells that it was
   * begun before. The signal aborts when the delivery is no longer this worker's.
   */
  work(
    place: string,
    atOnce: number,
    handle: (delivery: Delivery, again: boolean, signal: AbortSignal) => Promise<void>,
  ): Promise<QueueWork>;
  close(): Promise<void>;
}

/** A worker's place at a queue. */
export interface QueueWork {
  /** Takes nothing new until `resume`. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Takes nothing new and resolves when all that it has is done; with `now` it lets go of them at once. */
  end(now: boolean): Promise<void>;
}

// ---------------------------------------------------------------------------------------------------------------------
// Transport

/** How a remote command ended. `lost` = the channel closed without an exit code: the outcome is unknown, never success. */
export type Exit =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "signalled"; readonly signal: string }
  | { readonly kind: "lost"; readonly reason: string };

/** One running remote command. Both outputs must be consumed or the remote side blocks (flow control is real). */
export interface RemoteCommand {
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly stderr: AsyncIterable<Uint8Array>;
  /** Settles once, after both outputs have ended; never rejects. */
  readonly exit: Promise<Exit>;
  /** Resolves when the input has arrived on the node, or the command is over. Absent where the transport cannot tell. */
  delivered?(): Promise<void>;
  /** Closes the channel at once. The remote process is not told; `exit` becomes `lost` unless it had ended. */
  abandon(): void;
}

/** A running command whose input stays open, so that it can be asked one thing after another. */
export interface Conversation extends RemoteCommand {
  /** Sends more; to be called once what was sent before has been answered. `delivered` is about what was sent last. */
  say(stdin: readonly Uint8Array[]): void;
  /** Closes the input, after what was said. */
  end(): void;
}

/** What is sent to a command: bytes, the pieces that they consist of, or what comes one after another. */
export type Input = Uint8Array | readonly Uint8Array[] | AsyncIterable<Uint8Array>;

/** One authenticated connection to one node. */
export interface Connection {
  /**
   * Runs `command` through the login user's shell, sends `stdin` and then closes it. At most 8 at once; further calls wait.
   * Rejects with `CHANNEL_REFUSED` or `CONNECTION_LOST` only when the command surely did not start.
   */
  exec(command: string, options?: { readonly stdin?: Input }): Promise<RemoteCommand>;
  /**
   * As `exec`, but the input stays open. `onWanted` is called when somebody waits for a place among those 8, or those that the server allows: who is not being asked
   * anything should end. Absent where the transport has no such commands.
   */
  converse?(command: string, options: { readonly stdin: readonly Uint8Array[]; readonly onWanted: () => void }): Promise<Conversation>;
  /** Settles when the connection is gone, with the reason. */
  readonly closed: Promise<string>;
  close(): Promise<void>;
}

/** A value that must not be printed: `reveal()` is the only way to it. */
export interface Secret {
  reveal(): string;
}

/** How to reach and become root on one node; made from the cluster file's `ssh` settings (model/cluster.ts). */
export interface SshTarget {
  readonly node: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly transport: "ssh2" | "openssh";
  /** Private key files to offer, in order, absolute paths. */
  readonly keys: readonly string[];
  /** Path of an agent socket, if one is to be used. */
  readonly agent?: string;
  readonly password?: Secret;
  /** Passphrase for encrypted keys. */
  readonly passphrase?: Secret;
  /** Hosts to go through, first hop first (ProxyJump). */
  readonly jumps: readonly SshTarget[];
  /** `strict`: unknown host keys are refused. `accept-new`: pinned at first sight. A changed key is always refused. */
  readonly hostKeys: "strict" | "accept-new";
  /** Our own known_hosts file, OpenSSH format, plus read-only ones (~/.ssh/known_hosts). */
  readonly knownHosts: { readonly file: string; readonly alsoRead: readonly string[] };
  readonly connectTimeoutMs: number;
}

/**
 * Opens SSH connections. Problems: `HOST_UNREACHABLE`, `HOST_KEY_UNKNOWN`, `HOST_KEY_CHANGED`, `AUTH_FAILED`, `KEY_UNREADABLE`,
 * `PASSPHRASE_WRONG`, `SSH_PROTOCOL`, `CONNECTION_LOST`.
 */
export interface Transport {
  connect(target: SshTarget, signal?: AbortSignal): Promise<Connection>;
}

// ---------------------------------------------------------------------------------------------------------------------
// Logs

/** One log: the output of one node-role in one run; further attempts have `.2`, `.3` behind the role. */
export interface LogName {
  readonly run: string;
  readonly node: string;
  readonly role: string;
}

/** A piece of a log. */
export interface LogPart {
  readonly bytes: Uint8Array;
  /** Offset of the first byte. */
  readonly from: number;
  /** Offset to read on from. */
  readonly next: number;
}

/** Bounded files with the output of steps. Output must be redacted before it comes here. */
export interface Logs {
  /** Adds bytes. What would exceed the cap is dropped, and a last line says once that it was. Problems: `STORE_FULL`, `STORE_UNAVAILABLE`. */
  append(log: LogName, bytes: Uint8Array): Promise<void>;
  /** At most `limit` bytes (default 1 MiB) from an offset on; empty where the log ends or does not exist. Problems: `STORE_UNAVAILABLE`. */
  read(log: LogName, from: number, limit?: number): Promise<LogPart>;
  /** The last `limit` bytes. Problems: `STORE_UNAVAILABLE`. */
  tail(log: LogName, limit: number): Promise<LogPart>;
  /** Removes all logs of a run; returns how many there were. Problems: `STORE_UNAVAILABLE`. */
  forget(run: string): Promise<number>;
}
