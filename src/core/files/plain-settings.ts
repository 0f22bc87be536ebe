import type { BarclampSettings } from "../model/cluster.ts";
import type { Json } from "../ports.ts";

/** Settings as the schema returns them (unknown values) as settings of JSON values, which everything that comes from YAML is. */
export function plainSettings(set: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined): BarclampSettings {
  return (set ?? {}) as Readonly<Record<string, Readonly<Record<string, Json>>>>;
}
