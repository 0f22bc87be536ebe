import type { BodyView, View } from "../screens/screen.ts";
import { type Layout, gutter } from "../state/layout.ts";
import type { Page, State } from "../state/state.ts";
import { problemLines } from "../data/problem-lines.ts";
import { durationWords } from "../../core/words/time.ts";
import { type Line, type Seg, blank, fit, line, lineWidth, shifted, withLook } from "../text/line.ts";
import { wrapWords } from "../text/wrap.ts";

/** The rows of the page's area. */
export function bodyRows(state: State, page: Page, layout: Layout): readonly Line[] {
  const { view } = layout;
  return view.kind === "body" ? listRows(state, page, layout, view) : insteadOf(view, state);
}

/** What stands there while there is nothing to list. */
function insteadOf(view: Exclude<View, { kind: "body" }>, { world, ui }: State): readonly Line[] {
  const width = Math.min(ui.size.columns - 4, 100);
  const indent = (row: Line): Line => ({ segs: [["  ", "plain"], ...row.segs], look: row.look });
  switch (view.kind) {
    case "waiting": {
      const waited = world.now - view.since;
      // What is there at once needs no word about waiting.
      return waited < 300 ? [] : [blank, indent(line([`Reading ${view.what} ... ${durationWords(waited)}`, "dim"]))];
    }
    case "failed":
      return [blank, ...problemLines(view.problems, width).map(indent), blank, indent(line(["ctrl+r reads it again.", "dim"]))];
    case "empty":
      return [
        blank,
        ...wrapWords(view.says, width).map((text) => indent(line(text))),
        ...(view.command === undefined ? [] : [blank, indent(line([`:${view.command}`, "accent"]))]),
      ];
    default:
      return view satisfies never;
  }
}

function listRows(state: State, page: Page, layout: Layout, view: BodyView): readonly Line[] {
  const { ui } = state;
  const { glyphs } = ui.look;
  const { listWidth, listHeight, side } = layout;
  const stale =
    view.stale === undefined ? [] : [line([`Could not be read again: ${view.stale[0]?.message ?? ""} ctrl+r tries again.`, "warn"])];
  const rows = layout.rows.slice(page.list.top, page.list.top + listHeight).map((row) => {
    const at = row.id === page.list.cursor;
    const head: Seg[] = [
      [at ? glyphs.cursor : " ", "accent"],
      [page.list.marks.has(row.id) ? glyphs.mark : " ", "warn"],
      [" ", "plain"],
    ];
    const drawn = shifted(row.line(page.list.across > 0 ? 4_000 : listWidth - gutter), page.list.across);
    const whole: Line = { segs: [...head, ...drawn.segs], look: "normal" };
    return at ? withLook(fit(whole, listWidth, glyphs.cut), "selected") : whole;
  });
  const empty = layout.rows.length === 0 && page.list.filter !== "" ? [line(["   nothing matches; esc takes the filter away", "dim"])] : [];
  const list = [...rows, ...empty];
  const filled = Array.from({ length: listHeight }, (_, index) => list[index] ?? blank);
  const head = [...stale, ...view.head];
  if (side === undefined || view.side === undefined) return [...head, ...filled];
  const lines = view.side.lines(side.width - 2);
  const room = side.place === "below" ? side.height : side.height - 1;
  const last = Math.max(0, lines.length - room);
  const top = view.side.end === true ? Math.max(0, last - page.list.side) : Math.min(page.list.side, last);
  const panel = lines.slice(top, top + room);
  const more = lines.length - top - room;
  const title = ` ${view.side.title} ${more > 0 ? `(${more} more rows, J) ` : ""}`;
  if (side.place === "below") {
    const named = line([glyphs.rule.repeat(2), "dim"], [title, "strong"]);
    const rule: Line = { segs: [...named.segs, [glyphs.rule.repeat(Math.max(0, listWidth - lineWidth(named))), "dim"]], look: "normal" };
    return [...head, ...filled, rule, ...panel.map((row) => ({ segs: [[" ", "plain"], ...row.segs] as const, look: row.look }))];
  }
  const bar: Seg = [glyphs.bar, "dim"];
  const beside = [line([` ${view.side.title}${more > 0 ? ` (${more} more rows, J)` : ""}`, "strong"]), ...panel.slice(0, side.height - 1)];
  return [
    ...head,
    ...filled.map((row, index): Line => {
      const left = fit(row, listWidth, glyphs.cut);
      const right =
        index === 0 ? (beside[0] ?? blank) : { segs: [[" ", "plain"] as const, ...(beside[index]?.segs ?? [])], look: "normal" as const };
      if (row.look === "selected") return { segs: left.segs, look: "selected", beside: [bar, ...right.segs] };
      return { segs: [...left.segs, bar, ...right.segs], look: row.look };
    }),
  ];
}
