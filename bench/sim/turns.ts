/** What comes on a channel whose receiver stays, one bundle after another: the header's line and as many bytes behind it as it says. Ends with the input. */
export async function* turnsOf(channel: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of channel) {
    held = held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, chunk]);
    for (;;) {
      const line = held.indexOf(10) + 1;
      if (line === 0) break;
      const [word, , scope, , size] = held.subarray(0, line).toString("latin1").trimEnd().split(" ");
      // Lines before a header are dropped, as a receiver does.
      const length = line + (word === "HALLIGAN/1" ? Number(size) : 0);
      if (held.length < length) break;
      // A simulated node has no helper, and no receiver speaks of having one.
      if (word === "HALLIGAN/1" && scope !== "helper") yield held.subarray(0, length);
      held = held.subarray(length);
    }
  }
}
