import { once } from "node:events";
import { jsonWithoutSecrets, withoutSecrets } from "./disclosure.ts";

/** Where a command prints: `out` for its answer, `err` for problems and progress. Writing to a reader that left is no error. */
export interface Output {
  out(text: string): void;
  /** Prints an answer as one line of JSON, of a large one each piece when those before have left. */
  document(answer: object): Promise<void>;
  err(text: string): void;
  /** True once the reader of `out` has left (`halligan nodes | head -1`). */
  readonly broken: boolean;
  /** Resolves when all that was printed has left this process, or can never leave. */
  flush(): Promise<void>;
}

/** Prints on this process's own streams, without the secrets that it has opened. `onBroken` is called once when the reader of the answer leaves. */
export function processOutput(onBroken: () => void): Output {
  const { stdout, stderr } = process;
  let broken = false;
  const fault = (error: NodeJS.ErrnoException): void => {
    if (broken) return;
    broken = true;
    if (error.code !== "EPIPE") process.exitCode = 2; // a full disk behind `>`; nothing can be printed about it
    onBroken();
  };
  stdout.on("error", fault);
  stderr.on("error", () => undefined); // nobody listens to complaints any more
  return {
    out(text) {
      if (!broken) stdout.write(withoutSecrets(text));
    },
    async document(answer) {
      for (const piece of jsonWithoutSecrets(answer)) {
        if (broken) return;
        if (!stdout.write(piece)) await drained(stdout);
      }
      if (!broken) stdout.write("\n");
    },
    err(text) {
      stderr.write(withoutSecrets(text));
    },
    get broken() {
      return broken;
    },
    async flush() {
      for (const stream of [stdout, stderr]) if (stream.writableLength > 0 && !stream.destroyed) await drained(stream);
    },
  };
}

/** Resolves when all that was written to the stream has left this process, or can never leave. */
async function drained(stream: NodeJS.WriteStream): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  await Promise.race(["drain", "error", "close"].map((event) => once(stream, event, { signal }))).catch(() => undefined);
  over.abort();
}
