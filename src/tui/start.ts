import { type OwnKeys, overrideKeys } from "./keys/overrides.ts";
import type { Problem } from "../core/errors.ts";
import { createDriver, type Driver } from "./app/driver.ts";
import { openRun } from "./data/world.ts";
import type { TuiPorts } from "./ports.ts";
import { screens } from "./screens/registry.ts";
import { type ScreenTable, standardKeymap } from "./screens/table.ts";
import { type State, freshList } from "./state/state.ts";
import { type ThemeName, lookOf } from "./text/look.ts";

/** How the terminal UI begins. */
export interface StartOptions {
  readonly ports: TuiPorts;
  readonly look: { readonly theme: ThemeName; readonly unicode: boolean };
  readonly size: { readonly columns: number; readonly rows: number };
  /** Id of the first screen. */
  readonly screen: string;
  readonly keys: OwnKeys;
}

/** The first state: one page, no data. */
function initialState(options: StartOptions, table: ScreenTable): State {
  const { sources, by, self, host, join } = options.ports;
  const { rows, problems } = overrideKeys(standardKeymap(table), options.keys);
  const screen = table.get(options.screen);
  const now = sources.clock.now();
  const [problem] = problems;
  return {
    world: { now, by, self, host, file: sources.file, join, link: { phase: "live" }, shelf: new Map(), jobs: new Map() },
    ui: {
      stack: [{ screen: screen.id, param: "", list: freshList, local: screen.start("", now) }],
      overlay: undefined,
      notice: problem === undefined ? undefined : { text: keyNotice(problem, problems.length), tone: "warn", at: now },
      size: options.size,
      look: lookOf(options.look.theme, options.look.unicode),
      keymap: rows,
      keyProblems: problems,
      history: [],
    },
  };
}

/** What is said at the start about keys that cannot be used. */
function keyNotice({ message, at }: Problem, count: number): string {
  const place = at !== undefined && "file" in at ? `keys.yaml line ${at.line}: ` : "";
  return `The standard keys hold. ${place}${message}${count > 1 ? ` (and ${count - 1} more)` : ""} \`?\` tells all.`;
}

/** Starts the driver; a front (full screen or line mode) is put on it. `end` stops it and tells which run still goes on. */
export function startTui(options: StartOptions): { readonly driver: Driver; readonly table: ScreenTable; end(): string | undefined } {
  const driver = createDriver(options.ports, initialState(options, screens), screens);
  return {
    driver,
    table: screens,
    end() {
      driver.stop();
      return openRun(driver.state.world)?.run;
    },
  };
}
