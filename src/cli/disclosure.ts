import { createRedactor, type NamedSecret, type Redactor } from "../core/run/redactor.ts";
import { safeJson, safeJsonInPieces } from "../core/words/safe-text.ts";

/**
 * The last line of defence of this process: every secret that it has opened, so that nothing it prints holds one, whatever part of it made the
 * text: stack traces too. What is kept (journal, plans, logs) is cleaned where it is made.
 */
const opened: NamedSecret[] = [];
const known = new Set<string>();
let redactor: Redactor | undefined;

/** From now on these values are not printed by this process. */
export function keepOffScreen(secrets: readonly NamedSecret[]): void {
  for (const secret of secrets) {
    const value = secret.value.reveal();
    if (known.has(value)) continue;
    known.add(value);
    opened.push(secret);
    redactor = undefined;
  }
}

/** The text without any secret that this process has opened. In lines of JSON only the values of texts are changed, so that they stay JSON. */
export function withoutSecrets(text: string): string {
  if (opened.length === 0) return text;
  const clean = (redactor ??= createRedactor([...opened]));
  const plain = clean.redactText(text);
  if (plain === text || !text.startsWith("{")) return plain;
  return text
    .split("\n")
    .map((line) => cleanLine(line, clean))
    .join("\n");
}

/** A document as JSON, as `withoutSecrets` would print it; in pieces where none of it has to be looked at as a whole. */
export function jsonWithoutSecrets(document: object): Iterable<string> {
  return opened.length === 0 ? safeJsonInPieces(document) : [withoutSecrets(safeJson(document))];
}

function cleanLine(line: string, clean: Redactor): string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return clean.redactText(line);
  }
  return safeJson(cleanValue(value, clean));
}

function cleanValue(value: unknown, clean: Redactor): unknown {
  if (typeof value === "string") return clean.redactText(value);
  if (Array.isArray(value)) return value.map((each) => cleanValue(each, clean));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, cleanValue(inner, clean)]));
}
