import type { Json } from "../ports.ts";
import type { Attribute, ValueType } from "./barclamp.ts";
import { formatDuration, parseDuration } from "./duration.ts";
import { parseSize } from "./size.ts";

/** A checked value: durations in milliseconds, sizes in bytes, all else as written; or everything that is wrong with it. */
export type CheckedValue = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly messages: readonly string[] };

type AttributeRules = Pick<Attribute, "type" | "min" | "max" | "oneOf" | "pattern" | "of">;

/** What a person should write for a type. */
const typeWords: Readonly<Record<ValueType, string>> = {
  string: "a text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  duration: "a duration such as 30s, 5m or 1h30m",
  size: "a size such as 512M or 10GiB",
  url: "a URL such as https://example.org:8443/path",
  address: "an IP address or a host name",
  port: "a port from 1 to 65535",
  list: "a list",
  map: "a map",
  secret: "a secret, which comes by reference",
};

/** Checks a value against an attribute's type and limits and normalises it. Messages never repeat the value of a secret. */
export function checkValue(attribute: AttributeRules, value: Json): CheckedValue {
  const normal = normalise(attribute.type, value);
  if (normal === undefined)
    return { ok: false, messages: [`expected ${typeWords[attribute.type]}, found ${shown(attribute.type, value)}`] };
  const messages = [
    ...limitMessages(attribute, normal, "min"),
    ...limitMessages(attribute, normal, "max"),
    ...choiceMessages(attribute, normal),
    ...patternMessages(attribute, normal),
    ...elementMessages(attribute, normal),
  ];
  if (messages.length > 0) return { ok: false, messages };
  return {
    ok: true,
    value: attribute.of !== undefined && isList(normal) ? normal.map((each) => normalise(attribute.of ?? "string", each) ?? each) : normal,
  };
}

/** Checks that an attribute's own limits make sense; one message per fault. */
export function checkRules(attribute: AttributeRules): readonly string[] {
  const messages: string[] = [];
  const { type, min, max, pattern, of, oneOf } = attribute;
  const limits = [min, max].map((limit) => (limit === undefined ? undefined : limitOf(type, limit)));
  if ((min !== undefined && limits[0] === undefined) || (max !== undefined && limits[1] === undefined))
    messages.push(`\`min\` and \`max\` of type ${type} must be ${measured.has(type) ? typeWords[type] : "lengths (whole numbers)"}`);
  if (limits[0] !== undefined && limits[1] !== undefined && limits[0] > limits[1]) messages.push("`min` is larger than `max`");
  if ((type === "boolean" || type === "map" || type === "secret") && (min !== undefined || max !== undefined) && type !== "secret")
    messages.push(`type ${type} has no \`min\` or \`max\``);
  if (of !== undefined && type !== "list") messages.push("`of` belongs to type list only");
  if (of === "secret") messages.push("a list of secrets is not possible; declare one attribute per secret");
  if (pattern !== undefined && compile(pattern) === undefined) messages.push("`pattern` is not a regular expression");
  if (pattern !== undefined && !textual.has(type)) messages.push(`type ${type} has no \`pattern\``);
  for (const choice of oneOf ?? []) {
    if (normalise(type, choice) === undefined) messages.push(`\`oneOf\` holds ${shown(type, choice)}, which is not ${typeWords[type]}`);
  }
  return messages;
}

const measured: ReadonlySet<ValueType> = new Set(["integer", "number", "duration", "size", "port"]);
const textual: ReadonlySet<ValueType> = new Set(["string", "url", "address", "secret"]);

/** The value in its normal form, or undefined when it is not of the type. */
function normalise(type: ValueType, value: Json): Json | undefined {
  switch (type) {
    case "string":
    case "secret":
      return typeof value === "string" ? value : undefined;
    case "integer":
      return Number.isSafeInteger(value) ? value : undefined;
    case "number":
      return Number.isFinite(value) ? value : undefined;
    case "boolean":
      return typeof value === "boolean" ? value : undefined;
    case "duration":
      return typeof value === "string" ? parseDuration(value) : value === 0 ? 0 : undefined;
    case "size":
      return typeof value === "string" ? parseSize(value) : Number.isSafeInteger(value) && Number(value) >= 0 ? value : undefined;
    case "url":
      return typeof value === "string" && isUrl(value) ? value : undefined;
    case "address":
      return typeof value === "string" && isAddress(value) ? value : undefined;
    case "port":
      return Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= 65_535 ? value : undefined;
    case "list":
      return isList(value) ? value : undefined;
    case "map":
      return typeof value === "object" && value !== null && !isList(value) ? value : undefined;
    default:
      return type satisfies never;
  }
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isUrl(value: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#]+\S*$/iu.test(value) && URL.canParse(value);
}

/** True for an IPv4 address, an IPv6 address (with or without zone) or a host name. */
export function isAddress(value: string): boolean {
  if (/^[\d.]+$/u.test(value))
    return (
      /^(\d{1,3})(\.\d{1,3}){3}$/u.test(value) && value.split(".").every((part) => Number(part) <= 255 && String(Number(part)) === part)
    );
  if (value.includes(":")) return isIpv6(value.replace(/%[A-Za-z0-9._-]+$/u, ""));
  return (
    value.length <= 253 &&
    /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\.?$/u.test(value)
  );
}

function isIpv6(value: string): boolean {
  return /^[0-9A-Fa-f:.]+$/u.test(value) && URL.canParse(`http://[${value}]/`);
}

/** A limit as a number: bytes, milliseconds, the number itself, or a length. */
function limitOf(type: ValueType, limit: number | string): number | undefined {
  if (type === "duration" || type === "size") {
    const normal = normalise(type, limit);
    return typeof normal === "number" ? normal : undefined;
  }
  return typeof limit === "number" && (type === "number" || Number.isSafeInteger(limit)) ? limit : undefined;
}

function limitMessages(attribute: AttributeRules, value: Json, which: "min" | "max"): readonly string[] {
  const written = attribute[which];
  const limit = written === undefined ? undefined : limitOf(attribute.type, written);
  if (written === undefined || limit === undefined) return [];
  const measure = typeof value === "number" ? value : typeof value === "string" || isList(value) ? value.length : undefined;
  if (measure === undefined || (which === "min" ? measure >= limit : measure <= limit)) return [];
  const what = typeof value === "number" ? "" : isList(value) ? " elements" : " characters";
  const found = attribute.type === "duration" ? formatDuration(measure) : String(measure);
  return [`must be at ${which === "min" ? "least" : "most"} ${written}${what}, found ${found}`];
}

function choiceMessages(attribute: AttributeRules, value: Json): readonly string[] {
  const { oneOf, type } = attribute;
  if (oneOf === undefined) return [];
  const text = JSON.stringify(value);
  if (oneOf.some((choice) => JSON.stringify(normalise(type, choice) ?? choice) === text)) return [];
  return [`must be one of ${oneOf.map((choice) => JSON.stringify(choice)).join(", ")}, found ${shown(type, value)}`];
}

function patternMessages(attribute: AttributeRules, value: Json): readonly string[] {
  const expression = attribute.pattern === undefined ? undefined : compile(attribute.pattern);
  if (expression === undefined || typeof value !== "string" || expression.test(value)) return [];
  return [`must match ${attribute.pattern}, found ${shown(attribute.type, value)}`];
}

function elementMessages(attribute: AttributeRules, value: Json): readonly string[] {
  const type = attribute.of;
  if (type === undefined || !isList(value)) return [];
  return value.flatMap((each, index) =>
    normalise(type, each) === undefined ? [`element ${index + 1}: expected ${typeWords[type]}, found ${shown(type, each)}`] : [],
  );
}

/** The whole value must match. */
function compile(pattern: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${pattern})$`, "u");
  } catch {
    return undefined;
  }
}

/** A value in a message: short; secrets and large values only by their kind. */
function shown(type: ValueType, value: Json): string {
  if (value === null) return "nothing";
  if (isList(value)) return "a list";
  if (typeof value === "object") return "a map";
  if (type === "secret") return "a value that is not shown";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
