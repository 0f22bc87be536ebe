/** The receiver's or attacher's own line: `HALLIGAN/1 <job> <word> <rest>`. */
export interface Preface {
  readonly word: string;
  readonly rest: string;
  /** Bytes that followed the line: the first frames. */
  readonly remainder: Uint8Array;
}

/** Noise (banners, motd, profile output) that is tolerated before the line. */
const noiseLimitBytes = 1 << 20;

/**
 * Finds the preface line in a stream of chunks, skipping what the login shell prints before it.
 * `push` returns the preface once it is complete; `undefined` means more is needed.
 */
export function createPrefaceReader(job: string): { push(chunk: Uint8Array): Preface | undefined } {
  const wanted = `HALLIGAN/1 ${job} `;
  let buffer = Buffer.alloc(0);
  return {
    push(chunk) {
      buffer = Buffer.concat([buffer, chunk]);
      for (;;) {
        const end = buffer.indexOf(10);
        if (end < 0) {
          if (buffer.length > noiseLimitBytes) buffer = buffer.subarray(buffer.length - 4096);
          return undefined;
        }
        const line = buffer.subarray(0, end).toString("latin1").replace(/\r$/u, "");
        buffer = buffer.subarray(end + 1);
        const start = line.indexOf(wanted);
        if (start < 0) continue;
        const [word = "", ...rest] = line.slice(start + wanted.length).split(" ");
        return { word, rest: rest.join(" "), remainder: buffer };
      }
    },
  };
}
