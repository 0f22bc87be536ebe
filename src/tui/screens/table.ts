import { type KeyRow, globalKeys, listKeys } from "../keys/keymap.ts";
import type { Screen } from "./screen.ts";

/** All screens by id. */
export interface ScreenTable {
  readonly all: readonly Screen[];
  get(id: string): Screen;
  /** The screens of the tab bar, in order. */
  readonly tabs: readonly Screen[];
  /** Those that can be opened by their name alone. */
  readonly named: readonly Screen[];
}

/** Makes the table; the first screen is where one starts, and where an unknown id leads. */
export function screenTable(all: readonly [Screen, ...Screen[]]): ScreenTable {
  const byId = new Map(all.map((screen) => [screen.id, screen]));
  return {
    all,
    get: (id) => byId.get(id) ?? all[0],
    tabs: all.filter(({ tab }) => tab !== undefined).toSorted((a, b) => ((a.tab?.key ?? "") < (b.tab?.key ?? "") ? -1 : 1)),
    named: all.filter(({ tab, named }) => tab !== undefined || named === true),
  };
}

/** The standard keymap: global keys, those of lists, those of the tab bar, and each screen's. */
export function standardKeymap(table: ScreenTable): readonly KeyRow[] {
  const tabs = table.tabs.map(
    ({ id, tab }): KeyRow => ({
      scope: "global",
      action: `go-${id}`,
      keys: tab === undefined ? [] : [tab.key],
      label: id,
      hint: 0,
      level: "safe",
    }),
  );
  return [...globalKeys, ...tabs, ...listKeys, ...table.all.flatMap(({ keys }) => keys)];
}
