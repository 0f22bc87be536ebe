import type { EpochMs } from "../ports.ts";
import { dateOfDay, dayNumber, isDate, weekdayOf, zonedInstant, zonedTime } from "./civil-time.ts";

/** Days as they are written; the index is the day's number, Sunday first. */
const dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;

/** When on the wall a window opens or closes. `minutes` counts from midnight, at most 1440. */
export type WindowEdge =
  | { readonly every: "day"; readonly minutes: number }
  | { readonly every: "week"; readonly weekday: number; readonly minutes: number }
  | { readonly every: "once"; readonly day: number; readonly minutes: number };

/** A freeze that is written in the cluster file: nothing starts while it is open. */
export interface FreezeWindow {
  readonly name: string;
  readonly from: WindowEdge;
  readonly to: WindowEdge;
  /** IANA name. */
  readonly zone: string;
  readonly reason: string;
  /** Empty = all. */
  readonly deployments: readonly string[];
}

/** One time that a window is open: from the first moment on, until the second, which is outside. */
export interface Occurrence {
  readonly from: EpochMs;
  readonly until: EpochMs;
}

/** Reads `22:00` (every day), `fri 16:00` (every week) or `2026-12-23 18:00` (once); undefined = none of them. */
export function parseEdge(text: string): WindowEdge | undefined {
  const match =
    /^(?:(?<weekday>sun|mon|tue|wed|thu|fri|sat)[a-z]*\s+|(?<date>\d{4}-\d{2}-\d{2})[ T])?(?<hour>\d{2}):(?<minute>\d{2})$/iu.exec(
      text.trim(),
    );
  const { weekday, date, hour, minute } = match?.groups ?? {};
  const minutes = Number(hour) * 60 + Number(minute);
  if (match === null || Number(minute) > 59 || minutes > 1440) return undefined;
  if (weekday !== undefined) return { every: "week", weekday: dayNames.findIndex((name) => name === weekday.toLowerCase()), minutes };
  if (date === undefined) return { every: "day", minutes };
  const [year = 0, month = 0, day = 0] = date.split("-").map(Number);
  return isDate(year, month, day) ? { every: "once", day: dayNumber(year, month, day), minutes } : undefined;
}

/** Why two edges make no window; undefined = they do. */
export function edgeFault(from: WindowEdge, to: WindowEdge): string | undefined {
  if (from.every !== to.every) return "`from` and `to` must be written alike: both `22:00`, both `fri 16:00`, or both `2026-12-23 18:00`";
  const length = lengthOf(from, to);
  if (from.every === "once") return length > 0 ? undefined : "`to` must be later than `from`";
  return length === 0 ? "`from` and `to` are the same; write 00:00 and 24:00 for a whole day" : undefined;
}

/** Minutes on the wall from one edge to the other; a recurring window may go over midnight, or over the end of the week. */
function lengthOf(from: WindowEdge, to: WindowEdge): number {
  const span = to.minutes - from.minutes;
  if (from.every === "once" && to.every === "once") return (to.day - from.day) * 1440 + span;
  if (from.every === "week" && to.every === "week") {
    const total = (to.weekday - from.weekday) * 1440 + span;
    return total < 0 ? total + 7 * 1440 : total;
  }
  return span < 0 ? span + 1440 : span;
}

/**
 * The occurrence in which a moment lies, else the next one; undefined when there is none any more. Times that a clock shows twice or never
 * make a window longer, never shorter.
 */
export function occurrenceAt(window: FreezeWindow, now: EpochMs): Occurrence | undefined {
  const { from, zone } = window;
  if (from.every === "once") {
    const only = occurrenceOn(window, from.day);
    return now < only.until ? only : undefined;
  }
  const { year, month, day } = zonedTime(now, zone);
  const today = dayNumber(year, month, day);
  // The longest window lasts a week, so one that is open now began at most eight days ago.
  for (let start = today - 8; start <= today + 8; start += 1) {
    if (from.every === "week" && weekdayOf(start) !== from.weekday) continue;
    const occurrence = occurrenceOn(window, start);
    if (now < occurrence.until) return occurrence;
  }
  return undefined;
}

/** True while an occurrence is open. */
export function isOpen({ from, until }: Occurrence, now: EpochMs): boolean {
  return from <= now && now < until;
}

function occurrenceOn({ from, to, zone }: FreezeWindow, day: number): Occurrence {
  const at = (minutes: number, side: "earlier" | "later"): EpochMs => {
    const date = dateOfDay(day + Math.floor(minutes / 1440));
    return zonedInstant({ ...date, hour: Math.floor((minutes % 1440) / 60), minute: minutes % 60 }, zone, side);
  };
  return { from: at(from.minutes, "earlier"), until: at(from.minutes + lengthOf(from, to), "later") };
}
