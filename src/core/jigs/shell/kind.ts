import type { z } from "zod";
import type { Json } from "../../ports.ts";
import type { Blob, ResolvedStep, Section } from "../resolved.ts";
import type { StepContext } from "./context.ts";
import type { Sh } from "./quote.ts";

/** Arguments as a kind's schema returns them. */
export type Args = Readonly<Record<string, Json>>;

/**
 * What can be taken back. `inverse`: a step that removes what this one made. `restore`: a step that brings back what was there before, from
 * the originals kept on the node. `none`: nothing, the kind's documentation says why.
 */
export type UndoClass = "inverse" | "restore" | "none";

/** One kind of step. Every file in `kinds/` exports exactly one of these; `kinds/index.ts` lists them. */
export interface StepKind<S extends z.ZodType = z.ZodType> {
  readonly kind: string;
  /** One sentence for people. */
  readonly summary: string;
  /** Strict. Every key has a description. Numbers and booleans are also accepted as strings, because templates render to strings. */
  readonly schema: S;
  /** `package: [a, b]` -> `{ name: [a, b] }`; undefined = this value is no shorthand. */
  shorthand(value: Json): Args | undefined;
  /** The part of the step's id after `kind:`. */
  naturalId(args: z.output<S>): string;
  /** One line for people. Only for display values: never given secrets. */
  label(args: z.output<S>): string;
  /** Only looks and never changes anything: may stand in `checks`. */
  readonly readOnly: boolean;
  /** Looking at it asks a program that may take its time, as guards do. */
  readonly slowLook?: true;
  /** May stand in `steps` alone, not in `verify`, `undo` or `around`. */
  readonly onlyInSteps?: true;
  readonly undo: { readonly class: UndoClass; readonly means: string };
  /** The step that undoes this one; undefined = there is nothing to undo. */
  inverse(args: z.output<S>, step: ResolvedStep): Inverse | undefined;
  /** Arguments that name a file of the barclamp, whose bytes come as blobs. */
  readonly sources: readonly string[];
  /** Arguments in which secrets may stand: the kind keeps them off command lines. Lists in them are refused, since they become words. */
  readonly secretArgs: readonly string[];
  readonly examples: readonly { readonly title: string; readonly yaml: string }[];
  /** Shell functions that the compiled steps call, beside the common ones. */
  readonly prelude: string;
  /** Compiles one step. */
  compile(args: z.output<S>, step: StepInput, context: StepContext): StepShell;
}

/** A step that takes another one back. */
export interface Inverse {
  readonly kind: string;
  readonly args: Args;
}

/** What a kind may know of the step that it compiles, beside its arguments. */
export interface StepInput {
  readonly id: string;
  readonly secret: boolean;
  readonly blobs: Readonly<Record<string, Blob>>;
  readonly section: Section;
  /** Some step of the node-role notifies this one. */
  readonly notified: boolean;
  /** An output takes its value from what this step prints. */
  readonly givesValue: boolean;
}

/**
 * The shell code of one step. `check` looks only at what was gathered and calls `hg_none OBSERVED` or `hg_want CHANGE OBSERVED`, after
 * `hg_diff KEY BEFORE AFTER` lines. `apply` makes it so and returns non-zero after `hg_fail MESSAGE`.
 */
export interface StepShell {
  readonly check: Sh;
  readonly apply: Sh;
  /** Prints `old` and `new` frames of a changed step. */
  readonly show?: Sh;
  /** Once, at the end, after a notification. */
  readonly notify?: Sh;
  /** In `verify` and `checks`: returns non-zero after `hg_fail`. Default: the check must say that nothing is to be done. */
  readonly verify?: Sh;
  /** The check must say none after applying. */
  readonly converges: boolean;
  /**
   * Applying changes nothing but the paths that the step gathers, and makes their parents. Such steps may be applied one right after another and be
   * looked at together.
   */
  readonly own?: true;
  /**
   * Beside steps of `own`: what applying may change of all that steps look at. `paths`: those that the step gathers and what lies below them;
   * `groups` and `accounts`: groups, or users and groups, as long as they are only added. Default: anything.
   */
  readonly touches?: "paths" | "groups" | "accounts";
  /** The check also says none where the step does not apply: that does not tell that what it makes is there. */
  readonly conditional?: boolean;
  /** How long `verify` asks again, in milliseconds. */
  readonly withinMs?: number;
}
