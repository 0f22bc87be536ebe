import { digest } from "./digest.ts";

/** By what a source file is recognised: its size in bytes, and when it was put there or changed in any way. */
export interface Source {
  readonly size: number;
  readonly changedMs: number;
}

/** The kept code of one source file. */
export interface Part {
  readonly source: Source;
  /** What the code of all functions took in the process that kept it, in bytes. */
  readonly compiledBytes: number;
  readonly code: Uint8Array;
}

/** A digest of all that follows, and three numbers. The code begins at a multiple of eight, where V8 reads it without copying it. */
const digestBytes = 32;
const headerBytes = digestBytes + 3 * 8;

/** A part as the bytes of a file. */
export function encodePart({ source, compiledBytes, code }: Part): Buffer {
  const bytes = Buffer.alloc(headerBytes + code.length);
  for (const [at, number] of [source.size, source.changedMs, compiledBytes].entries()) bytes.writeDoubleLE(number, digestBytes + 8 * at);
  bytes.set(code, headerBytes);
  digestOf(bytes).copy(bytes);
  return bytes;
}

/** The part that bytes of a file hold; `undefined` where they are damaged: V8 would run what it is given. */
export function decodePart(bytes: Buffer): Part | undefined {
  if (bytes.length < headerBytes || digestOf(bytes).compare(bytes, 0, digestBytes) !== 0) return undefined;
  const number = (at: number): number => bytes.readDoubleLE(digestBytes + 8 * at);
  return { source: { size: number(0), changedMs: number(1) }, compiledBytes: number(2), code: bytes.subarray(headerBytes) };
}

function digestOf(bytes: Buffer): Buffer {
  return digest(bytes.subarray(digestBytes));
}
