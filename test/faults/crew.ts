import { startWorker, type WorkerProcess } from "../support/worker-process.ts";
import type { Place } from "./place.ts";

/** Two workers of one trial, killed when it is over. */
export class Crew implements AsyncDisposable {
  readonly workers: WorkerProcess[] = [];
  readonly #state: string;

  /** They work for the cluster of this store. */
  constructor(state: string) {
    this.#state = state;
  }

  /** Starts them, one after the other. */
  readonly start = async ({ file }: Pick<Place, "file">): Promise<void> => {
    for (const name of ["one", "two"]) this.workers.push(await startWorker(file, this.#state, name));
  };

  async [Symbol.asyncDispose](): Promise<void> {
    for (const worker of this.workers) worker.child.kill("SIGCONT");
    await Promise.all(this.workers.map((worker) => worker.end("SIGKILL")));
  }
}
