import type { Layout } from "./layout.ts";
import { move } from "./list.ts";
import type { ListState } from "./state.ts";

/** What keys do to a list. */
export type ListCommand =
  | "down"
  | "up"
  | "page-down"
  | "page-up"
  | "half-down"
  | "half-up"
  | "first"
  | "last"
  | "scroll-right"
  | "scroll-left"
  | "side-down"
  | "side-up"
  | "mark"
  | "mark-all"
  | "unmark";

const sideways = 8;

/** The list after a command. */
export function listCommand(list: ListState, command: ListCommand, { view, rows, listHeight }: Layout): ListState {
  if (view.kind !== "body") return list;
  const grows = view.grows === true;
  const by = (count: number): ListState => move(list, rows, count, grows);
  switch (command) {
    case "down":
      return by(1);
    case "up":
      return by(-1);
    case "page-down":
      return by(listHeight);
    case "page-up":
      return by(-listHeight);
    case "half-down":
      return by(Math.max(1, Math.floor(listHeight / 2)));
    case "half-up":
      return by(-Math.max(1, Math.floor(listHeight / 2)));
    case "first":
      return { ...by(-rows.length), top: 0 };
    case "last":
      return { ...by(rows.length), follow: grows };
    case "scroll-right":
      return { ...list, across: list.across + sideways };
    case "scroll-left":
      return { ...list, across: Math.max(0, list.across - sideways) };
    case "side-down":
    case "side-up": {
      // A panel that shows its end is scrolled up from there.
      const scroll = (command === "side-up") === (view.side?.end === true) ? 3 : -3;
      return { ...list, side: Math.max(0, list.side + scroll) };
    }
    case "mark": {
      if (list.cursor === undefined) return list;
      const marks = new Set(list.marks);
      if (!marks.delete(list.cursor)) marks.add(list.cursor);
      return { ...by(1), marks };
    }
    case "mark-all":
      return { ...list, marks: new Set(rows.filter(({ heading }) => heading !== true).map(({ id }) => id)) };
    case "unmark":
      return { ...list, marks: new Set() };
    default:
      return command satisfies never;
  }
}
