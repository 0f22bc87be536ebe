import type { Row } from "../screens/screen.ts";
import type { ListState } from "./state.ts";

/** The rows that a filter leaves: every word of it must occur, one in quotes as a whole (`"n1"` is not in `n10`); headings stay only while nothing is filtered. */
export function filterRows(rows: readonly Row[], filter: string): readonly Row[] {
  const all = filter.toLowerCase().match(/"[^"]+"|\S+/gu) ?? [];
  if (all.length === 0) return rows;
  const words = all.filter((word) => !whole.test(word));
  const wholes = all.filter((word) => whole.test(word)).map((word) => word.slice(1, -1));
  return rows.filter((row) => {
    if (row.heading === true) return false;
    const text = row.text.toLowerCase();
    return words.every((word) => text.includes(word)) && wholes.every((word) => occursWhole(text, word));
  });
}

const whole = /^".+"$/u;

/** True where a word, a node's name for example, stands with nothing of a longer one around it. */
function occursWhole(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    const before = text[at - 1] ?? " ";
    const behind = text.slice(at + word.length);
    if (!/[\w.-]/u.test(before) && !/^(?:[\w-]|\.\w)/u.test(behind)) return true;
  }
  return false;
}

/** Rows that the cursor can stand on. */
function isPlace(row: Row | undefined): boolean {
  return row !== undefined && row.heading !== true;
}

/** The index of the nearest row that the cursor can stand on, from `index` on in direction `step`, else in the other. */
function nearest(rows: readonly Row[], index: number, step: 1 | -1): number {
  for (let at = index; at >= 0 && at < rows.length; at += step) if (isPlace(rows[at])) return at;
  for (let at = index; at >= 0 && at < rows.length; at -= step) if (isPlace(rows[at])) return at;
  return -1;
}

/**
 * The list as it stands over these rows: the cursor is on a row that is there, and on the screen. `gone` tells that its row has vanished and
 * a neighbour was chosen.
 */
export function settle(list: ListState, rows: readonly Row[], height: number): { readonly list: ListState; readonly gone: boolean } {
  const found = list.cursor === undefined ? -1 : rows.findIndex(({ id }) => id === list.cursor);
  const gone = list.cursor !== undefined && found === -1;
  const wanted = list.follow ? rows.length - 1 : found !== -1 ? found : Math.min(list.index, rows.length - 1);
  const index = nearest(rows, Math.max(0, wanted), list.follow || found === -1 ? -1 : 1);
  const cursor = rows[index]?.id;
  const marks = keptMarks(list.marks, rows);
  const top = topFor(list.top, index, rows.length, height);
  const at = Math.max(0, index);
  const same = cursor === list.cursor && at === list.index && top === list.top && marks === list.marks;
  return { list: same ? list : { ...list, cursor, index: at, top, marks }, gone };
}

/** Marks of rows that are gone go too; a filter hides marked rows but keeps them, so it is not given here. */
function keptMarks(marks: ReadonlySet<string>, rows: readonly Row[]): ReadonlySet<string> {
  if (marks.size === 0) return marks;
  const there = new Set(rows.map(({ id }) => id));
  return [...marks].every((id) => there.has(id)) ? marks : new Set([...marks].filter((id) => there.has(id)));
}

/** The first row to show, so that the cursor is on the screen and no room is wasted. */
function topFor(top: number, index: number, count: number, height: number): number {
  const last = Math.max(0, count - height);
  if (index < 0) return Math.min(top, last);
  const lowest = Math.max(0, index - height + 1);
  return Math.min(last, Math.max(lowest, Math.min(top, index)));
}

/** Moves the cursor by rows. Any move up ends following; reaching the end of a growing list begins it. */
export function move(list: ListState, rows: readonly Row[], by: number, grows: boolean): ListState {
  if (rows.length === 0) return list;
  const target = Math.min(rows.length - 1, Math.max(0, list.index + by));
  const index = nearest(rows, target, by < 0 ? -1 : 1);
  if (index === -1) return list;
  const top = index === nearest(rows, 0, 1) ? 0 : list.top;
  const follow = grows && index === rows.length - 1 && (by > 0 || list.follow) && by >= 0;
  return { ...list, index, cursor: rows[index]?.id, top, follow, side: index === list.index ? list.side : 0 };
}
