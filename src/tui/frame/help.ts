import { type KeyRow } from "../keys/keymap.ts";
import { problemLines } from "../data/problem-lines.ts";
import type { ScreenTable } from "../screens/table.ts";
import { type State, currentPage } from "../state/state.ts";
import { type Line, blank, fitText, line } from "../text/line.ts";
import { wrapWords } from "../text/wrap.ts";

/** The keys that work where one is, made from the keymap, and what the screen is for. */
export function helpLines(state: State, table: ScreenTable, width: number): readonly Line[] {
  const { ui, world } = state;
  const screen = table.get(currentPage(ui).screen);
  const of = (scope: string): readonly KeyRow[] => ui.keymap.filter((row) => row.scope === scope);
  return [
    ...wrapWords(screen.about, width).map((text) => line(text)),
    blank,
    ...(ui.keyProblems.length === 0
      ? []
      : [line(["Your own keys cannot be used, so the standard ones hold:", "warn"]), ...problemLines(ui.keyProblems, width), blank]),
    ...section(screen.id, of(screen.id), ui.look.glyphs.cut, width),
    ...section("rows", of("list"), ui.look.glyphs.cut, width),
    ...section("everywhere", of("global"), ui.look.glyphs.cut, width),
    line(["Quitting asks nothing: runs belong to an engine process and go on.", "dim"]),
    line([`Join from elsewhere: halligan tui ${world.join}`, "dim"]),
  ];
}

/** Keys as help and README spell them. */
export function keysWords(row: KeyRow): string {
  return row.keys.join(", ");
}

/** What an action asks first, as help and README say it. */
export function levelWords({ level }: KeyRow): string {
  switch (level) {
    case "safe":
      return "";
    case "asks":
      return " (asks first)";
    case "types":
      return " (asks first; may want the cluster's name typed)";
    default:
      return level satisfies never;
  }
}

function section(title: string, rows: readonly KeyRow[], mark: string, width: number): readonly Line[] {
  if (rows.length === 0) return [];
  const cells = rows.map((row) => ({ keys: keysWords(row), label: row.label + levelWords(row) }));
  const keysWidth = Math.max(...cells.map(({ keys }) => keys.length));
  const cell = Math.max(...cells.map(({ label }) => label.length)) + keysWidth + 2;
  const across = cell * 2 + 3 <= width ? 2 : 1;
  const half = Math.ceil(cells.length / across);
  const lines = Array.from({ length: half }, (_, index) =>
    line(
      ...[cells[index], across === 2 ? cells[index + half] : undefined].flatMap((each, place) =>
        each === undefined
          ? []
          : [
              [place === 0 ? "" : "   ", "plain"] as const,
              [fitText(each.keys, keysWidth, mark), "accent"] as const,
              ["  ", "plain"] as const,
              [fitText(each.label, cell - keysWidth - 2, mark), "plain"] as const,
            ],
      ),
    ),
  );
  return [line([title, "strong"]), ...lines, blank];
}
