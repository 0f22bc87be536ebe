import { parseDocument } from "yaml";
import { checkValue } from "../model/attributes.ts";
import type { Attribute } from "../model/barclamp.ts";
import type { Json } from "../ports.ts";

/** A value as it was typed, in the form in which the cluster file takes it; or everything that is wrong with it. */
export type TypedValue = { readonly value: Json } | { readonly messages: readonly string[] };

/** Reads what was typed for an attribute by the attribute's type and limits. Messages never repeat the value of a secret. */
export function valueFor(attribute: Attribute, typed: string): TypedValue {
  const value = written(attribute, typed);
  const checked = checkValue(attribute, value);
  return checked.ok ? { value } : { messages: checked.messages };
}

/** What stands in the file for a typed text: numbers and switches as such, all that is text as text, lists and maps as YAML. */
function written({ type }: Attribute, typed: string): Json {
  switch (type) {
    case "string":
    case "secret":
    case "url":
    case "address":
      return typed;
    case "duration":
      return typed === "0" ? 0 : typed;
    case "size":
    case "integer":
    case "number":
    case "port":
      return /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/iu.test(typed) ? Number(typed) : typed;
    case "boolean":
      return typed === "true" ? true : typed === "false" ? false : typed;
    case "list":
    case "map":
      return looseValue(typed);
    default:
      return type satisfies never;
  }
}

/** What a typed text is where nothing says its type: YAML on one line, or else a text. */
export function looseValue(typed: string): Json {
  if (typed === "") return "";
  const document = parseDocument(typed, { version: "1.2", stringKeys: true, merge: false, logLevel: "silent" });
  if (document.errors.length > 0 || document.warnings.length > 0 || /[\r\n]/u.test(typed)) return typed;
  const value: unknown = document.toJS({ maxAliasCount: 0 });
  return isJson(value) ? value : typed;
}

function isJson(value: unknown): value is Json {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  return typeof value === "object" && Object.keys(value).every((key) => key !== "__proto__") && Object.values(value).every(isJson);
}
