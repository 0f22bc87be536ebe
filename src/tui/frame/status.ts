import { letters } from "../text/letters.ts";
import type { Layout } from "../state/layout.ts";
import type { Page, State } from "../state/state.ts";
import type { Line, Seg } from "../text/line.ts";
import { lineWidth, oneLine } from "../text/line.ts";

/** The line above the footer: what is being typed, else what just happened, else a rule; at its right where one is in the rows. */
export function statusLine({ ui }: State, page: Page, { rows, view, listHeight }: Layout): Line {
  const { glyphs } = ui.look;
  const left = leftPart();
  const right = ` ${position()} `;
  const room = ui.size.columns - lineWidth({ segs: left, look: "normal" }) - right.length - 1;
  return { segs: [...left, [glyphs.rule.repeat(Math.max(0, room)), "dim"], [right, "dim"], [glyphs.rule, "dim"]], look: "normal" };

  function leftPart(): readonly Seg[] {
    const { overlay, notice } = ui;
    if (overlay?.kind === "filter")
      return [
        ["/", "accent"],
        [before(overlay.field), "plain"],
        [glyphs.caret, "accent"],
        [after(overlay.field), "plain"],
        [" ", "plain"],
      ];
    const filter: readonly Seg[] = page.list.filter === "" ? [] : [[`/${oneLine(page.list.filter)} `, "accent"]];
    if (notice !== undefined) return [[glyphs.rule, "dim"], [` ${oneLine(notice.text)} `, notice.tone], ...filter];
    return filter;
  }

  function position(): string {
    if (view.kind !== "body" || rows.length === 0) return "";
    const marked = page.list.marks.size === 0 ? "" : `${page.list.marks.size} marked  `;
    const all = view.rows.length === rows.length ? "" : ` of ${view.rows.length}`;
    const follow = page.list.follow && view.grows === true ? "following  " : "";
    const where = rows.length > listHeight ? `${page.list.index + 1}/${rows.length}` : `${rows.length}`;
    return `${marked}${follow}${where}${all}`;
  }
}

function before({ text, at }: { readonly text: string; readonly at: number }): string {
  return oneLine(letters(text).slice(0, at).join(""));
}

function after({ text, at }: { readonly text: string; readonly at: number }): string {
  return oneLine(letters(text).slice(at).join(""));
}
