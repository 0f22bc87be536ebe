import type { Problem } from "../../core/errors.ts";
import type { World } from "../data/world.ts";
import type { KeyRow, Level } from "../keys/keymap.ts";
import type { Foreground } from "../ports.ts";
import type { Look } from "../text/look.ts";
import type { Tone } from "../text/line.ts";
import type { Field } from "./field.ts";

/** Where one is in the rows of a page. The cursor is a row's id: an index means something else as soon as rows come or go. */
export interface ListState {
  readonly cursor: string | undefined;
  /** Where the cursor stood, to find its neighbour when its row vanishes. */
  readonly index: number;
  /** First row on the screen. */
  readonly top: number;
  /** First column of rows on the screen. */
  readonly across: number;
  /** First row of the side panel on the screen. */
  readonly side: number;
  readonly marks: ReadonlySet<string>;
  readonly filter: string;
  /** Stay at the end while rows are added. */
  readonly follow: boolean;
}

/** A screen that somebody has come to, with what they did there. */
export interface Page {
  readonly screen: string;
  /** What the screen shows: a node's name, a plan's id; empty where there is only one. */
  readonly param: string;
  readonly list: ListState;
  /** The screen's own state; only the screen reads it. */
  readonly local: unknown;
}

/** What is to happen outside; carried out by the driver. */
export type Effect =
  | { readonly do: "quit" }
  | { readonly do: "suspend" }
  | { readonly do: "redraw" }
  | { readonly do: "reload" }
  | { readonly do: "copy"; readonly text: string; readonly what: string }
  | { readonly do: "foreground"; readonly what: Foreground }
  | { readonly do: "remember"; readonly line: string }
  | RunEffect
  | { readonly do: "stop"; readonly job: number };

/** Runs a command of ours in a process of its own. */
export interface RunEffect {
  readonly do: "run";
  readonly argv: readonly string[];
  /** `output`: its output is shown as it comes. `quiet`: only its end is told; its output is shown when it failed. */
  readonly show: "output" | "quiet";
  /** Where to go when it has ended well. */
  readonly opens?: { readonly screen: string; readonly param: string };
}

/** A question before something changes. What happens on yes was fixed when it was asked. */
export interface Confirmation {
  readonly level: Exclude<Level, "safe">;
  readonly title: string;
  /** What it means, sentences. */
  readonly says: readonly string[];
  /** The equal command line. */
  readonly command: string;
  readonly effects: readonly Effect[];
}

/** What lies over the page and takes the keys. */
export type Overlay =
  | { readonly kind: "filter"; readonly field: Field; readonly before: string }
  | { readonly kind: "palette"; readonly field: Field; readonly index: number; readonly back: number }
  | {
      readonly kind: "form";
      readonly command: string;
      readonly values: readonly FormValue[];
      readonly index: number;
      readonly problem?: string;
    }
  | { readonly kind: "help"; readonly top: number }
  | { readonly kind: "confirm"; readonly asked: Confirmation; readonly expect: string; readonly field: Field; readonly openedAt: number };

/** One argument in a form, as text. */
export interface FormValue {
  readonly key: string;
  readonly field: Field;
}

/** A sentence about what just happened. */
export interface Notice {
  readonly text: string;
  readonly tone: Tone;
  readonly at: number;
}

/** Everything that is not data. */
export interface Ui {
  /** The last is the one that is shown. */
  readonly stack: readonly Page[];
  readonly overlay: Overlay | undefined;
  readonly notice: Notice | undefined;
  readonly size: { readonly columns: number; readonly rows: number };
  readonly look: Look;
  readonly keymap: readonly KeyRow[];
  readonly keyProblems: readonly Problem[];
  /** Command lines typed before, oldest first. */
  readonly history: readonly string[];
}

/** The whole of it. */
export interface State {
  readonly world: World;
  readonly ui: Ui;
}

/** A list nobody has moved in. */
export const freshList: ListState = {
  cursor: undefined,
  index: 0,
  top: 0,
  across: 0,
  side: 0,
  marks: new Set(),
  filter: "",
  follow: false,
};

/** The page that is shown. */
export function currentPage({ stack }: Ui): Page {
  return stack.at(-1) ?? { screen: "nodes", param: "", list: freshList, local: undefined };
}
