/** What templates and conditions see: the names at a scope's top. */
export const scopeNames = ["set", "facts", "inputs", "node", "cluster", "deployment", "role", "item"] as const;

/** Where a template reads: names from the scope's top down. */
export type ReadPath = readonly string[];

/** Of these there are few objects in a plan, or one: what a template reads of nothing else is the same for many node-roles. */
const sharedRoots: ReadonlySet<string> = new Set(["cluster", "deployment", "role", "set"]);

/** So many renderings of one template are kept: for as many groups of nodes whose settings differ. */
const keptAtMost = 8;

/**
 * Renderings of one template, kept for scopes in which all that it reads is the same: a list of all nodes, written for each of them, is written once.
 * `paths` is asked when there is something to be gained, at the second rendering; `undefined`: nothing can be.
 */
export class AlikeRenderings<T> {
  readonly #find: () => readonly ReadPath[] | undefined;
  readonly #kept: { readonly read: readonly unknown[]; readonly made: T }[] = [];
  #paths: readonly ReadPath[] | undefined;
  #times = 0;

  constructor(paths: () => readonly ReadPath[] | undefined) {
    this.#find = paths;
  }

  /** What was made for a scope that reads the same, or what `make` gives; `lasting` says whether that hangs on nothing but what was read. */
  of(scope: object, make: () => T, lasting: () => boolean): T {
    this.#times += 1;
    if (this.#times === 2) this.#paths = this.#find();
    const read = this.#paths && readAt(scope, this.#paths);
    const known = read && this.#kept.find((each) => each.read.every((value, at) => Object.is(value, read[at])));
    if (known !== undefined) return known.made;
    const made = make();
    if (read !== undefined && lasting()) {
      if (this.#kept.length >= keptAtMost) this.#kept.shift();
      this.#kept.push({ read, made });
    }
    return made;
  }
}

function readAt(scope: object, paths: readonly ReadPath[]): readonly unknown[] | undefined {
  const read: unknown[] = [];
  for (const path of paths) {
    const value = valueAt(scope, path);
    if (value === open) return undefined;
    read.push(value);
  }
  return read;
}

/** Something that is worked out when it is read, or that notes being read: nobody but the template is to read it. */
const open = Symbol("open");

/** What a path leads to; a list stands for all that is in it. */
function valueAt(scope: object, path: ReadPath): unknown {
  let value: unknown = scope;
  for (const name of path) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const found = Object.getOwnPropertyDescriptor(value, name);
    if (found?.get !== undefined) return open;
    value = found?.value;
  }
  return value;
}

/** The paths to keep renderings by, from what the template language says that a template reads; `undefined` where it reads what each node-role has of its own. */
export function sharedPaths(segments: readonly (readonly unknown[])[]): readonly ReadPath[] | undefined {
  const paths: ReadPath[] = [];
  for (const each of segments) {
    if (typeof each[0] !== "string" || !sharedRoots.has(each[0])) return undefined;
    // Behind a name that is worked out anything may be read of what stands before it.
    const end = each.findIndex((name) => typeof name !== "string");
    paths.push((end < 0 ? each : each.slice(0, end)) as ReadPath);
  }
  return paths;
}
