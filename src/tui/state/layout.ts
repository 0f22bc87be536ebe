import type { BodyView, Row, Screen, View } from "../screens/screen.ts";
import type { World } from "../data/world.ts";
import { remember } from "../data/remember.ts";
import type { Look } from "../text/look.ts";
import { filterRows } from "./list.ts";
import { type ListState, type Page, type State, currentPage } from "./state.ts";

/** The smallest terminal that something useful fits on. */
export const least = { columns: 60, rows: 12 };

/** Columns before each row: the cursor and the mark. */
export const gutter = 3;

/** Where things are on the screen, in rows and columns. */
export interface Layout {
  readonly view: View;
  /** Rows that the filter leaves. */
  readonly rows: readonly Row[];
  readonly tabs: boolean;
  /** Of the page. */
  readonly height: number;
  readonly listHeight: number;
  readonly listWidth: number;
  readonly side: { readonly place: "right" | "below"; readonly width: number; readonly height: number } | undefined;
}

/** True where nothing useful fits. */
export function isTooSmall({ ui }: State): boolean {
  return ui.size.columns < least.columns || ui.size.rows < least.rows;
}

/** Computes the layout of the page that is shown; once for the update and the frame after it. */
export function layoutOf({ world, ui }: State, screen: Screen, { param, local, list }: Page = currentPage(ui)): Layout {
  return computed(screen, world, param, local, list, ui.look, ui.size.columns, ui.size.rows);
}

const computed = remember(compute);

function compute(
  screen: Screen,
  world: World,
  param: string,
  local: unknown,
  list: ListState,
  look: Look,
  columns: number,
  rows: number,
): Layout {
  const tabs = rows >= 16;
  // Header, tabs, the line for notices, and the footer.
  const height = Math.max(1, rows - (tabs ? 4 : 3));
  const view = screen.view({ world, param, local, list, look, width: columns, height });
  if (view.kind !== "body") return { view, rows: [], tabs, height, listHeight: height, listWidth: columns, side: undefined };
  const room = Math.max(1, height - view.head.length - (view.stale === undefined ? 0 : 1));
  const side = sideOf(view, columns, room);
  return {
    view,
    rows: filterRows(view.rows, list.filter),
    tabs,
    height,
    listHeight: side?.place === "below" ? room - side.height - 1 : room,
    listWidth: side?.place === "right" ? columns - side.width - 1 : columns,
    side,
  };
}

function sideOf(view: BodyView, columns: number, room: number): Layout["side"] {
  if (view.side === undefined) return undefined;
  if (columns >= 110) return { place: "right", width: Math.floor(columns * 0.48), height: room };
  if (room < 15) return undefined;
  // Few rows leave their room to the panel.
  const forRows = Math.min(Math.max(4, view.rows.length), Math.floor(room / 2));
  return { place: "below", width: columns, height: room - forRows - 1 };
}
