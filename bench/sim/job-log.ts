/** Frames of a job, which come over time; what has come stays. */
export class JobLog {
  readonly #frames: readonly Uint8Array[];
  readonly #readers = new Set<() => void>();
  #come = 0;

  /** `pauseMs`: between one frame and the next. 0: all are there at once. */
  constructor(frames: readonly Uint8Array[], pauseMs: number) {
    this.#frames = frames;
    if (pauseMs === 0) this.#come = frames.length;
    else this.#next(pauseMs);
  }

  /** True while the job's process lives. */
  get alive(): boolean {
    return this.#come < this.#frames.length;
  }

  /** Hands out what is there and then what comes, as it comes; `over` is called once, after the last frame. Returns what ends the reading. */
  follow(onFrame: (frame: Uint8Array) => void, over: () => void): () => void {
    let at = 0;
    const read = (): void => {
      while (at < this.#come) {
        const frame = this.#frames[at];
        at += 1;
        if (frame !== undefined) onFrame(frame);
      }
      if (this.alive) return;
      this.#readers.delete(read);
      over();
    };
    this.#readers.add(read);
    read();
    return () => this.#readers.delete(read);
  }

  #next(pauseMs: number): void {
    setTimeout(() => {
      this.#come += 1;
      for (const read of [...this.#readers]) read();
      if (this.alive) this.#next(pauseMs);
    }, pauseMs);
  }
}
