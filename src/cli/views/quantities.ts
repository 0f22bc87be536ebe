import { bytesWords } from "../../core/words/bytes.ts";

/** `16 GiB`; what is not known is a dash. */
export function bytesText(bytes: number | null): string {
  return bytes === null ? "-" : bytesWords(bytes);
}

/** A time as people and `sort` read it, UTC: `2026-01-31 12:00:00Z`. */
export function timeText(at: number): string {
  return new Date(at)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/u, "Z");
}

/** One JSON value on one line, short. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return "-";
  return typeof value === "string" ? value : JSON.stringify(value);
}
