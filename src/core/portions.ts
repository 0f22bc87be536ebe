/** Computing that stops after each portion of it, so that whoever does it can see to other things meanwhile. */
export type Portions<T> = Generator<undefined, T, undefined>;

/** All portions, one after the other. */
export function inOneGo<T>(work: Portions<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

/** Rests after each portion. */
export async function withRests<T>(work: Portions<T>, rest: () => Promise<void>): Promise<T> {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    await rest();
  }
}
