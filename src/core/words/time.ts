import { utcTime } from "../model/civil-time.ts";

/** A duration given in ms, as short as it is useful: `0.4s`, `12s`, `3m 05s`, `2h 04m`, `3d 02h`. */
export function durationWords(ms: number): string {
  const safe = Math.max(0, ms);
  if (safe < 9_950) return `${(safe / 1000).toFixed(1)}s`;
  const seconds = Math.round(safe / 1000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`;
  return `${Math.floor(minutes / 1440)}d ${two(Math.floor((minutes % 1440) / 60))}h`;
}

/** How long ago something was, given in ms: `just now`, `4m 10s ago`. A clock that went backwards counts as now. */
export function agoWords(ms: number): string {
  return ms < 1000 ? "just now" : `${durationWords(ms)} ago`;
}

/** A moment in UTC: `2026-11-27 15:00 UTC`. */
export function utcWords(at: number): string {
  const { year, month, day, hour, minute } = utcTime(at);
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)} UTC`;
}

/** A moment in UTC to the second: `2026-11-27 15:00:12`. */
export function stampWords(at: number): string {
  return `${utcWords(at).replace(" UTC", "")}:${two(Math.floor(at / 1000) % 60)}`;
}

function two(n: number): string {
  return String(n).padStart(2, "0");
}
