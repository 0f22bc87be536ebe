import { footerRows, type KeyRow } from "../keys/keymap.ts";
import type { ScreenTable } from "../screens/table.ts";
import { type State, currentPage } from "../state/state.ts";
import type { Line, Seg } from "../text/line.ts";
import { textWidth } from "../../core/words/text-width.ts";

const names: Readonly<Record<string, string>> = { space: "space", enter: "enter", up: "up", down: "down" };

/** The keys that matter here; what is least important goes first when room is short, `? help` and `q quit` never. */
export function footerLine(state: State, table: ScreenTable): Line {
  const hints = state.ui.overlay === undefined ? pageHints(state, table) : overlayHints(state);
  return { segs: [[" ", "plain"], ...fitting(hints, state.ui.size.columns - 1)], look: "normal" };
}

interface Hint {
  readonly key: string;
  readonly label: string;
  readonly weight: number;
}

function pageHints(state: State, table: ScreenTable): readonly Hint[] {
  const { ui } = state;
  const page = currentPage(ui);
  const screen = table.get(page.screen);
  return footerRows(ui.keymap, screen.id)
    .filter(({ action, scope }) => scope !== "global" || action !== "back" || ui.stack.length > 1)
    .map(hintOf);
}

function hintOf({ keys, label, hint }: KeyRow): Hint {
  const key = keys[0] ?? "";
  return { key: names[key] ?? key, label, weight: hint };
}

function overlayHints({ ui }: State): readonly Hint[] {
  // In a field `?` and `q` are letters: what always stays is the way out.
  const hint = (key: string, label: string): Hint => ({ key, label, weight: key === "esc" ? 100 : 10 });
  switch (ui.overlay?.kind) {
    case "filter":
      return [hint("enter", "keep it"), hint("esc", "as before")];
    case "palette":
      return [hint("enter", "run"), hint("tab", "complete"), hint("up", "earlier lines"), hint("esc", "leave")];
    case "form":
      return [hint("tab", "next"), hint("space", "choose"), hint("enter", "run"), hint("esc", "leave")];
    case "help":
      return [hint("j k", "scroll"), hint("esc", "leave")];
    case "confirm":
      return ui.overlay.asked.level === "asks"
        ? [hint("y", "do it"), hint("esc", "leave it")]
        : [hint("enter", "do it"), hint("esc", "leave it")];
    case undefined:
      return [];
    default:
      return ui.overlay satisfies never;
  }
}

function fitting(hints: readonly Hint[], room: number): readonly Seg[] {
  let shown = [...hints];
  const width = ({ key, label }: Hint): number => textWidth(key) + 1 + textWidth(label) + 3;
  while (shown.reduce((sum, hint) => sum + width(hint), -3) > room) {
    const least = shown.reduce((best, hint) => (hint.weight < best.weight ? hint : best), shown[0] ?? { key: "", label: "", weight: 0 });
    if (shown.length <= 1 || least.weight >= 100) break;
    shown = shown.filter((hint) => hint !== least);
  }
  return shown.flatMap(({ key, label }, index): readonly Seg[] => [
    [index === 0 ? "" : "   ", "plain"],
    [key, "accent"],
    [` ${label}`, "dim"],
  ]);
}
