import type { Json } from "../../ports.ts";
import type { AuditEntry } from "./trail.ts";

const maxText = 2_000;
const maxItems = 200;
const maxDepth = 6;

/** Takes secret values out of a text. */
type Redact = (text: string) => string;

/**
 * The entry with its free texts redacted, and long texts, long lists and deep structures cut, each cut said: whoever is refused cannot fill
 * the store.
 */
export function bounded(entry: AuditEntry, redact: Redact): AuditEntry {
  const { by, principal, front, action, resource, decision, code, reason, detail } = entry;
  const text = (value: string): string => cutText(value, redact);
  return {
    by: text(by),
    principal: text(principal),
    front,
    action: text(action),
    ...(resource === undefined ? {} : { resource: text(resource) }),
    decision,
    ...(code === undefined ? {} : { code: text(code) }),
    ...(reason === undefined ? {} : { reason: text(reason) }),
    ...(detail === undefined ? {} : { detail: cutValue(detail, redact, 0) }),
  };
}

function cutValue(value: Json, redact: Redact, depth: number): Json {
  if (typeof value === "string") return cutText(value, redact);
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= maxDepth) return "[deeper values left out]";
  if (Array.isArray(value)) {
    const list = value.slice(0, maxItems).map((each: Json) => cutValue(each ?? null, redact, depth + 1));
    return value.length > maxItems ? [...list, `[${value.length - maxItems} more left out]`] : list;
  }
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  const kept = entries.slice(0, maxItems).map(([key, inner]): [string, Json] => [cutText(key, redact), cutValue(inner, redact, depth + 1)]);
  if (entries.length > maxItems) kept.push(["...", `[${entries.length - maxItems} more left out]`]);
  return Object.fromEntries(kept);
}

function cutText(text: string, redact: Redact): string {
  const whole = redact(text.toWellFormed());
  return whole.length > maxText ? `${whole.slice(0, maxText).toWellFormed()}[${whole.length - maxText} characters left out]` : whole;
}
