import { createHash } from "node:crypto";
import type { Json } from "../../ports.ts";
import type { AuditEntry } from "./trail.ts";

const maxText = 2_000;
/** What was run on nodes is kept whole: its longest text is that of a command (commands/exec.ts). */
const maxCommandText = 131_072;
const maxItems = 200;
const maxDepth = 6;

/** Makes a text fit to be kept. */
type Fit = (text: string) => string;

/**
 * The entry with its free texts redacted, and long texts, long lists and deep structures cut, each cut said: whoever is refused cannot fill
 * the store. `redact` takes secret values out of a text.
 */
export function bounded(entry: AuditEntry, redact: Fit): AuditEntry {
  const { by, principal, front, action, resource, decision, code, reason, detail } = entry;
  const most = action === "exec run" ? maxCommandText : maxText;
  const text: Fit = (value) => cutText(redact(value.toWellFormed()), most);
  return {
    by: text(by),
    principal: text(principal),
    front,
    action: text(action),
    ...(resource === undefined ? {} : { resource: text(resource) }),
    decision,
    ...(code === undefined ? {} : { code: text(code) }),
    ...(reason === undefined ? {} : { reason: text(reason) }),
    ...(detail === undefined ? {} : { detail: cutValue(detail, text, 0) }),
  };
}

function cutValue(value: Json, fit: Fit, depth: number): Json {
  if (typeof value === "string") return fit(value);
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= maxDepth) return "[deeper values left out]";
  if (Array.isArray(value)) {
    const list = value.slice(0, maxItems).map((each: Json) => cutValue(each ?? null, fit, depth + 1));
    return value.length > maxItems ? [...list, `[${value.length - maxItems} more left out]`] : list;
  }
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  const kept = entries.slice(0, maxItems).map(([key, inner]): [string, Json] => [fit(key), cutValue(inner, fit, depth + 1)]);
  if (entries.length > maxItems) kept.push(["...", `[${entries.length - maxItems} more left out]`]);
  return Object.fromEntries(kept);
}

/** The beginning and the end, and the digest of all: so what stands in between cannot be denied. */
function cutText(whole: string, most: number): string {
  if (whole.length <= most) return whole;
  const [first, last] = [whole.slice(0, most * 0.75).toWellFormed(), whole.slice(-most * 0.25).toWellFormed()];
  const digest = createHash("sha256").update(whole, "utf8").digest("hex");
  return `${first}[${whole.length - most} characters left out, sha256 of all is ${digest}]${last}`;
}
