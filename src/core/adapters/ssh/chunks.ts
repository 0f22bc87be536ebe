import type { Readable } from "node:stream";

type Result = IteratorResult<Uint8Array, undefined>;

/**
 * Hands out what arrives on a stream of a channel, from the first `next` on; the channel's window is only renewed as it is taken. A consumer that stops early
 * discards the rest. (Not a generator: thousands of channels wait for their next word, and each would take a kilobyte more.)
 */
export class Chunks implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #stream: Readable;
  readonly #asked: ((result: Result) => void)[] = [];
  #listens = false;
  #over = false;

  constructor(stream: Readable) {
    this.#stream = stream;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Result> {
    if (!this.#listens) this.#listen();
    const result = this.#asked.length === 0 ? this.#take() : undefined;
    return result === undefined ? new Promise((resolve) => this.#asked.push(resolve)) : Promise.resolve(result);
  }

  return(): Promise<Result> {
    this.#stream.removeListener("readable", this.#hand);
    this.#listens = true;
    this.#stream.resume();
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Nothing more will arrive; what did is still handed out. */
  end(): void {
    this.#over = true;
    this.#hand();
  }

  #listen(): void {
    this.#listens = true;
    this.#stream.on("readable", this.#hand).on("end", this.#hand);
  }

  #take(): Result | undefined {
    const chunk = this.#stream.read() as Buffer | null;
    if (chunk !== null) return { done: false, value: chunk };
    return this.#over || this.#stream.readableEnded ? { done: true, value: undefined } : undefined;
  }

  readonly #hand = (): void => {
    while (this.#asked.length > 0) {
      const result = this.#take();
      if (result === undefined) return;
      this.#asked.shift()?.(result);
    }
  };
}
