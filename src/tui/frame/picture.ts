import type { ScreenTable } from "../screens/table.ts";
import type { State } from "../state/state.ts";
import { paint } from "../text/look.ts";
import { frame } from "./frame.ts";

/** What the terminal is to show, row by row, as it takes it: the very same array as long as every row says the same. */
export type Picture = (state: State, columns: number, rows: number) => readonly string[];

/** Makes a picture that remembers what it showed last. */
export function createPicture(table: ScreenTable): Picture {
  let last: { readonly state: State; readonly columns: number; readonly rows: number } | undefined;
  let shown: readonly string[] = [];
  return (state, columns, rows) => {
    if (last?.state === state && last.columns === columns && last.rows === rows) return shown;
    const { look, size } = state.ui;
    const sized =
      size.columns === columns && size.rows === rows ? state : { world: state.world, ui: { ...state.ui, size: { columns, rows } } };
    const drawn = frame(sized, table).map((row) => paint(row, look));
    last = { state, columns, rows }; // only now: what could not be drawn has to fail again
    if (drawn.length !== shown.length || drawn.some((text, index) => text !== shown[index])) shown = drawn;
    return shown;
  };
}
