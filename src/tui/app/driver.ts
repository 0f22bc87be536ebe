import { fromStored } from "../../core/journal/events.ts";
import type { Recorded } from "../../core/journal/events.ts";
import { hasCode } from "../../core/errors.ts";
import type { Shelf } from "../data/topic.ts";
import { type World, headerTopics } from "../data/world.ts";
import type { TuiPorts } from "../ports.ts";
import type { ScreenTable } from "../screens/table.ts";
import { type Effect, type State, currentPage } from "../state/state.ts";
import { type Message, update } from "../state/update.ts";
import { later } from "./later.ts";
import { edit } from "./editing.ts";
import { createJobs } from "./jobs.ts";
import { createLibrary } from "./library.ts";
import { whereabouts } from "./whereabouts.ts";

/** What draws the screen: the driver tells it when, and hands it the terminal's own matters. */
export interface Stage {
  /** Gives the terminal to somebody else for a while. */
  away<T>(work: () => Promise<T>): Promise<T>;
  redraw(): void;
  quit(): void;
}

/** The running terminal UI: takes messages, keeps up with the store, carries out effects. */
export interface Driver {
  readonly state: State;
  /** Takes what has come from the store, then the keys: a key acts on what is true now. */
  dispatch(message: Message): void;
  /** Called after the state has changed; the returned function ends that. */
  subscribe(changed: () => void): () => void;
  on(stage: Stage): void;
  /** Begins to follow the store, once; sooner nothing is read, so that the first picture waits for nothing. */
  begin(): void;
  stop(): void;
}

/** Events are taken together for so long, so that the screen is drawn at most ten times a second for them. */
const tickMs = 100;
/** While events come and go on coming they are taken together for longer: five pictures a second are enough to follow a run. */
const busyTickMs = 200;
/** What takes long is drawn seldom: a tick lasts so many times as long as the last one took to be worked off, at most `slowestTickMs`. */
const costFactor = 20;
const slowestTickMs = 500;
/** What is loaded within this time is drawn together. */
const gatherMs = 30;
/** A clock on the screen moves this often; nothing else happens while nothing changes. */
const clockMs = 1_000;
/** What is played again moves this often. */
const playMs = 200;
const retryMs = 1_000;

/** Makes a driver; it follows the store from `begin` on. */
export function createDriver(ports: TuiPorts, initial: State, table: ScreenTable): Driver {
  let state = initial;
  let stage: Stage | undefined;
  let queue: Recorded[] = [];
  let waiting: AbortController | undefined;
  let playing = false;
  let [begun, reading] = [false, false];
  const changed = new Set<() => void>();
  const leaving = new AbortController();
  const { clock, store } = ports.sources;
  const library = createLibrary(ports.sources, (shelf) => {
    // Much is loaded at the start, and much of it at about the same time: one picture shows all of it.
    if (loaded === undefined) void later(clock, gatherMs, leaving.signal, takeLoaded);
    loaded = shelf;
  });
  const jobs = createJobs(
    ports,
    (next) => schedule(() => world({ jobs: next })),
    (intents) => dispatch({ type: "intents", intents }),
  );
  let loaded: Shelf | undefined;
  const pending: (() => void)[] = [];
  let costMs = 0;
  let tickedAt = 0;

  function apply(message: Message): void {
    // What is said now is said now, however long ago anything was looked at.
    const before = message.type === "intents" ? { world: { ...state.world, now: clock.now() }, ui: state.ui } : state;
    const step = update(before, message, table);
    state = step.state;
    want();
    void play();
    for (const each of changed) each();
    for (const effect of step.effects) void perform(effect);
  }

  /** Has what the screen shows loaded. */
  function want(): void {
    if (!reading) return;
    const page = currentPage(state.ui);
    library.want([...headerTopics(state.world), ...table.get(page.screen).topics(state.world, page)]);
    ports.presence.show(whereabouts(state, table));
  }

  function world(parts: Partial<World>): void {
    apply({ type: "world", world: { ...state.world, now: clock.now(), ...parts } });
  }

  function schedule(work?: () => void): void {
    // The latest state of the jobs includes the ones before.
    if (work !== undefined) pending.splice(0, pending.length, work);
    if (waiting !== undefined) return;
    waiting = new AbortController();
    const least = clock.now() - tickedAt < busyTickMs ? busyTickMs : tickMs;
    void later(clock, Math.max(least, Math.min(slowestTickMs, costMs * costFactor)), waiting.signal, tick);
  }

  /** Takes in what has come; how long that took with the drawing after it decides about the next tick. */
  function tick(): void {
    const started = clock.now();
    tickedAt = started;
    flush();
    void later(clock, 0, leaving.signal, () => (costMs = clock.now() - started));
  }

  function takeLoaded(): void {
    const shelf = loaded;
    loaded = undefined;
    if (shelf !== undefined) world({ shelf });
  }

  function flush(): void {
    waiting?.abort();
    waiting = undefined;
    takeLoaded();
    for (const work of pending.splice(0)) work();
    if (queue.length === 0) return;
    const events = queue;
    queue = [];
    world({ shelf: library.take(events), link: { phase: "live" } });
  }

  function dispatch(message: Message): void {
    flush();
    apply(message);
  }

  /** Tells later whether the person is where they are now. */
  function staysHere(): () => boolean {
    const { screen, param } = currentPage(state.ui);
    return () => {
      const page = currentPage(state.ui);
      return state.ui.overlay === undefined && page.screen === screen && page.param === param;
    };
  }

  async function perform(effect: Effect): Promise<void> {
    const say = (text: string, tone: "plain" | "warn" = "plain"): void =>
      dispatch({ type: "intents", intents: [{ want: "notice", text, tone }] });
    switch (effect.do) {
      case "quit":
        stage?.quit();
        return;
      case "suspend":
        await stage?.away(() => ports.suspend());
        return;
      case "redraw":
        stage?.redraw();
        return;
      case "reload":
        library.reloadAll();
        return;
      case "copy":
        if (ports.copy(effect.text)) say(`Sent ${effect.what} to the terminal's clipboard (OSC 52).`);
        else say("That is too long for the terminal's clipboard; o opens it in the pager.", "warn");
        return;
      case "foreground": {
        const away = async (work: () => Promise<string | undefined>): Promise<string | undefined> => await stage?.away(work);
        const { what } = effect;
        if (what.kind === "editor") {
          const intents = await edit(what, ports, away, () => state.world);
          library.reloadAll();
          dispatch({ type: "intents", intents });
          return;
        }
        const said = await away(() => ports.foreground(what));
        library.reloadAll();
        if (said !== undefined) say(said, "warn");
        return;
      }
      case "remember":
        ports.history.add(effect.line);
        apply({ type: "history", lines: [...state.ui.history.filter((line) => line !== effect.line), effect.line] });
        return;
      case "run":
        jobs.start(effect, staysHere());
        return;
      case "stop":
        jobs.stop(effect.job);
        return;
      default:
        return effect satisfies never;
    }
  }

  /** Follows the journal; while the store does not answer, what is shown is marked as old. */
  async function follow(): Promise<void> {
    for (;;) {
      try {
        // Whatever is read from here on knows of all that came before.
        const after = await store.head();
        if (reading) library.reloadAll();
        else startReading();
        if (state.world.link.phase !== "live") world({ link: { phase: "live" } });
        for await (const stored of store.subscribe({ after, signal: leaving.signal })) {
          const event = known(stored);
          if (event !== undefined) queue.push(event);
          schedule();
        }
        if (leaving.signal.aborted) return;
      } catch (error) {
        if (leaving.signal.aborted) return;
        startReading(); // the files can be read without the store
        const why = error instanceof Error ? error.message : String(error);
        const since = state.world.link.phase === "lost" ? state.world.link.since : clock.now();
        world({ link: { phase: "lost", since, why } });
        await clock.sleep(retryMs, leaving.signal).catch(() => undefined);
      }
    }
  }

  function startReading(): void {
    if (reading) return;
    reading = true;
    want();
  }

  async function passSeconds(): Promise<void> {
    while (await later(clock, clockMs, leaving.signal)) {
      // While nothing changes nothing moves but ages of things.
      if (isBusy(state) || ticks() || clock.now() - state.world.now > 15_000) world({});
      library.passTime();
    }
  }

  function ticks(): boolean {
    const page = currentPage(state.ui);
    return table.get(page.screen).ticks?.(state.world, page) === true;
  }

  /** While the page plays something the screen moves faster than a clock. */
  async function play(): Promise<void> {
    if (playing) return;
    playing = true;
    while (moves() && (await later(clock, playMs, leaving.signal))) world({});
    playing = false;
  }

  function moves(): boolean {
    const page = currentPage(state.ui);
    return table.get(page.screen).moves?.(state.world, page) === true;
  }

  let unwatch = (): void => undefined;

  return {
    get state() {
      return state;
    },
    dispatch,
    subscribe(each) {
      changed.add(each);
      return () => changed.delete(each);
    },
    on(given) {
      stage = given;
    },
    begin() {
      if (begun) return;
      begun = true;
      unwatch = ports.onFilesChanged(() => library.filesChanged());
      void follow();
      void passSeconds();
      void ports.history.read().then((lines) => apply({ type: "history", lines }));
    },
    stop() {
      leaving.abort();
      waiting?.abort();
      unwatch();
      library.stop();
      jobs.end();
    },
  };
}

function known(stored: Parameters<typeof fromStored>[0]): Recorded | undefined {
  try {
    return fromStored(stored);
  } catch (error) {
    // One event that cannot be read must not hide all others.
    if (hasCode(error, "STORE_CORRUPT")) return undefined;
    throw error;
  }
}

/** True while something on the screen counts seconds. */
function isBusy({ world, ui }: State): boolean {
  const runs = world.shelf.get("runs");
  const open = runs?.phase === "ready" && (runs.value as readonly { readonly phase: string }[]).some(({ phase }) => phase === "requested");
  const loading = [...world.shelf.values()].some(({ phase }) => phase === "loading");
  return (
    open ||
    loading ||
    ui.notice !== undefined ||
    world.link.phase === "lost" ||
    [...world.jobs.values()].some(({ end }) => end === undefined)
  );
}
