import { createHash } from "node:crypto";
import { formatDuration, parseDuration } from "../model/duration.ts";
import { compareNatural } from "../model/natural-order.ts";
import { parseSize } from "../model/size.ts";
import type { Json } from "../ports.ts";

/** A template filter: pure, of its value and arguments. Throws `FilterError` with a sentence for the reader. */
export type Filter = (value: unknown, ...args: readonly unknown[]) => unknown;

/** What a filter did not accept. */
export class FilterError extends Error {
  override readonly name = "FilterError";
}

/** Milliseconds of a duration setting (which is a number of them) or of text such as `1h30m`. */
function milliseconds(value: unknown): number {
  if (typeof value === "number") return value;
  const ms = parseDuration(textOf(value).trim());
  if (ms === undefined) throw new FilterError(`${JSON.stringify(textOf(value))} is not a duration such as 90s or 4h`);
  return ms;
}

/** Bytes of a size setting (which is a number of them) or of text such as `512M`. */
function bytes(value: unknown): number {
  if (typeof value === "number") return value;
  const size = parseSize(textOf(value).trim());
  if (size === undefined) throw new FilterError(`${JSON.stringify(textOf(value))} is not a size such as 512M or 2GiB`);
  return size;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "object") throw new FilterError(`a ${Array.isArray(value) ? "list" : "map"} was given where text is needed`);
  return String(value as string | number | boolean);
}

/** JSON with sorted keys, so that equal values give equal text. */
function sorted(value: unknown): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return (value ?? null) as Json;
  const record = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.keys(record)
      .toSorted()
      .map((key) => [key, sorted(record[key])]),
  );
}

function json(value: unknown, indent?: unknown): string {
  return JSON.stringify(sorted(value), undefined, typeof indent === "number" ? Math.min(indent, 8) : undefined);
}

function shellquote(value: unknown): string {
  if (Array.isArray(value)) return value.map((each) => shellquote(each)).join(" ");
  const text = textOf(value);
  if (text.includes("\0")) throw new FilterError("text for a shell may not hold a NUL byte");
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Indents every line but the first, for text inside YAML or configuration blocks. */
function indent(value: unknown, width: unknown = 2): string {
  return textOf(value).replaceAll(/\n(?=[^\n])/gu, `\n${" ".repeat(Math.min(Number(width) || 0, 64))}`);
}

function hash(algorithm: "sha256" | "sha512"): Filter {
  return (value) => createHash(algorithm).update(textOf(value), "utf8").digest("hex");
}

function required(value: unknown, message: unknown = "a value is required here"): unknown {
  if (value === null || value === undefined || value === "") throw new FilterError(String(message));
  return value;
}

function keys(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new FilterError("keys needs a map");
  return Object.keys(value).toSorted();
}

/** Natural order: `web-2` before `web-10`; of maps by one of their values. */
function sortNatural(value: unknown, property?: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new FilterError("sort_natural needs a list");
  const text = (each: unknown): string =>
    typeof property === "string" && typeof each === "object" && each !== null
      ? textOf((each as Readonly<Record<string, unknown>>)[property])
      : textOf(each);
  return value.toSorted((a, b) => compareNatural(text(a), text(b)));
}

/** Filters that Halligan adds to those of the template language. */
export const filters: Readonly<Record<string, Filter>> = {
  seconds: (value) => Math.round(milliseconds(value) / 1000),
  milliseconds: (value) => Math.round(milliseconds(value)),
  duration: (value) => formatDuration(milliseconds(value)),
  bytes,
  json,
  // YAML 1.2 takes any JSON; on one line, so it fits wherever a value fits.
  yaml: (value) => json(value),
  shellquote,
  sha256: hash("sha256"),
  sha512: hash("sha512"),
  base64: (value) => Buffer.from(textOf(value), "utf8").toString("base64"),
  sort_natural: sortNatural,
  indent,
  required,
  keys,
};

/** Filters of the template library that see the clock, chance or a locale, or evaluate text; not available. */
export const removedFilters = [
  "date",
  "date_to_xmlschema",
  "date_to_rfc822",
  "date_to_string",
  "date_to_long_string",
  "sample",
  "where_exp",
  "reject_exp",
  "group_by_exp",
  "has_exp",
  "find_index_exp",
  "find_exp",
  "inspect",
  "jsonify",
] as const;
