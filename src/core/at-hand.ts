/** What this process made a while ago and somebody may still hold: found again by its key as long as that is so. It must never change. */
export class AtHand<T extends object> {
  readonly #known = new Map<string, WeakRef<T>>();

  keep(key: string, value: T): void {
    for (const [other, kept] of this.#known) if (kept.deref() === undefined) this.#known.delete(other);
    this.#known.set(key, new WeakRef(value));
  }

  find(key: string): T | undefined {
    return this.#known.get(key)?.deref();
  }
}
