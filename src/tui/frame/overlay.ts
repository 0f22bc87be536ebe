import { defaultText } from "../../core/commands/shape.ts";
import { letters } from "../text/letters.ts";
import type { ScreenTable } from "../screens/table.ts";
import { findCommand, shapesOf } from "../state/command-line.ts";
import type { Field } from "../state/field.ts";
import { formLine } from "../state/form.ts";
import { suggestions } from "../state/palette.ts";
import type { Overlay, State } from "../state/state.ts";
import { type Line, type Seg, blank, fit, fitText, line, oneLine } from "../text/line.ts";
import { wrapWords } from "../text/wrap.ts";
import { helpLines } from "./help.ts";

/** Lines of a box and its width, to be laid over the page. */
export interface Box {
  readonly lines: readonly Line[];
  readonly width: number;
}

/** The box of what lies over the page; `undefined` where nothing does, or where it shows itself in the status line. */
export function overlayBox(state: State, table: ScreenTable, area: { readonly columns: number; readonly rows: number }): Box | undefined {
  const { overlay } = state.ui;
  const width = Math.min(area.columns - 4, 100);
  switch (overlay?.kind) {
    case undefined:
    case "filter":
      return undefined;
    case "palette":
      return boxed("command", paletteLines(state, overlay, table, { width: width - 4, rows: area.rows - 2 }), width, state);
    case "form":
      return boxed(overlay.command, formLines(state, overlay, width - 4, area.rows - 2), width, state);
    case "help":
      return boxed("keys", scrolled(helpLines(state, table, width - 4), overlay.top, area.rows - 2), width, state);
    case "confirm":
      return boxed(
        overlay.asked.title,
        confirmLines(state, overlay, { width: Math.min(width, 84) - 4, rows: area.rows - 2 }),
        Math.min(width, 84),
        state,
      );
    default:
      return overlay satisfies never;
  }
}

function boxed(title: string, lines: readonly Line[], width: number, { ui }: State): Box {
  const { corners, rule, bar, cut } = ui.look.glyphs;
  const [topLeft, topRight, bottomLeft, bottomRight] = corners;
  const name = ` ${oneLine(title)} `;
  const top = line([topLeft + rule, "dim"], [name, "strong"], [rule.repeat(Math.max(0, width - name.length - 3)) + topRight, "dim"]);
  const inside = lines.map((row): Line => {
    const fitted = fit(row, width - 4, cut);
    const edge: Seg = [bar, "dim"];
    return { segs: [edge, [" ", "plain"], ...fitted.segs, [" ", "plain"], edge], look: "normal" };
  });
  return { lines: [top, ...inside, line([bottomLeft + rule.repeat(Math.max(0, width - 2)) + bottomRight, "dim"])], width };
}

function scrolled(lines: readonly Line[], top: number, rows: number): readonly Line[] {
  const from = Math.min(top, Math.max(0, lines.length - rows));
  return lines.slice(from, from + rows);
}

/** The text of a field with its caret, scrolled so that the caret is seen. */
function fieldSegs(field: Field, caret: string, width: number): readonly Seg[] {
  const chars = letters(field.text);
  const from = Math.max(0, field.at - width + 2);
  return [
    [oneLine(chars.slice(from, field.at).join("")), "plain"],
    [caret, "accent"],
    [oneLine(chars.slice(field.at).join("")), "plain"],
  ];
}

function paletteLines(
  state: State,
  overlay: Extract<Overlay, { kind: "palette" }>,
  table: ScreenTable,
  room: { readonly width: number; readonly rows: number },
): readonly Line[] {
  const { glyphs } = state.ui.look;
  const offered = suggestions(overlay.field.text, state.world, table);
  const shown = Math.max(1, Math.min(room.rows - 3, 14));
  const top = Math.max(0, Math.min(overlay.index - Math.floor(shown / 2), offered.length - shown));
  const names = Math.min(38, Math.max(12, ...offered.slice(top, top + shown).map(({ label }) => label.length)));
  const rows = offered.slice(top, top + shown).map(({ label, about }, index): Line => {
    const chosen = top + index === overlay.index;
    const row = line(
      [chosen ? `${glyphs.cursor} ` : "  ", "accent"],
      [fitText(label, names, glyphs.cut), chosen ? "strong" : "plain"],
      ["  ", "plain"],
      [about, "dim"],
    );
    return row;
  });
  const typed = overlay.field.text.trim();
  const said = typed === "" ? "Type a command, a screen or a few letters." : `halligan ${typed.replace(/^halligan\s+/u, "")}`;
  return [
    { segs: [[": ", "accent"], ...fieldSegs(overlay.field, glyphs.caret, room.width - 2)], look: "normal" },
    line([said, "dim"]),
    blank,
    ...(rows.length === 0 ? [line(["Nothing fits; enter runs the line as it is.", "dim"])] : rows),
  ];
}

function formLines(state: State, form: Extract<Overlay, { kind: "form" }>, width: number, rows: number): readonly Line[] {
  const { glyphs } = state.ui.look;
  const command = findCommand(form.command.split(" "))?.command;
  if (command === undefined) return [];
  const shapes = shapesOf(command);
  const names = Math.max(...shapes.map(({ word }) => word.length));
  const room = Math.max(1, rows - 5);
  const top = Math.max(0, Math.min(form.index - Math.floor(room / 2), shapes.length - room));
  const fields = shapes.slice(top, top + room).map((shape, index): Line => {
    const at = top + index === form.index;
    const value = form.values[top + index]?.field ?? { text: "", at: 0 };
    const shown: readonly Seg[] =
      shape.kind === "boolean"
        ? [[value.text === "yes" ? "yes" : "no", "plain"]]
        : at
          ? fieldSegs(value, glyphs.caret, 30)
          : [[oneLine(value.text), "plain"]];
    const usual = defaultText(shape);
    const standard = usual === undefined ? "" : ` (${usual})`;
    const about = `  ${shape.required ? "needed: " : ""}${shape.choices.length > 0 ? `${shape.choices.join(" | ")}: ` : ""}${shape.description}${standard}`;
    return {
      segs: [
        [at ? `${glyphs.cursor} ` : "  ", "accent"],
        [fitText(shape.word, names, glyphs.cut), at ? "strong" : "plain"],
        ["  ", "plain"],
        ...shown,
        [oneLine(about), "dim"],
      ],
      look: "normal",
    };
  });
  return [
    ...wrapWords(command.summary, width).map((text) => line(text)),
    blank,
    ...fields,
    blank,
    form.problem === undefined ? line([`halligan ${formLine(form)}`, "dim"]) : line([form.problem, "warn"]),
  ];
}

function confirmLines(
  state: State,
  overlay: Extract<Overlay, { kind: "confirm" }>,
  { width, rows }: { readonly width: number; readonly rows: number },
): readonly Line[] {
  const { asked, expect, field } = overlay;
  const { glyphs } = state.ui.look;
  const answer: readonly Line[] =
    asked.level === "asks"
      ? [line(["y", "accent"], " does it, ", ["esc", "accent"], " leaves it")]
      : [
          line("type ", [expect, "strong"], " and press ", ["enter", "accent"], " to go on, ", ["esc", "accent"], " leaves it"),
          { segs: [["> ", "accent"], ...fieldSegs(field, glyphs.caret, width - 2)], look: "normal" as const },
        ];
  const says = asked.says.flatMap((text) => wrapWords(text, width).map((row) => line(row)));
  const room = Math.max(1, rows - answer.length);
  const command = asked.command === "" || says.length + 2 > room ? [] : [line([asked.command, "dim"])];
  const space = says.length + command.length + 1 > room ? [] : [blank];
  return [...says.slice(0, room), ...command, ...space, ...answer];
}
