import type { Json } from "../ports.ts";

/** Arguments of a step by name. */
export type Args = Readonly<Record<string, Json>>;

/** What the planner needs to know of a step kind. */
export interface KindView {
  /** Checks rendered arguments. Issues are sentences such as `mode: expected octal digits`; they may quote values. */
  accept(args: Json): { readonly ok: true; readonly args: Args } | { readonly ok: false; readonly issues: readonly string[] };
  /** One line for people, from display values. */
  label(args: Args): string;
  /** Arguments that name a file of the barclamp. */
  readonly sources: readonly string[];
}

/** Step kinds by name; unknown kinds have none. */
export type KindLookup = (kind: string) => KindView | undefined;
