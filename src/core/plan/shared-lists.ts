/**
 * Lists of equal things are one list of one set of objects: most node-roles of a role have the same steps, and a plan of thousands of node-roles is
 * kept, put into text and shown as a whole.
 */
export class SharedLists<T> {
  readonly #keyOf: (item: T) => string;
  readonly #items = new Map<string, { readonly item: T; readonly number: number }>();
  readonly #lists = new Map<string, readonly T[]>();

  /** `keyOf` gives the same text for two items exactly when they are equal. */
  constructor(keyOf: (item: T) => string) {
    this.#keyOf = keyOf;
  }

  /** An equal list; the same one for all that are equal. */
  of(list: readonly T[]): readonly T[] {
    const items: T[] = [];
    let key = "";
    for (const each of list) {
      const known = this.#known(each);
      items.push(known.item);
      key += `${known.number},`;
    }
    const before = this.#lists.get(key);
    if (before !== undefined) return before;
    this.#lists.set(key, items);
    return items;
  }

  #known(item: T): { readonly item: T; readonly number: number } {
    const key = this.#keyOf(item);
    const before = this.#items.get(key);
    if (before !== undefined) return before;
    const known = { item, number: this.#items.size };
    this.#items.set(key, known);
    return known;
  }
}

/** One key of any texts: their lengths tell where one ends, and one that is absent is not an empty one. */
export function keyOfTexts(...texts: readonly (string | undefined)[]): string {
  let key = "";
  for (const each of texts) key += each === undefined ? "-" : `${each.length}:${each}`;
  return key;
}
