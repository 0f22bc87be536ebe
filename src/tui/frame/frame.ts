import type { ScreenTable } from "../screens/table.ts";
import { isTooSmall, layoutOf, least } from "../state/layout.ts";
import { type State, currentPage } from "../state/state.ts";
import { type Line, blank, fit, line, withLook } from "../text/line.ts";
import { bodyRows } from "./body.ts";
import { footerLine } from "./footer.ts";
import { headerLine, tabsLine } from "./header.ts";
import { overlayBox } from "./overlay.ts";
import { statusLine } from "./status.ts";

/** The whole screen: exactly as many rows as the terminal has, each exactly as wide. Pure. */
export function frame(state: State, table: ScreenTable): readonly Line[] {
  const { columns, rows } = state.ui.size;
  const cut = state.ui.look.glyphs.cut;
  const all = isTooSmall(state) ? tooSmall(state) : full(state, table);
  return Array.from({ length: rows }, (_, index) => fit(all[index] ?? blank, columns, cut));
}

function full(state: State, table: ScreenTable): readonly Line[] {
  const page = currentPage(state.ui);
  const layout = layoutOf(state, table.get(page.screen), page);
  const lost = state.world.link.phase === "lost";
  const drawn = bodyRows(state, page, layout);
  const body = Array.from({ length: layout.height }, (_, index) => {
    const row = drawn[index] ?? blank;
    return lost ? withLook(row, "faded") : row;
  });
  const above = [headerLine(state, table), ...(layout.tabs ? [tabsLine(state, table)] : [])];
  const below = [statusLine(state, page, layout), footerLine(state, table)];
  const box = overlayBox(state, table, { columns: state.ui.size.columns, rows: layout.height });
  return [...above, ...(box === undefined ? body : covered(body, box, layout.height, state)), ...below];
}

/** The page with a box over it. The rows of the box are full, so nothing of the page peeps through; the rest is faded. */
function covered(
  body: readonly Line[],
  box: { readonly lines: readonly Line[]; readonly width: number },
  height: number,
  state: State,
): readonly Line[] {
  const { columns } = state.ui.size;
  const { cut } = state.ui.look.glyphs;
  const left = Math.max(0, Math.floor((columns - box.width) / 2));
  const top = Math.max(0, Math.floor((height - box.lines.length) / 3));
  return Array.from({ length: height }, (_, index) => {
    const behind = withLook(fit(body[index] ?? blank, columns, cut), "faded");
    const over = box.lines[index - top];
    if (over === undefined) return behind;
    const inside = fit(over, box.width, cut);
    return { segs: [[" ".repeat(left), "plain"], ...inside.segs], look: "normal" };
  });
}

function tooSmall({ ui, world }: State): readonly Line[] {
  const { columns, rows } = ui.size;
  return [
    line(["halligan", "strong"], ` needs ${least.columns}x${least.rows}`),
    line(`this is ${columns}x${rows}`),
    line(["make the window larger, or", "dim"]),
    line(["halligan tui --plain", "accent"]),
    line([world.link.phase === "lost" ? "the store does not answer" : "q quits; a run goes on", "dim"]),
  ];
}
