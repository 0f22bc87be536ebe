/** A script in pieces, to be sent one after the other. What the scripts of many nodes have in common is one object in all of them, and most of their length. */
export type Script = readonly Uint8Array[];

/** Length of a script, bytes. */
export function sizeOf(script: Script): number {
  return script.reduce((sum, piece) => sum + piece.length, 0);
}

/** A script in one piece. */
export function wholeOf(script: Script): Uint8Array {
  return Buffer.concat(script);
}
