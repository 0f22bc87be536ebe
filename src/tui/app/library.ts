import type { Recorded } from "../../core/journal/events.ts";
import { type Loaded, failedAfter } from "../data/loaded.ts";
import type { AnyTopic, Shelf } from "../data/topic.ts";
import { later } from "./later.ts";
import { sameData } from "../data/same-data.ts";
import type { Sources } from "../ports.ts";

/** Loads topics when they are wanted and again when they are touched, never the same one twice at once. */
export interface Library {
  /** These are shown now. */
  want(topics: readonly AnyTopic[]): void;
  /** Takes events in; gives the shelf after them. */
  take(events: readonly Recorded[]): Shelf;
  filesChanged(): void;
  reloadAll(): void;
  /** Reloads what is due by time. */
  passTime(): void;
  stop(): void;
}

interface Entry {
  readonly topic: AnyTopic;
  loaded: Loaded<unknown>;
  wanted: boolean;
  dirty: boolean;
  loading: boolean;
  /** When it may be loaded again: what takes long is loaded seldom. */
  notBefore: number;
  loadedAt: number;
  /** Events that came while it was being loaded. */
  missed: Recorded[];
}

/** A topic is not loaded again sooner than this, nor than five times as long as its loading took. */
const leastMs = 250;
const costFactor = 5;

/** Makes a library; `changed` is called when something was loaded. */
export function createLibrary(sources: Sources, changed: (shelf: Shelf) => void): Library {
  const entries = new Map<string, Entry>();
  const leaving = new AbortController();
  let shelf: Shelf = new Map();

  function publish(): Shelf {
    shelf = new Map([...entries].map(([key, { loaded }]) => [key, loaded]));
    return shelf;
  }

  function ensure(entry: Entry): void {
    if (!entry.wanted || !entry.dirty || entry.loading || leaving.signal.aborted) return;
    const wait = entry.notBefore - sources.clock.now();
    if (wait > 0) {
      void later(sources.clock, wait, leaving.signal, () => ensure(entry));
      return;
    }
    entry.loading = true;
    entry.dirty = false;
    entry.missed = [];
    void load(entry);
  }

  async function load(entry: Entry): Promise<void> {
    const started = sources.clock.now();
    const before = entry.loaded;
    try {
      let value = await entry.topic.load(sources);
      for (const event of entry.missed) value = entry.topic.fold?.(value, event) ?? value;
      entry.loaded = { phase: "ready", value, at: sources.clock.now() };
    } catch (error) {
      entry.loaded = failedAfter(entry.loaded, error, sources.clock.now());
    }
    const ended = sources.clock.now();
    entry.loading = false;
    entry.loadedAt = ended;
    entry.notBefore = ended + Math.max(leastMs, (ended - started) * costFactor);
    if (leaving.signal.aborted) return;
    // What was looked at again and is as it was needs no new screen.
    const same =
      before.phase === "ready" &&
      entry.loaded.phase === "ready" &&
      entry.topic.everyMs !== undefined &&
      sameData(before.value, entry.loaded.value);
    if (!same) changed(publish());
    ensure(entry);
  }

  function touch(entry: Entry): void {
    entry.dirty = true;
    ensure(entry);
  }

  return {
    want(topics) {
      const keys = new Set(topics.map(({ key }) => key));
      for (const [key, entry] of entries) entry.wanted = keys.has(key);
      for (const topic of topics) {
        const known = entries.get(topic.key);
        if (known === undefined) {
          const now = sources.clock.now();
          const loaded: Loaded<unknown> = { phase: "loading", since: now };
          const entry: Entry = {
            topic,
            loaded,
            wanted: true,
            dirty: true,
            loading: false,
            notBefore: 0,
            loadedAt: 0,
            missed: [],
          };
          entries.set(topic.key, entry);
          ensure(entry);
        } else ensure(known);
      }
    },
    take(events) {
      for (const entry of entries.values()) {
        for (const event of events) {
          if (entry.loading) entry.missed.push(event);
          if (entry.loaded.phase === "ready" && entry.topic.fold !== undefined) {
            const value = entry.topic.fold(entry.loaded.value, event);
            if (value !== entry.loaded.value) entry.loaded = { phase: "ready", value, at: event.at };
          }
          if (entry.topic.touched(event)) entry.dirty = true;
        }
        ensure(entry);
      }
      return publish();
    },
    filesChanged() {
      for (const entry of entries.values()) if (entry.topic.ofFiles === true) touch(entry);
    },
    reloadAll() {
      for (const entry of entries.values()) {
        entry.notBefore = 0;
        touch(entry);
      }
    },
    passTime() {
      const now = sources.clock.now();
      for (const entry of entries.values()) {
        const { everyMs } = entry.topic;
        const failed = entry.loaded.phase === "failed" || entry.loaded.phase === "stale";
        const due = everyMs !== undefined ? everyMs : failed ? 5_000 : undefined;
        if (due !== undefined && entry.wanted && !entry.loading && now - entry.loadedAt >= due) touch(entry);
      }
    },
    stop() {
      leaving.abort();
    },
  };
}
