import { fail } from "../errors.ts";
import type { Json, StoredEvent } from "../ports.ts";

/** Turns the data of an event of one version into that of the next. It leaves `v` alone. */
export type Cast = (data: Readonly<Record<string, Json>>) => Readonly<Record<string, Json>>;

/** By type of event the casts from version 1 to 2, 2 to 3 ...; a type that is not here has version 1 alone. Released casts never change. */
export type Casts = Readonly<Record<string, readonly Cast[]>>;

/** The casts of this version. */
const casts: Casts = {};

/**
 * The data of a stored event in the form that this version reads. Events of older versions are brought up to it; they stay as they are in the store.
 * @throws `STORE_NEWER` for a version that this one does not know: to guess what it means could repeat a step.
 */
export function presentForm({ type, position, data }: StoredEvent, known: Casts = casts): Json {
  if (typeof data !== "object" || data === null || Array.isArray(data)) return data;
  const fields = data as Readonly<Record<string, Json>>;
  const written = fields["v"];
  const steps = (Object.hasOwn(known, type) ? known[type] : undefined) ?? [];
  const present = steps.length + 1;
  if (typeof written !== "number" || !Number.isInteger(written) || written < 1) return data; // its schema says what is wrong
  if (written > present) {
    throw fail("STORE_NEWER", {
      message: `Event ${position} (${type}) has version ${written}; this version of Halligan knows up to ${present}.`,
    });
  }
  const lifted = steps.slice(written - 1).reduce<Readonly<Record<string, Json>>>((form, cast) => cast(form), fields);
  return { ...lifted, v: present };
}
