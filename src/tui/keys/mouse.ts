import { isTooSmall, layoutOf } from "../state/layout.ts";
import { type State, currentPage } from "../state/state.ts";
import type { ScreenTable } from "../screens/table.ts";

/** Tells the terminal to report presses and the wheel (1000), in the form without limits (1006); xterm's ctlseqs.txt, "Mouse Tracking". */
export const mouseOn = "\u001b[?1000h\u001b[?1006h";
/** Takes that back. */
export const mouseOff = "\u001b[?1006l\u001b[?1000l";

/** What happened with the mouse; columns and rows count from 1. */
export type MouseEvent =
  | { readonly what: "wheel-up" }
  | { readonly what: "wheel-down" }
  | { readonly what: "press"; readonly column: number; readonly row: number };

const report = /\u001b\[<(\d+);(\d+);(\d+)([Mm])/gu;
/** Rows that one notch of the wheel moves. */
const notch = 3;

/** The events in a piece of what the terminal sends; all else in it is left to others. */
export function mouseEvents(input: string): readonly MouseEvent[] {
  return [...input.matchAll(report)].flatMap(([, button, column, row, kind]): readonly MouseEvent[] => {
    if (kind === "m") return [];
    if (button === "64") return [{ what: "wheel-up" }];
    if (button === "65") return [{ what: "wheel-down" }];
    return button === "0" ? [{ what: "press", column: Number(column), row: Number(row) }] : [];
  });
}

/**
 * The keys that an event stands for: the wheel moves through rows, a press moves the cursor to a row. Never more than moves: nothing can be
 * answered, confirmed or started with the mouse, and nothing at all happens while a question is open.
 */
export function mouseKeys(event: MouseEvent, state: State, table: ScreenTable): readonly string[] {
  if (state.ui.overlay !== undefined || isTooSmall(state)) return [];
  if (event.what === "wheel-up") return Array.from({ length: notch }, () => "up");
  if (event.what === "wheel-down") return Array.from({ length: notch }, () => "down");
  const page = currentPage(state.ui);
  const { view, rows, tabs, listHeight, listWidth } = layoutOf(state, table.get(page.screen), page);
  if (view.kind !== "body") return [];
  const above = 1 + (tabs ? 1 : 0) + (view.stale === undefined ? 0 : 1) + view.head.length;
  const line = event.row - above - 1;
  if (line < 0 || line >= listHeight || event.column > listWidth) return [];
  const wanted = page.list.top + line;
  const here = rows.findIndex(({ id }) => id === page.list.cursor);
  if (rows[wanted] === undefined || rows[wanted].heading === true || here === -1) return [];
  const between = wanted > here ? rows.slice(here + 1, wanted + 1) : rows.slice(wanted, here);
  const moves = between.filter(({ heading }) => heading !== true).length;
  return Array.from({ length: moves }, () => (wanted > here ? "down" : "up"));
}
