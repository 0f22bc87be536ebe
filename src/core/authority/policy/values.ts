import type { Json } from "../../ports.ts";

const mostValues = 200;
const deepest = 6;

/** A value of an expression as bounded JSON: what is too much is left out, and what cannot be read is `unknown`. */
export function jsonOf(value: unknown): Json {
  const budget = { left: mostValues };
  return convert(value, budget, 0);
}

function convert(value: unknown, budget: { left: number }, depth: number): Json {
  budget.left -= 1;
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === "string") return value.length > 2_000 ? `${value.slice(0, 2_000)} ...` : value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "boolean") return value;
  if (typeof value !== "object" || depth > deepest || budget.left <= 0) return "...";
  if (Array.isArray(value)) {
    const list: Json[] = [];
    for (const each of value as readonly unknown[]) {
      if (budget.left <= 0) return [...list, "..."];
      list.push(convert(each, budget, depth + 1));
    }
    return list;
  }
  const record: Record<string, Json> = {};
  for (const key of Object.keys(value)) {
    if (budget.left <= 0) break;
    record[key] = readable(value, key, budget, depth);
  }
  return record;
}

function readable(value: object, key: string, budget: { left: number }, depth: number): Json {
  try {
    return convert((value as Readonly<Record<string, unknown>>)[key], budget, depth + 1);
  } catch {
    return "unknown"; // facts that are not known
  }
}

/** A value in the middle of a sentence. */
export function wordsOf(value: Json): string {
  if (value === null) return "nothing";
  if (typeof value === "string") return value;
  if (Array.isArray(value)) {
    const shown = value.slice(0, 8).map((each: Json) => wordsOf(each));
    return value.length > 8 ? `${shown.join(", ")} and ${value.length - 8} more` : shown.length === 0 ? "none" : shown.join(", ");
  }
  return JSON.stringify(value);
}
