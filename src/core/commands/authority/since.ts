import { fail } from "../../errors.ts";
import { isDate, utcInstant } from "../../model/civil-time.ts";
import { parseDuration } from "../../model/duration.ts";
import type { EpochMs } from "../../ports.ts";

/**
 * The moment that `2h` (so long ago), `2026-11-27` or `2026-11-27T15:00` (UTC) means.
 * @throws `USAGE`.
 */
export function sinceMoment(text: string, now: EpochMs): EpochMs {
  const ago = parseDuration(text);
  if (ago !== undefined) return now - ago;
  const [, year = "", month = "", day = "", hour = "0", minute = "0"] =
    /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::\d{2}(?:\.\d+)?)?Z?)?$/u.exec(text) ?? [];
  const time = { year: Number(year), month: Number(month), day: Number(day), hour: Number(hour), minute: Number(minute) };
  if (year !== "" && isDate(time.year, time.month, time.day) && time.hour < 24 && time.minute < 60) return utcInstant(time);
  throw fail("USAGE", {
    message: `--since is \`${text}\`: that is neither a duration nor a moment.`,
    hint: "Write a duration such as `2h` or `7d`, or a moment in UTC such as `2026-11-27` or `2026-11-27T15:00`.",
  });
}
