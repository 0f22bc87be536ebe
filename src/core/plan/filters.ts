import { createHash } from "node:crypto";
import { compareNatural } from "../model/natural-order.ts";
import type { Json } from "../ports.ts";

/** A template filter: pure, of its value and arguments. Throws `FilterError` with a sentence for the reader. */
export type Filter = (value: unknown, ...args: readonly unknown[]) => unknown;

/** What a filter did not accept. */
export class FilterError extends Error {
  override readonly name = "FilterError";
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const UNIT_BYTES: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1024,
  kib: 1024,
  kb: 1000,
  m: 1024 ** 2,
  mib: 1024 ** 2,
  mb: 1000 ** 2,
  g: 1024 ** 3,
  gib: 1024 ** 3,
  gb: 1000 ** 3,
  t: 1024 ** 4,
  tib: 1024 ** 4,
  tb: 1000 ** 4,
};

/** Milliseconds of `90s`, `1h30m`, `2d`; a bare number counts as seconds. */
function milliseconds(value: unknown): number {
  const text = textOf(value).trim();
  if (/^\d+(\.\d+)?$/u.test(text)) return Number(text) * 1000;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/gu)];
  if (parts.length === 0 || parts.map((part) => part[0]).join("") !== text) throw new FilterError(`${JSON.stringify(text)} is not a duration such as 90s or 4h`);
  return parts.reduce((sum, [, amount = "0", unit = "s"]) => sum + Number(amount) * (UNIT_MS[unit] ?? 0), 0);
}

/** Bytes of `512M`, `2GiB`, `10kB`. */
function bytes(value: unknown): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/iu.exec(textOf(value).trim());
  const factor = UNIT_BYTES[match?.[2]?.toLowerCase() ?? "?"];
  if (match === null || factor === undefined) throw new FilterError(`${JSON.stringify(textOf(value))} is not a size such as 512M or 2GiB`);
  return Math.round(Number(match[1]) * factor);
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
