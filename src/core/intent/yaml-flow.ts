import { parseDocument } from "yaml";
import type { Json } from "../ports.ts";

/** How a text is to be written where it may stand without quotes or with. */
export type QuoteStyle = "plain" | "single" | "double";

/** A value on one line, as YAML takes it between braces and outside of them. */
export function flowText(value: Json, style: QuoteStyle = "plain"): string {
  if (typeof value === "string") return scalarText(value, style);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return value.length === 0 ? "[]" : `[${value.map((each: Json) => flowText(each)).join(", ")}]`;
  const entries = Object.entries(value as Readonly<Record<string, Json>>);
  return entries.length === 0 ? "{}" : `{ ${entries.map(([key, each]) => `${keyText(key)}: ${flowText(each)}`).join(", ")} }`;
}

/** A key: without quotes where that says the same; `on` is one of ours. */
export function keyText(key: string): string {
  return key === "on" ? key : scalarText(key, "plain");
}

/** Words, paths, shares and dotted names; anything else stands in quotes. */
const harmless = /^[A-Za-z0-9_./~][A-Za-z0-9_./~@%+*=!-]*( [A-Za-z0-9_./~@%+*=<>!&|(-][A-Za-z0-9_./~@%+*=()<>!&|-]*)*$/u;
/** What is text in YAML 1.2 and something else for older readers. */
const doubtful = /^(y|n|yes|no|on|off|true|false|null|~|<<|=)$/iu;

function scalarText(text: string, style: QuoteStyle): string {
  if (style === "single" && /^[ -~\u00A0-\uD7FF]*$/u.test(text)) return `'${text.replaceAll("'", "''")}'`;
  if (style === "plain" && harmless.test(text) && !doubtful.test(text) && readsAs(text)) return text;
  return JSON.stringify(text).replaceAll(
    /[\u007F-\u009F\u2028\u2029\uFEFF\uFFFD]/gu,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** True when a parser gives the text back as it is written. */
function readsAs(text: string): boolean {
  const document = parseDocument(`{ k: ${text} }`, { version: "1.2", logLevel: "silent" });
  return document.errors.length === 0 && (document.toJS() as { readonly k?: unknown }).k === text;
}
