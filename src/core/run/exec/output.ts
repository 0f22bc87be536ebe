import { createHash } from "node:crypto";

/** What is kept of one output of one command. */
export interface Output {
  /** Of the whole output, as it was after secrets were taken out. */
  readonly totalBytes: number;
  /** Of the whole output: equal outputs have equal digests. */
  readonly sha256: string;
  readonly head: Uint8Array;
  /** Bytes between `head` and `tail` that were dropped; 0 = nothing is missing. */
  readonly omittedBytes: number;
  readonly tail: Uint8Array;
}

/** Takes in an output of any size and keeps its first and last part. */
export interface OutputKeeper {
  push(bytes: Uint8Array): void;
  finish(): Output;
}

/** Makes a keeper of at most `limit` bytes from the beginning and as many from the end. */
export function keepOutput(limit: number): OutputKeeper {
  const hash = createHash("sha256");
  const head: Uint8Array[] = [];
  let tail: Uint8Array[] = [];
  let headBytes = 0;
  let tailBytes = 0;
  let totalBytes = 0;
  return {
    push(bytes) {
      hash.update(bytes);
      totalBytes += bytes.length;
      const first = bytes.subarray(0, limit - headBytes);
      if (first.length > 0) head.push(first.slice());
      headBytes += first.length;
      const rest = bytes.subarray(first.length).slice(-limit);
      if (rest.length === 0) return;
      tail.push(rest);
      tailBytes += rest.length;
      if (tailBytes < 2 * limit) return;
      tail = [Buffer.concat(tail).subarray(-limit)];
      tailBytes = limit;
    },
    finish() {
      const end = Buffer.concat(tail).subarray(-limit);
      return {
        totalBytes,
        sha256: hash.digest("hex"),
        head: Buffer.concat(head),
        omittedBytes: totalBytes - headBytes - end.length,
        tail: end,
      };
    },
  };
}
