import type { Recorded } from "../../core/journal/events.ts";
import type { Sources } from "../ports.ts";
import type { Loaded } from "./loaded.ts";

/**
 * A piece of data that screens show, and how it keeps up with the journal. Screens name the topics they need; the driver loads them when a
 * screen that needs them is shown, and again when an event touches them, at most as often as loading them is cheap.
 */
export interface Topic<T> {
  /** Unique; with its parameter where it has one: `run:R-7`. */
  readonly key: string;
  load(sources: Sources): Promise<T>;
  /** True when the value has to be read again after this event. */
  touched(event: Recorded): boolean;
  /** Takes an event in without reading anything again; must give a new object when something changed. Events before the load do no harm. */
  fold?(value: T, event: Recorded): T;
  /** Read again after so many ms although no event came: for what is not in the journal. */
  readonly everyMs?: number;
  /** True when a change of the cluster's files touches it. */
  readonly ofFiles?: boolean;
}

/** Any topic. Values are only ever read through the topic that they were loaded by (`readTopic`). */
export type AnyTopic = Topic<unknown>;

/** All data that was asked for so far. */
export type Shelf = ReadonlyMap<string, Loaded<unknown>>;

/** A topic's data. What nobody has asked for yet counts as loading from now on. */
export function readTopic<T>(shelf: Shelf, topic: Topic<T>, now: number): Loaded<T> {
  return (shelf.get(topic.key) as Loaded<T> | undefined) ?? { phase: "loading", since: now };
}
