/** A place in a file that was imported; lines count from 1. The line's text is never kept: it may hold a secret. */
export interface ImportPlace {
  readonly file: string;
  readonly line: number;
}

/** Something that an import changed or could not carry over. `message` holds names, never values of variables. */
export interface ImportNote extends ImportPlace {
  /** `renamed`: a name became another; `left`: a detail is missing; `node-left`: a whole host is missing; `unread`: a file or line is. */
  readonly kind: "renamed" | "left" | "node-left" | "unread";
  readonly message: string;
}

/** A host to jump over. Without a user it is reached as the node's user. */
export interface Hop {
  readonly user?: string;
  readonly host: string;
  readonly port?: number;
}

/** A host as a format describes it, before names are made valid. */
export interface FoundHost {
  readonly name: string;
  readonly address: string;
  readonly port?: string;
  readonly user?: string;
  readonly keys: readonly string[];
  readonly become?: "sudo" | "none";
  readonly jump: readonly Hop[];
  /** By the name that the format has for them. */
  readonly labels: ReadonlyMap<string, string>;
  readonly at: ImportPlace;
}

/** A host as the cluster file can hold it. What is absent follows the cluster's `ssh`. */
export interface ImportedNode {
  readonly name: string;
  readonly address: string;
  readonly port?: number;
  readonly user?: string;
  readonly keys: readonly string[];
  readonly become?: "sudo" | "none";
  /** `user@host:port`, first hop first. */
  readonly jump: readonly string[];
  readonly labels: ReadonlyMap<string, string>;
  readonly at: ImportPlace;
}

/** What an import found. */
export interface Imported {
  readonly nodes: readonly ImportedNode[];
  readonly notes: readonly ImportNote[];
}

/** Collects notes; the same one is kept once. */
export class Notes {
  readonly #notes = new Map<string, ImportNote>();

  add(kind: ImportNote["kind"], at: ImportPlace, message: string): void {
    const key = `${at.file}\u0000${at.line}\u0000${message}`;
    if (!this.#notes.has(key)) this.#notes.set(key, { kind, file: at.file, line: at.line, message });
  }

  /** All notes, by file in the order of first mention, then by line. */
  list(): readonly ImportNote[] {
    const files = [...new Set([...this.#notes.values()].map((note) => note.file))];
    const rank = new Map(files.map((file, index) => [file, index]));
    return [...this.#notes.values()].toSorted((a, b) => (rank.get(a.file) ?? 0) - (rank.get(b.file) ?? 0) || a.line - b.line);
  }
}

/** A text of unknown origin, short enough for a message and on one line. */
export function short(text: string): string {
  const flat = text.replaceAll(/\s+/gu, " ").trim();
  return flat.length > 80 ? `${flat.slice(0, 77)}...` : flat;
}

/** `a, b, c and 7 more`. */
export function nameList(names: Iterable<string>, most = 40): string {
  const all = [...names];
  const shown = all.slice(0, most).map(short).join(", ");
  return all.length > most ? `${shown} and ${all.length - most} more` : shown;
}
