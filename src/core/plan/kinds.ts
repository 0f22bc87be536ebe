import type { Json } from "../ports.ts";

/** Arguments of a step by name. */
export type Args = Readonly<Record<string, Json>>;

/** What is wrong with an argument; `path` is empty when it is about all of them. The message may quote values. */
export interface KindIssue {
  readonly path: string;
  readonly message: string;
}

/** What the planner needs to know of a step kind. */
export interface KindView {
  /** Checks rendered arguments. */
  accept(args: Json): { readonly ok: true; readonly args: Args } | { readonly ok: false; readonly issues: readonly KindIssue[] };
  /** One line for people, from display values. */
  label(args: Args): string;
  /** Arguments that name a file of the barclamp. */
  readonly sources: readonly string[];
  /** Arguments in which secrets may stand. */
  readonly secretArgs: readonly string[];
}

/** Step kinds by name; unknown kinds have none. */
export type KindLookup = (kind: string) => KindView | undefined;
