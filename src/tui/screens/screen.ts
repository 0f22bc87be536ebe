import type { Problem } from "../../core/errors.ts";
import type { Loaded } from "../data/loaded.ts";
import type { AnyTopic } from "../data/topic.ts";
import type { World } from "../data/world.ts";
import type { KeyRow } from "../keys/keymap.ts";
import type { Confirmation, Effect, ListState, Page } from "../state/state.ts";
import type { Look } from "../text/look.ts";
import type { Line, Tone } from "../text/line.ts";

/** One row of a page. */
export interface Row {
  /** Stays the same while the thing it shows is the same. */
  readonly id: string;
  /** What `/` looks at, what `y` copies, what the line mode reads out. */
  readonly text: string;
  /** Drawn only while it is on the screen. */
  line(width: number): Line;
  /** A heading: the cursor passes over it. */
  readonly heading?: boolean;
}

/** A panel beside the rows, or below them where the screen is narrow; left out where it is small. */
export interface Side {
  readonly title: string;
  lines(width: number): readonly Line[];
  /** Its end matters most: that is what is shown, and scrolling goes up from there. */
  readonly end?: boolean;
}

/** What a screen shows. The frame draws all of these the same way everywhere. */
export type View =
  | { readonly kind: "waiting"; readonly what: string; readonly since: number }
  | { readonly kind: "failed"; readonly problems: readonly Problem[] }
  | { readonly kind: "empty"; readonly says: string; readonly command?: string }
  | BodyView;

/** Rows with something above and beside them. */
export interface BodyView {
  readonly kind: "body";
  /** Stands still above the rows. */
  readonly head: readonly Line[];
  readonly rows: readonly Row[];
  readonly side?: Side;
  /** The data could not be read again: what is shown is old. */
  readonly stale?: readonly Problem[];
  /** Where the cursor begins, if not at the first row. */
  readonly first?: string;
  /** New rows come at the end and may be followed. */
  readonly grows?: boolean;
  /** One comes to its last row, and follows. */
  readonly startsAtEnd?: boolean;
}

/** What a screen is drawn from. */
export interface Sight<Local = unknown> {
  readonly world: World;
  readonly param: string;
  readonly local: Local;
  readonly list: ListState;
  readonly look: Look;
  /** Of the area for the page. */
  readonly width: number;
  readonly height: number;
}

/** What an action sees. */
export interface ActionSight<Local = unknown> extends Sight<Local> {
  /** The row with the cursor. */
  readonly row: Row | undefined;
  /** Ids of the marked rows, else of the row with the cursor: what a bulk action is about. */
  readonly chosen: readonly string[];
}

/** What an action wants. */
export type Intent<Local = unknown> =
  | { readonly want: "open"; readonly screen: string; readonly param: string }
  | { readonly want: "back" }
  /** Puts the cursor on the row with this id, if it is there. */
  | { readonly want: "cursor"; readonly id: string }
  | { readonly want: "filter"; readonly text: string }
  /** Stays at the end of rows that grow, or no longer. */
  | { readonly want: "follow"; readonly on: boolean }
  | { readonly want: "local"; readonly value: Local }
  | { readonly want: "notice"; readonly text: string; readonly tone: Tone }
  | { readonly want: "ask"; readonly confirmation: Confirmation }
  | { readonly want: "effect"; readonly effect: Effect }
  /** Opens the palette with this text typed. */
  | { readonly want: "type"; readonly text: string }
  /** Opens a command's form; `rest` is filled in already. */
  | { readonly want: "form"; readonly command: string; readonly rest: readonly string[] }
  | { readonly want: "unmark" };

/** One screen. All screens stand in one table (`registry.ts`). */
export interface Screen<Local = unknown> {
  readonly id: string;
  /** Set for the screens of the tab bar: the key, and the word. */
  readonly tab?: { readonly key: string; readonly label: string };
  /** It can be opened by its name alone, though it has no tab. */
  readonly named?: true;
  /** One sentence for help and palette. */
  readonly about: string;
  /** The word in the breadcrumbs. */
  title(page: Page): string;
  /** The data it shows; a topic may be there only after another was read. */
  topics(world: World, page: Page): readonly AnyTopic[];
  /** `now`: when it is opened, ms since 1970. */
  start(param: string, now: number): Local;
  /** True while it shows something that moves by itself, such as a run that is played again. */
  moves?(world: World, page: Page): boolean;
  /** True while something on it counts seconds. */
  ticks?(world: World, page: Page): boolean;
  view(sight: Sight<Local>): View;
  readonly keys: readonly KeyRow[];
  /** What each action of `keys` does. */
  readonly actions: Readonly<Record<string, (sight: ActionSight<Local>) => readonly Intent<Local>[]>>;
}

/** Ties a screen's own state together and hides it: outside, only the screen may look into `local`. */
export function defineScreen<Local>(screen: Screen<Local>): Screen {
  return screen as unknown as Screen;
}

/** Shows data in whatever state it is: `body` draws the value. */
export function whenReady<T>(loaded: Loaded<T>, what: string, body: (value: T, stale: readonly Problem[] | undefined) => View): View {
  switch (loaded.phase) {
    case "loading":
      return { kind: "waiting", what, since: loaded.since };
    case "failed":
      return { kind: "failed", problems: loaded.problems };
    case "ready":
      return body(loaded.value, undefined);
    case "stale": {
      const view = body(loaded.value, loaded.problems);
      return view.kind === "body" ? { ...view, stale: view.stale ?? loaded.problems } : view;
    }
    default:
      return loaded satisfies never;
  }
}
