import { letters } from "../text/letters.ts";
import type { World } from "../data/world.ts";
import type { ActionSight, Intent } from "../screens/screen.ts";
import type { ScreenTable } from "../screens/table.ts";
import { actionOf } from "../keys/keymap.ts";
import { type ListCommand, listCommand } from "./list-command.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { formOf } from "./form.ts";
import { settle } from "./list.ts";
import { type OverlayResult, overlayKey, overlayPaste } from "./overlay-keys.ts";
import { type Effect, type ListState, type Page, type State, type Ui, currentPage, freshList } from "./state.ts";

/** What comes in. */
export type Message =
  /** Keys that arrived together. `at`: ms since 1970. */
  | { readonly type: "keys"; readonly names: readonly string[]; readonly at: number }
  | { readonly type: "paste"; readonly text: string }
  | { readonly type: "size"; readonly columns: number; readonly rows: number }
  /** New data. */
  | { readonly type: "world"; readonly world: World }
  | { readonly type: "intents"; readonly intents: readonly Intent[] }
  | { readonly type: "history"; readonly lines: readonly string[] };

/** The state after, and what is to happen outside. */
export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** The one function in which the terminal UI behaves: pure, so that thousands of keys can be tried in a test. */
export function update(state: State, message: Message, table: ScreenTable): Step {
  switch (message.type) {
    case "keys":
      return keys(state, message.names, message.at, table);
    case "paste":
      return settled(finish(state, overlayPaste(state.ui.overlay, message.text), table), table);
    case "size":
      return settled({ state: withUi(state, { size: { columns: message.columns, rows: message.rows } }), effects: [] }, table);
    case "world":
      return settled({ state: { world: message.world, ui: fadedNotice(state.ui, message.world.now) }, effects: [] }, table);
    case "intents":
      return settled(carryOut(state, message.intents, table), table);
    case "history":
      return { state: withUi(state, { history: message.lines }), effects: [] };
    default:
      return message satisfies never;
  }
}

const noticeMs = 8_000;

function fadedNotice(ui: Ui, now: number): Ui {
  return ui.notice !== undefined && now - ui.notice.at > noticeMs ? { ...ui, notice: undefined } : ui;
}

function keys(before: State, names: readonly string[], at: number, table: ScreenTable): Step {
  // The data's clock stands still while nothing happens; what a key opens is opened now.
  const state: State = { world: { ...before.world, now: Math.max(before.world.now, at) }, ui: before.ui };
  let step: Step = { state, effects: [] };
  const asked = state.ui.overlay;
  for (const name of names) {
    const { overlay } = step.state.ui;
    // Typed ahead: whatever came in one piece with the key that opened a question was not meant for it.
    if (overlay?.kind === "confirm" && (asked?.kind !== "confirm" || asked.asked !== overlay.asked)) break;
    const next = oneKey(step.state, name, { at, alone: names.length === 1 }, table);
    step = settled({ state: next.state, effects: [...step.effects, ...next.effects] }, table);
  }
  return step;
}

interface KeyPress {
  readonly at: number;
  readonly alone: boolean;
}

function oneKey(state: State, name: string, press: KeyPress, table: ScreenTable): Step {
  if (name === "ctrl+c" || name === "ctrl+z" || name === "ctrl+l") return wherever(state, name);
  const { overlay } = state.ui;
  if (overlay !== undefined) return finish(state, overlayKey(state, overlay, name, press, table), table);
  const page = currentPage(state.ui);
  const row = actionOf(state.ui.keymap, page.screen, name);
  const quiet = state.ui.notice === undefined ? state : withUi(state, { notice: undefined });
  return row === undefined ? { state: quiet, effects: [] } : act(quiet, page, row.scope, row.action, table);
}

/** Keys that mean the same in every situation. */
function wherever(state: State, name: "ctrl+c" | "ctrl+z" | "ctrl+l"): Step {
  if (name === "ctrl+c" && state.ui.overlay !== undefined) return { state: withUi(state, { overlay: undefined }), effects: [] };
  const effect = { "ctrl+c": "quit", "ctrl+z": "suspend", "ctrl+l": "redraw" } as const;
  return { state, effects: [{ do: effect[name] }] };
}

/** Carries out an action by its name: also for the palette and the line mode. */
function act(state: State, page: Page, scope: string, action: string, table: ScreenTable): Step {
  const screen = table.get(page.screen);
  const layout = layoutOf(state, screen, page);
  if (scope === "list" || action === "mark" || action === "mark-all" || action === "unmark") {
    const list = listCommand(page.list, action as ListCommand, layout);
    return { state: withPage(state, { ...page, list }), effects: [] };
  }
  if (scope === "global") return globalAction(state, page, action, layout, table);
  const run = screen.actions[action];
  return run === undefined ? { state, effects: [] } : carryOut(state, run(actionSight(state, page, layout)), table);
}

function actionSight(state: State, page: Page, layout: Layout): ActionSight {
  const row = layout.rows.find(({ id }) => id === page.list.cursor);
  const { marks } = page.list;
  return {
    world: state.world,
    param: page.param,
    local: page.local,
    list: page.list,
    look: state.ui.look,
    width: layout.listWidth,
    height: layout.listHeight,
    row,
    chosen: marks.size > 0 ? [...marks] : row === undefined ? [] : [row.id],
  };
}

function globalAction(state: State, page: Page, action: string, layout: Layout, table: ScreenTable): Step {
  const only = (ui: Partial<Ui>): Step => ({ state: withUi(state, ui), effects: [] });
  const row = layout.rows.find(({ id }) => id === page.list.cursor);
  if (action.startsWith("go-")) return carryOut(state, [{ want: "open", screen: action.slice(3), param: "" }], table);
  switch (action) {
    case "filter":
      return only({
        overlay: { kind: "filter", field: { text: page.list.filter, at: letters(page.list.filter).length }, before: page.list.filter },
      });
    case "palette":
      return only({ overlay: { kind: "palette", field: { text: "", at: 0 }, index: 0, back: 0 } });
    case "help":
      return only({ overlay: { kind: "help", top: 0 } });
    case "back":
      if (page.list.filter !== "") return { state: withPage(state, { ...page, list: { ...page.list, filter: "" } }), effects: [] };
      if (page.list.marks.size > 0) return { state: withPage(state, { ...page, list: { ...page.list, marks: new Set() } }), effects: [] };
      return carryOut(state, [{ want: "back" }], table);
    case "quit":
      return { state, effects: [{ do: "quit" }] };
    case "next-screen":
    case "previous-screen":
      return carryOut(state, [{ want: "open", screen: neighbour(page, action === "next-screen" ? 1 : -1, table), param: "" }], table);
    case "copy":
      return row === undefined ? { state, effects: [] } : { state, effects: [{ do: "copy", text: row.text, what: "the row" }] };
    case "reload":
      return { state, effects: [{ do: "reload" }] };
    case "jobs":
    case "here":
      return carryOut(state, [{ want: "open", screen: action, param: "" }], table);
    case "theme": {
      const order = { dark: "light", light: "mono", mono: "dark" } as const;
      const theme = order[state.ui.look.theme];
      return only({ look: { ...state.ui.look, theme }, notice: { text: `theme: ${theme}`, tone: "plain", at: state.world.now } });
    }
    default:
      return { state, effects: [] };
  }
}

function neighbour(page: Page, by: 1 | -1, table: ScreenTable): string {
  const at = table.tabs.findIndex(({ id }) => id === page.screen);
  const count = table.tabs.length;
  return table.tabs[at === -1 ? 0 : (at + by + count) % count]?.id ?? page.screen;
}

/** What came out of an overlay. */
function finish(state: State, result: OverlayResult, table: ScreenTable): Step {
  const page = currentPage(state.ui);
  const list: ListState = result.filter === undefined ? page.list : { ...page.list, filter: result.filter, top: 0 };
  const after = withPage(withUi(state, { overlay: result.overlay }), list === page.list ? page : { ...page, list });
  const step = carryOut(after, result.intents, table);
  return { state: step.state, effects: [...result.effects, ...step.effects] };
}

function carryOut(before: State, intents: readonly Intent[], table: ScreenTable): Step {
  let state = before;
  const effects: Effect[] = [];
  for (const intent of intents) {
    const page = currentPage(state.ui);
    switch (intent.want) {
      case "open":
        state = open(state, intent.screen, intent.param, table);
        break;
      case "back":
        if (state.ui.stack.length > 1) state = withUi(state, { stack: state.ui.stack.slice(0, -1) });
        break;
      case "cursor":
        state = withPage(state, { ...page, list: { ...page.list, cursor: intent.id, follow: false, side: 0 } });
        break;
      case "filter":
        state = withPage(state, { ...page, list: { ...page.list, filter: intent.text, follow: false } });
        break;
      case "follow":
        state = withPage(state, { ...page, list: { ...page.list, follow: intent.on } });
        break;
      case "local":
        state = withPage(state, { ...page, local: intent.value });
        break;
      case "notice":
        state = withUi(state, { notice: { text: intent.text, tone: intent.tone, at: state.world.now } });
        break;
      case "ask": {
        const expect = intent.confirmation.level === "types" ? (nameToType(state) ?? "yes") : "y";
        const overlay = {
          kind: "confirm",
          asked: intent.confirmation,
          expect,
          field: { text: "", at: 0 },
          openedAt: state.world.now,
        } as const;
        state = withUi(state, { overlay });
        break;
      }
      case "effect":
        effects.push(intent.effect);
        break;
      case "type":
        state = withUi(state, {
          overlay: { kind: "palette", field: { text: intent.text, at: letters(intent.text).length }, index: 0, back: 0 },
        });
        break;
      case "form":
        state = withUi(state, { overlay: formOf(intent.command, intent.rest) });
        break;
      case "unmark":
        state = withPage(state, { ...page, list: { ...page.list, marks: new Set() } });
        break;
      default:
        return intent satisfies never;
    }
  }
  return { state, effects };
}

function nameToType({ world }: State): string | undefined {
  const files = world.shelf.get("files");
  const value =
    files?.phase === "ready" || files?.phase === "stale" ? (files.value as { readonly cluster: { readonly name: string } }) : undefined;
  return value?.cluster.name;
}

/** Opens a page. A screen of the tab bar begins a new trail; others are laid on top, and a page that is there already is come back to. */
function open(state: State, id: string, param: string, table: ScreenTable): State {
  const screen = table.get(id);
  const { stack } = state.ui;
  const fresh: Page = {
    screen: screen.id,
    param,
    list: freshList,
    local: screen.start(param, state.world.now),
  };
  const at = stack.findIndex((page) => page.screen === screen.id && page.param === param);
  if (screen.tab !== undefined && param === "") return withUi(state, { stack: [at === 0 ? (stack[0] ?? fresh) : fresh] });
  return withUi(state, { stack: at === -1 ? [...stack, fresh] : stack.slice(0, at + 1) });
}

/** Puts the cursor where the rows are now. */
function settled(step: Step, table: ScreenTable): Step {
  const page = currentPage(step.state.ui);
  const layout = layoutOf(step.state, table.get(page.screen), page);
  if (layout.view.kind !== "body") return step;
  const fresh = page.list.cursor === undefined && layout.rows.length > 0 && layout.view.startsAtEnd === true;
  const begun = page.list.cursor === undefined && layout.view.first !== undefined ? { ...page.list, cursor: layout.view.first } : page.list;
  const { list, gone } = settle(fresh ? { ...page.list, follow: true } : begun, layout.rows, layout.listHeight);
  if (list === page.list) return step;
  const state = withPage(step.state, { ...page, list });
  if (!gone || page.list.filter !== "" || page.list.follow || step.state.ui.notice !== undefined || step.state.ui.overlay !== undefined)
    return { state, effects: step.effects };
  const text = `${page.list.cursor ?? ""} is no longer in the list.`;
  return { state: withUi(state, { notice: { text, tone: "dim", at: state.world.now } }), effects: step.effects };
}

function withUi(state: State, ui: Partial<Ui>): State {
  return { world: state.world, ui: { ...state.ui, ...ui } };
}

function withPage(state: State, page: Page): State {
  const { stack } = state.ui;
  return stack.at(-1) === page ? state : withUi(state, { stack: [...stack.slice(0, -1), page] });
}
