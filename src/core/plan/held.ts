import type { NodeRoleId } from "../model/ids.ts";
import type { Json } from "../ports.ts";

/** A value that only the run will know: output `output` of these node-roles. */
export interface LateSource {
  readonly from: readonly NodeRoleId[];
  readonly output: string;
}

/**
 * Stands in settings, inputs and outputs where the value must not be shown or is not known yet. Templates that read it are marked with what it
 * carries, so a secret stays a secret through any filter, and a late value stays late.
 */
export class Hole {
  /** What is shown instead: `[secret keystone.adminPassword]`, `(known after n1/db.url)`. */
  readonly display: Json;
  /** Keys of the secrets inside. */
  readonly secrets: readonly string[];
  readonly late: readonly LateSource[];
  /** Known because these steps told it, in this run or an earlier one. */
  readonly seen: readonly LateSource[];
  /** The real value, for delivery only. Absent: it is not known. */
  readonly reveal: (() => Json) | undefined;

  constructor(parts: {
    display: Json;
    secrets?: readonly string[];
    late?: readonly LateSource[];
    seen?: readonly LateSource[];
    reveal?: (() => Json) | undefined;
  }) {
    this.display = parts.display;
    this.secrets = parts.secrets ?? [];
    this.late = parts.late ?? [];
    this.seen = parts.seen ?? [];
    this.reveal = parts.reveal;
  }
}

/** What is shown for a secret. The deployment in front of its name is left out: the plan says it elsewhere. */
export function secretText(key: string): string {
  return `[secret ${key.replace(/^[^/]+\/(?=[^/]+$)/u, "")}]`;
}

/** JSON in which holes may stand at any depth. */
export type Held = Hole | null | boolean | number | string | readonly Held[] | { readonly [key: string]: Held };

const noSecrets: ReadonlySet<string> = new Set();
const noSources: ReadonlyMap<string, LateSource> = new Map();

/** What templates read while they were rendered. One is made for every template of every node-role, and nearly all stay empty: nothing is made for those. */
export class Touched {
  #secrets: Set<string> | undefined;
  #late: Map<string, LateSource> | undefined;
  #seen: Map<string, LateSource> | undefined;
  /** `facts` was read, and the node has none. */
  facts = false;
  /** A secret was read whose value this rendering is not given: what it was made into tells nothing about the real value. */
  hidden = false;

  get secrets(): ReadonlySet<string> {
    return this.#secrets ?? noSecrets;
  }

  get late(): ReadonlyMap<string, LateSource> {
    return this.#late ?? noSources;
  }

  get seen(): ReadonlyMap<string, LateSource> {
    return this.#seen ?? noSources;
  }

  /** Notes that a hole was read. */
  add(hole: Hole): void {
    for (const secret of hole.secrets) this.addSecret(secret);
    for (const late of hole.late) (this.#late ??= new Map()).set(keyOf(late), late);
    for (const seen of hole.seen) (this.#seen ??= new Map()).set(keyOf(seen), seen);
    this.hidden ||= hole.secrets.length > 0 && hole.reveal === undefined;
  }

  /** Notes that a secret was read, by its key. */
  addSecret(key: string): void {
    (this.#secrets ??= new Set()).add(key);
  }

  /** Takes over what another rendering read. */
  merge(other: Touched): void {
    for (const secret of other.secrets) this.addSecret(secret);
    for (const [key, late] of other.late) (this.#late ??= new Map()).set(key, late);
    for (const [key, seen] of other.seen) (this.#seen ??= new Map()).set(key, seen);
    this.facts ||= other.facts;
    this.hidden ||= other.hidden;
  }

  /** Nothing was read that is noted. */
  get isEmpty(): boolean {
    return this.secrets.size + this.late.size + this.seen.size === 0 && !this.facts && !this.hidden;
  }

  /** Something was read that display values stand in for. */
  get tainted(): boolean {
    return this.secrets.size > 0 || this.late.size > 0;
  }

  /** A hole that carries the same, for a value made from what was read. */
  hole(display: Json, reveal?: () => Json): Hole {
    return new Hole({ display, secrets: [...this.secrets], late: [...this.late.values()], seen: [...this.seen.values()], reveal });
  }
}

function keyOf(source: LateSource): string {
  return `${source.from.join(" ")}.${source.output}`;
}

/** `display`: holes show their placeholder. `real`: they give their value where it is known. */
export type Mode = "display" | "real";

/** Where readers of planted values are noted; one at a time. */
export interface Watch {
  touched: Touched;
}

/** True when a hole stands anywhere in the value, or could: a property that is not worked out yet. */
function hasHole(value: Held): boolean {
  if (value instanceof Hole) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(Object.getOwnPropertyDescriptors(value)).some(
    (each: TypedPropertyDescriptor<Held>) => each.get !== undefined || hasHole(each.value ?? null),
  );
}

/** The value of a hole in one mode. */
function holeValue(hole: Hole, mode: Mode): Json {
  return mode === "real" && hole.reveal !== undefined ? hole.reveal() : hole.display;
}

/**
 * A record for templates in which every hole is a property that notes being read. Values without holes are used as they are.
 */
export function plant(record: Readonly<Record<string, Held>>, mode: Mode, watch: Watch): Readonly<Record<string, unknown>> {
  const planted: Record<string, unknown> = {};
  for (const key of Object.keys(record)) {
    const open = Object.getOwnPropertyDescriptor(record, key)?.get !== undefined;
    if (open) plantLater(planted, key, () => record[key] ?? null, mode, watch);
    else plantAt(planted, key, record[key] ?? null, mode, watch);
  }
  return planted;
}

/** Plants a property that is worked out when a template first reads it. */
function plantLater(target: object, key: string, read: () => Held, mode: Mode, watch: Watch): void {
  const get = (): unknown => {
    plantAt(target, key, read(), mode, watch);
    return (target as Record<string, unknown>)[key];
  };
  Object.defineProperty(target, key, { enumerable: true, configurable: true, get });
}

function plantAt(target: object, key: string | number, value: Held, mode: Mode, watch: Watch): void {
  if (value instanceof Hole) {
    const get = (): Json => {
      watch.touched.add(value);
      return holeValue(value, mode);
    };
    Object.defineProperty(target, key, { enumerable: true, configurable: true, get });
    return;
  }
  Object.defineProperty(target, key, { enumerable: true, configurable: true, writable: true, value: plantValue(value, mode, watch) });
}

function plantValue(value: Exclude<Held, Hole>, mode: Mode, watch: Watch): unknown {
  if (!hasHole(value)) return value;
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    value.forEach((each: Held, index) => plantAt(list, index, each, mode, watch));
    return list;
  }
  return plant(value as Readonly<Record<string, Held>>, mode, watch);
}

/** The value with every hole replaced: placeholders, or real values where they are known. */
export function flatten(value: Held, mode: Mode): Json {
  if (value instanceof Hole) return holeValue(value, mode);
  if (typeof value !== "object" || value === null || !hasHole(value)) return value as Json;
  if (Array.isArray(value)) return value.map((each: Held) => flatten(each, mode));
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, flatten(each as Held, mode)]));
}

/** Everything that the holes of a value carry. */
export function carried(value: Held, into = new Touched()): Touched {
  if (value instanceof Hole) into.add(value);
  else if (typeof value === "object" && value !== null) for (const each of Object.values(value)) carried(each as Held, into);
  return into;
}
