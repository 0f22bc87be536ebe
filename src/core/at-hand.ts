/** What this process made a while ago and somebody may still hold: found again by its key as long as that is so. It must never change. */
export class AtHand<T extends object> {
  readonly #known = new Map<string, WeakRef<T>>();

  keep(key: string, value: T): void {
    this.#known.set(key, new WeakRef(value));
  }

  find(key: string): T | undefined {
    const value = this.#known.get(key)?.deref();
    if (value === undefined) this.#known.delete(key);
    return value;
  }
}
