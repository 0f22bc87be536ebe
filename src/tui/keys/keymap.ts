/** How much an action asks first: nothing; `y`; typing the cluster's name. Shown in help, so that nobody is surprised. */
export type Level = "safe" | "asks" | "types";

/** One row of the keymap: help, footer, README table and key handling are made from these. */
export interface KeyRow {
  readonly action: string;
  /** `global`, `list` (screens with rows), or the id of a screen. */
  readonly scope: string;
  readonly keys: readonly string[];
  /** A word or two. */
  readonly label: string;
  /** Place in the footer: higher stays longer when room is short; 0 = not there. */
  readonly hint: number;
  readonly level: Level;
}

/** Makes a row; most are safe and not in the footer. */
export function keyRow(
  scope: string,
  action: string,
  keys: readonly string[],
  label: string,
  more: Partial<Pick<KeyRow, "hint" | "level">> = {},
): KeyRow {
  return { scope, action, keys, label, hint: more.hint ?? 0, level: more.level ?? "safe" };
}

/** Keys that work on every screen. No function keys (terminals do not tell them apart), none that terminals or tmux keep for themselves. */
export const globalKeys: readonly KeyRow[] = [
  keyRow("global", "filter", ["/"], "filter", { hint: 7 }),
  keyRow("global", "palette", [":", "ctrl+p"], "command", { hint: 8 }),
  keyRow("global", "help", ["?"], "help", { hint: 100 }),
  keyRow("global", "back", ["esc", "h", "left"], "back", { hint: 6 }),
  keyRow("global", "quit", ["q", "ctrl+c"], "quit", { hint: 100 }),
  keyRow("global", "next-screen", ["tab"], "next screen"),
  keyRow("global", "previous-screen", ["shift+tab"], "previous screen"),
  keyRow("global", "copy", ["y"], "copy the row"),
  keyRow("global", "reload", ["ctrl+r"], "read everything again"),
  keyRow("global", "redraw", ["ctrl+l"], "draw again"),
  keyRow("global", "suspend", ["ctrl+z"], "stop, `fg` comes back"),
  keyRow("global", "jobs", ["&"], "commands started here"),
  keyRow("global", "here", ["H"], "who is here, how to join"),
  keyRow("global", "theme", ["ctrl+t"], "next theme"),
];

/** Keys of screens with rows. */
export const listKeys: readonly KeyRow[] = [
  keyRow("list", "down", ["j", "down"], "down"),
  keyRow("list", "up", ["k", "up"], "up"),
  keyRow("list", "page-down", ["pgdn", "ctrl+f"], "page down"),
  keyRow("list", "page-up", ["pgup", "ctrl+b"], "page up"),
  keyRow("list", "half-down", ["ctrl+d"], "half a page down"),
  keyRow("list", "half-up", ["ctrl+u"], "half a page up"),
  keyRow("list", "first", ["g", "home"], "first"),
  keyRow("list", "last", ["G", "end"], "last; follows what comes"),
  keyRow("list", "scroll-right", [">"], "scroll right"),
  keyRow("list", "scroll-left", ["<"], "scroll left"),
  keyRow("list", "side-down", ["J"], "scroll the panel down"),
  keyRow("list", "side-up", ["K"], "scroll the panel up"),
];

/** Keys of lists whose rows can be marked for bulk actions; added to screens that allow it. */
export function markKeys(scope: string): readonly KeyRow[] {
  return [
    keyRow(scope, "mark", ["space"], "mark", { hint: 3 }),
    keyRow(scope, "mark-all", ["*"], "mark all that are shown"),
    keyRow(scope, "unmark", ["_"], "take all marks away"),
  ];
}

/** Two actions on one key where both would be active. */
export interface Conflict {
  readonly key: string;
  readonly scopes: readonly [string, string];
  readonly actions: readonly [string, string];
}

/** All conflicts of a keymap: a screen's keys are active together with those of lists and the global ones. */
export function conflicts(rows: readonly KeyRow[]): readonly Conflict[] {
  const found: Conflict[] = [];
  const together = (one: string, other: string): boolean =>
    one === other || [one, other].some((each) => each === "global" || each === "list");
  const byKey = new Map<string, KeyRow[]>();
  for (const row of rows) {
    for (const key of row.keys) {
      const others = byKey.get(key) ?? [];
      for (const other of others) {
        if (together(other.scope, row.scope)) found.push({ key, scopes: [other.scope, row.scope], actions: [other.action, row.action] });
      }
      byKey.set(key, [...others, row]);
    }
  }
  return found;
}

/** The action of a key on a screen. */
export function actionOf(rows: readonly KeyRow[], screen: string, key: string): KeyRow | undefined {
  const matching = rows.filter((row) => row.keys.includes(key));
  return (
    matching.find(({ scope }) => scope === screen) ??
    matching.find(({ scope }) => scope === "list") ??
    matching.find(({ scope }) => scope === "global")
  );
}

/** What a screen's footer offers, most important last: `? help` and `q quit` stay to the end. */
export function footerRows(rows: readonly KeyRow[], screen: string): readonly KeyRow[] {
  const shown = rows.filter((row) => row.hint > 0 && (row.scope === screen || row.scope === "global" || row.scope === "list"));
  const place = ({ scope }: KeyRow): number => (scope === screen ? 0 : 1);
  return shown.toSorted((a, b) => place(a) - place(b));
}
