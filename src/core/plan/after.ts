import type { NodeRoleId } from "../model/ids.ts";
import type { BoundNodeRole, Wait } from "./graph.ts";

/** Ids of the node-roles that one waits for, in natural order, each once. Equal lists are one array, so that large clusters stay small. */
export class AfterLists {
  readonly #lists = new Map<string, readonly NodeRoleId[]>();
  readonly #ranks: ReadonlyMap<BoundNodeRole, number>;
  readonly #keys = new Map<readonly BoundNodeRole[], number>();

  /** `ranked` gives the order of ids in the lists; node-roles that are not in it are left out. */
  constructor(ranked: readonly BoundNodeRole[]) {
    this.#ranks = new Map(ranked.map((each, index) => [each, index]));
  }

  /** The list for these waits. */
  of(waits: readonly Wait[]): readonly NodeRoleId[] {
    const numbers = new Set(waits.map((wait) => this.#keyOf(wait.providers)));
    const key = [...numbers].toSorted((a, b) => a - b).join(",");
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    const members = new Set(waits.flatMap((wait) => wait.providers));
    const ranks = this.#ranks;
    const list = [...members]
      .filter((each) => ranks.has(each))
      .toSorted((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0))
      .map((each) => each.id);
    this.#lists.set(key, list);
    return list;
  }

  #keyOf(providers: readonly BoundNodeRole[]): number {
    const known = this.#keys.get(providers);
    if (known !== undefined) return known;
    const key = this.#keys.size;
    this.#keys.set(providers, key);
    return key;
  }
}
