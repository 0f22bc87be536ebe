import type { EpochMs } from "../ports.ts";
import { isDate, isZone, utcInstant, zonedInstant, zonedTime } from "./civil-time.ts";

/** What a moment on a command line is read by. */
export interface MomentContext {
  readonly now: EpochMs;
  /** Zone of times that name none. */
  readonly zone: string;
  /** Which moment is meant where clocks show a time twice or never. */
  readonly side: "earlier" | "later";
}

const shapes =
  /^(?:(?<date>\d{4}-\d{2}-\d{2})[ T])?(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:\.\d+)?)?(?<offset>Z|[+-]\d{2}:?\d{2})?(?:\s+(?<zone>[A-Za-z][A-Za-z0-9_+/-]*))?$/u;

/**
 * Reads `now`, `2026-11-27 16:00` (in the zone of the context, or one that follows: `2026-11-27 16:00 Europe/Berlin`), `16:00` (the next time
 * that clocks there show it) or `2026-11-27T16:00+01:00`. Undefined = none of them, or not in the calendar.
 */
export function parseMoment(text: string, { now, zone: standard, side }: MomentContext): EpochMs | undefined {
  if (text.trim() === "now") return now;
  const { date, hour = "", minute = "", second = "0", offset, zone = standard } = shapes.exec(text.trim())?.groups ?? {};
  const clock = { hour: Number(hour), minute: Number(minute) };
  if (hour === "" || clock.hour > 23 || clock.minute > 59 || Number(second) > 59 || !isZone(zone)) return undefined;
  if (date === undefined) return offset === undefined ? nextTime(clock, zone, now, side) : undefined;
  const [year = 0, month = 0, day = 0] = date.split("-").map(Number);
  if (!isDate(year, month, day)) return undefined;
  const time = { year, month, day, ...clock };
  if (offset === undefined) return zonedInstant(time, zone, side) + Number(second) * 1000;
  if (text.trim().includes(" ") && zone !== standard) return undefined; // an offset and a zone may contradict each other
  const ahead = offset === "Z" ? 0 : (offset.startsWith("-") ? -1 : 1) * (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2)));
  return utcInstant(time) - ahead * 60_000 + Number(second) * 1000;
}

function nextTime(
  clock: { readonly hour: number; readonly minute: number },
  zone: string,
  now: EpochMs,
  side: MomentContext["side"],
): EpochMs {
  const { year, month, day } = zonedTime(now, zone);
  const today = zonedInstant({ year, month, day, ...clock }, zone, side);
  if (today > now) return today;
  // a day beyond the month's end counts on in the next month
  return zonedInstant({ year, month, day: day + 1, ...clock }, zone, side);
}
