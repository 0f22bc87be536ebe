import { type FreezeWindow, type Occurrence, isOpen, occurrenceAt } from "../../model/freeze-window.ts";
import type { Recorded } from "../../journal/events.ts";
import type { EpochMs, Store } from "../../ports.ts";
import { foldStream } from "./fold-stream.ts";

/** Stream of all freezes that people set. */
export const freezesStream = "freezes";

/** A time in which nothing starts: set by a person (`F-3`), or an occurrence of a window of the cluster file (its name). */
export interface Freeze {
  readonly freeze: string;
  /** Empty = the whole cluster. */
  readonly deployments: readonly string[];
  readonly from: EpochMs;
  readonly until: EpochMs;
  readonly reason: string;
  /** Who set it; absent for a window of the cluster file. */
  readonly by?: string;
  /** The zone of a window of the cluster file. */
  readonly zone?: string;
}

/** Freezes that people set, and what they lifted, folded from the stream. */
export interface FreezeState {
  readonly set: ReadonlyMap<string, Freeze>;
  /** Until when windows of the cluster file are lifted, by name. */
  readonly lifted: ReadonlyMap<string, EpochMs>;
  /** How many were ever set. */
  readonly count: number;
  /** Version of the stream. */
  readonly version: number;
}

const noFreezes: FreezeState = { set: new Map(), lifted: new Map(), count: 0, version: 0 };

/** Folds one event. */
function foldFreezes(state: FreezeState, event: Recorded): FreezeState {
  const version = event.version;
  if (event.type === "freeze.set") {
    const { freeze, deployments, from, until, reason, by } = event;
    return {
      ...state,
      set: new Map(state.set).set(freeze, { freeze, deployments, from, until, reason, by }),
      count: state.count + 1,
      version,
    };
  }
  if (event.type === "freeze.lifted") {
    if (event.until !== undefined) return { ...state, lifted: new Map(state.lifted).set(event.freeze, event.until), version };
    const set = new Map(state.set);
    set.delete(event.freeze);
    return { ...state, set, version };
  }
  return { ...state, version };
}

/** All freezes as the journal tells them now. */
export async function readFreezes(store: Store): Promise<FreezeState> {
  return await foldStream(store, freezesStream, noFreezes, foldFreezes);
}

/** Freezes that are not over, set ones and windows, by when they begin. A window counts with its open occurrence, else with its next one. */
export function freezesAhead(state: FreezeState, windows: readonly FreezeWindow[], now: EpochMs): readonly Freeze[] {
  const set = [...state.set.values()].filter((freeze) => now < freeze.until);
  const recurring = windows.flatMap((window) => {
    const occurrence = nextOccurrence(window, state, now);
    if (occurrence === undefined) return [];
    const { name, deployments, reason, zone } = window;
    return [{ freeze: name, deployments, ...occurrence, reason, zone }];
  });
  return [...set, ...recurring].toSorted((a, b) => a.from - b.from || (a.freeze < b.freeze ? -1 : 1));
}

/** The occurrence of a window that counts: those that were lifted are passed over. */
function nextOccurrence(window: FreezeWindow, state: FreezeState, now: EpochMs): Occurrence | undefined {
  const lifted = state.lifted.get(window.name);
  return occurrenceAt(window, lifted === undefined ? now : Math.max(now, lifted));
}

/** Freezes that are in force at a moment and cover any of these deployments. */
export function freezesInForce(
  state: FreezeState,
  windows: readonly FreezeWindow[],
  deployments: readonly string[],
  now: EpochMs,
): readonly Freeze[] {
  return freezesAhead(state, windows, now).filter(
    (freeze) => isOpen(freeze, now) && (freeze.deployments.length === 0 || freeze.deployments.some((each) => deployments.includes(each))),
  );
}
