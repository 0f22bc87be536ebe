import type { Intent } from "../screens/screen.ts";
import type { ScreenTable } from "../screens/table.ts";
import { typedBy } from "../keys/key-names.ts";
import { editField, emptyField, fieldOf, pasteInto } from "./field.ts";
import { formKey, formOf } from "./form.ts";
import { suggestions } from "./palette.ts";
import { runLine } from "./run-line.ts";
import type { Effect, Overlay, State } from "./state.ts";

/** The overlay after a key, and what came out of it. */
export interface OverlayResult {
  readonly overlay: Overlay | undefined;
  readonly intents: readonly Intent[];
  readonly effects: readonly Effect[];
  /** The page's filter, where it changes. */
  readonly filter?: string;
}

type Of<Kind extends Overlay["kind"]> = Extract<Overlay, { kind: Kind }>;

/** A question cannot be answered sooner than a person can have read that it is there. */
const guardMs = 300;

/** What a key does to what lies over the page. `press.alone`: nothing else arrived with it. */
export function overlayKey(
  state: State,
  overlay: Overlay,
  name: string,
  press: { readonly at: number; readonly alone: boolean },
  table: ScreenTable,
): OverlayResult {
  switch (overlay.kind) {
    case "filter":
      return filterKey(overlay, name);
    case "palette":
      return paletteKey(state, overlay, name, table);
    case "form":
      return formKey(state, overlay, name);
    case "help":
      return helpKey(overlay, name);
    case "confirm":
      return confirmKey(overlay, name, press);
    default:
      return overlay satisfies never;
  }
}

/** A paste goes into a field, never into an answer. */
export function overlayPaste(overlay: Overlay | undefined, text: string): OverlayResult {
  switch (overlay?.kind) {
    case "filter": {
      const field = pasteInto(overlay.field, text);
      return { ...keep({ ...overlay, field }), filter: field.text };
    }
    case "palette":
      return keep({ ...overlay, field: pasteInto(overlay.field, text), index: 0 });
    case "form":
      return keep({
        ...overlay,
        values: overlay.values.map((value, index) => (index === overlay.index ? { ...value, field: pasteInto(value.field, text) } : value)),
      });
    case "help":
    case "confirm":
    case undefined:
      return keep(overlay);
    default:
      return overlay satisfies never;
  }
}

/** Nothing came out of it. */
function keep(overlay: Overlay | undefined): OverlayResult {
  return { overlay, intents: [], effects: [] };
}

function filterKey(overlay: Of<"filter">, name: string): OverlayResult {
  if (name === "esc") return { ...keep(undefined), filter: overlay.before };
  if (name === "enter" || name === "up" || name === "down") return keep(undefined);
  const field = editField(overlay.field, name);
  return field === undefined ? keep(overlay) : { ...keep({ ...overlay, field }), filter: field.text };
}

function paletteKey(state: State, overlay: Of<"palette">, name: string, table: ScreenTable): OverlayResult {
  const { history } = state.ui;
  const offered = suggestions(overlay.field.text, state.world, table);
  const chosen = offered[overlay.index];
  const recall = (back: number): OverlayResult => {
    const line = back === 0 ? "" : history.at(-back);
    return line === undefined ? keep(overlay) : keep({ ...overlay, field: fieldOf(line), back, index: 0 });
  };
  switch (name) {
    case "esc":
      return keep(undefined);
    case "up":
    case "ctrl+p":
      return overlay.index > 0 && overlay.back === 0 ? keep({ ...overlay, index: overlay.index - 1 }) : recall(overlay.back + 1);
    case "down":
    case "ctrl+n":
      if (overlay.back > 0) return recall(overlay.back - 1);
      return keep({ ...overlay, index: Math.min(overlay.index + 1, Math.max(0, offered.length - 1)) });
    case "tab":
      return chosen === undefined ? keep(overlay) : keep({ ...overlay, field: fieldOf(chosen.text), index: 0, back: 0 });
    case "enter": {
      const line = chosen?.runs === true && overlay.back === 0 ? chosen.text.trim() : overlay.field.text.trim();
      return line === "" ? keep(undefined) : submit(state, line, table);
    }
    default: {
      if (name === "backspace" && overlay.field.text === "") return keep(undefined);
      const field = editField(overlay.field, name);
      return field === undefined ? keep(overlay) : keep({ ...overlay, field, index: 0, back: 0 });
    }
  }
}

function submit(state: State, line: string, table: ScreenTable): OverlayResult {
  const wanted = runLine(line, state.world, table);
  const effects: Effect[] = [{ do: "remember", line }];
  if ("form" in wanted) return { overlay: formOf(wanted.form, wanted.rest), intents: [], effects };
  return { overlay: undefined, intents: wanted, effects };
}

function helpKey(overlay: Of<"help">, name: string): OverlayResult {
  const by: Readonly<Record<string, number>> = {
    j: 1,
    down: 1,
    k: -1,
    up: -1,
    pgdn: 10,
    pgup: -10,
    "ctrl+d": 10,
    "ctrl+u": -10,
    g: -1_000,
    G: 1_000,
    space: 10,
  };
  const step = by[name];
  if (step !== undefined) return keep({ ...overlay, top: Math.min(1_000, Math.max(0, overlay.top + step)) });
  return ["esc", "q", "?", "h", "left", "enter"].includes(name) ? keep(undefined) : keep(overlay);
}

function confirmKey(overlay: Of<"confirm">, name: string, { at, alone }: { readonly at: number; readonly alone: boolean }): OverlayResult {
  const declined: OverlayResult = {
    ...keep(undefined),
    intents: [{ want: "notice", tone: "plain", text: `${overlay.asked.title}: nothing was done.` }],
  };
  if (name === "esc") return declined;
  if (at - overlay.openedAt < guardMs) return keep(overlay);
  const agreed: OverlayResult = { overlay: undefined, intents: [], effects: overlay.asked.effects };
  if (overlay.asked.level === "asks") {
    if (name === "n" || name === "q") return declined;
    return name === "y" && alone ? agreed : keep(overlay);
  }
  if (name === "enter") {
    if (!alone) return keep(overlay);
    return overlay.field.text === overlay.expect ? agreed : keep({ ...overlay, field: emptyField });
  }
  const edits = typedBy(name) !== undefined || name === "backspace" || name === "delete" || name === "ctrl+u";
  const field = edits ? editField(overlay.field, name) : undefined;
  return keep(field === undefined ? overlay : { ...overlay, field });
}
