import type { Output, ValueType } from "../model/barclamp.ts";
import type { Json } from "../ports.ts";

/** A value in the type that an output declares, as far as it can be read so; else as it is. */
export function typed(value: Json, type: ValueType): Json {
  if (typeof value !== "string") return value;
  const text = value.trim();
  switch (type) {
    case "integer":
    case "number":
    case "port":
      return /^-?\d+(\.\d+)?$/u.test(text) ? Number(text) : value;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : value;
    case "list":
    case "map":
      return parsed(text, type) ?? (type === "list" ? text.split("\n").filter((line) => line !== "") : value);
    case "string":
    case "duration":
    case "size":
    case "url":
    case "address":
    case "secret":
      return value;
    default:
      return type satisfies never;
  }
}

function parsed(text: string, type: "list" | "map"): Json | undefined {
  try {
    const value = JSON.parse(text) as Json;
    const fits = type === "list" ? Array.isArray(value) : typeof value === "object" && value !== null && !Array.isArray(value);
    return fits ? value : undefined;
  } catch {
    return undefined;
  }
}

/** True when only a step tells the output. */
export function isLate(output: Output): boolean {
  return output.fromStep !== undefined;
}
