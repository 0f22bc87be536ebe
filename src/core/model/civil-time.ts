import type { EpochMs } from "../ports.ts";

/** What a clock on the wall shows, without its zone. Months and days count from 1. */
export interface CivilTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** 24 only at the end of a day. */
  readonly hour: number;
  readonly minute: number;
}

const dayMs = 86_400_000;
const minuteMs = 60_000;

/** Days from 1970-01-01 to a date of the Gregorian calendar; days beyond the month's end count on. */
export function dayNumber(year: number, month: number, day: number): number {
  const years = month <= 2 ? year - 1 : year;
  const era = Math.floor(years / 400);
  const yearOfEra = years - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}

/** The date of a day number. */
export function dateOfDay(number: number): { readonly year: number; readonly month: number; readonly day: number } {
  const shifted = number + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const months = Math.floor((5 * dayOfYear + 2) / 153);
  const month = months < 10 ? months + 3 : months - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * months + 2) / 5) + 1,
  };
}

/** 0 = Sunday ... 6 = Saturday. */
export function weekdayOf(number: number): number {
  return (((number + 4) % 7) + 7) % 7;
}

/** True for a date that the calendar has. */
export function isDate(year: number, month: number, day: number): boolean {
  const back = dateOfDay(dayNumber(year, month, day));
  return month >= 1 && month <= 12 && day >= 1 && back.year === year && back.month === month && back.day === day;
}

/** The moment at which a clock in UTC shows this. */
export function utcInstant({ year, month, day, hour, minute }: CivilTime): EpochMs {
  return dayNumber(year, month, day) * dayMs + (hour * 60 + minute) * minuteMs;
}

/** What a clock in UTC shows. */
export function utcTime(at: EpochMs): CivilTime {
  const day = Math.floor(at / dayMs);
  const minutes = Math.floor((at - day * dayMs) / minuteMs);
  return { ...dateOfDay(day), hour: Math.floor(minutes / 60), minute: minutes % 60 };
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  formats.set(zone, made);
  return made;
}

/** True for a time zone by its IANA name (`Europe/Berlin`, `UTC`). Offsets such as `+01:00` are no zones: they know no summer. */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/u.test(name)) return false;
  if (name === "UTC") return true;
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/** What a clock in this zone shows. */
export function zonedTime(at: EpochMs, zone: string): CivilTime {
  if (zone === "UTC") return utcTime(at); // the tables of all zones take a process 30 ms to load
  const parts = new Map(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const field = (name: Intl.DateTimeFormatPartTypes): number => Number(parts.get(name));
  return { year: field("year"), month: field("month"), day: field("day"), hour: field("hour"), minute: field("minute") };
}

/** How far a zone's clocks are ahead of UTC at a moment, in ms, by whole minutes. */
function offsetAt(at: EpochMs, zone: string): number {
  return utcInstant(zonedTime(at, zone)) - Math.floor(at / minuteMs) * minuteMs;
}

/**
 * The moment at which clocks in a zone show this. Where clocks show it twice (the night on which summer ends) or never (the night on which
 * it begins), `side` chooses: `earlier` is the first of the two moments, or the one before the gap; `later` the second, or the one after.
 */
export function zonedInstant(time: CivilTime, zone: string, side: "earlier" | "later"): EpochMs {
  const wall = utcInstant(time);
  const before = offsetAt(wall - dayMs, zone);
  const after = offsetAt(wall + dayMs, zone);
  const moments = [wall - before, wall - after];
  const real = moments.filter((at) => at + offsetAt(at, zone) === wall);
  const [first = 0, second = first] = (real.length > 0 ? real : moments).toSorted((a, b) => a - b);
  return side === "earlier" ? first : second;
}
