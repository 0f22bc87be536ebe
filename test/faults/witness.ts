import { setTimeout as sleep } from "node:timers/promises";
import { HalliganError } from "../../src/core/errors.ts";
import type { Store } from "../../src/core/ports.ts";

const stream = "witness";

/** Somebody else who writes to the store while it suffers, and remembers what it said it had kept. */
export interface Witness {
  /** Appends that were acknowledged so far. */
  readonly acknowledged: number;
  /** Ends it and says which promise the store broke. */
  verdict(): Promise<readonly string[]>;
}

/** Appends numbered events, one after another, each again under the same command id until it is acknowledged. */
export function startWitness(store: Store, everyMs = 20): Witness {
  const positions: number[] = [];
  let ending = false;
  let refusals = 0;
  const writing = (async () => {
    while (!ending) {
      const number = positions.length + 1;
      try {
        const { position } = await store.append(stream, [{ type: "witness.saw", data: { number } }], { commandId: `w-${number}` });
        positions.push(position);
      } catch (error) {
        if (!(error instanceof HalliganError)) throw error;
        refusals += 1;
      }
      await sleep(everyMs);
    }
  })();
  return {
    get acknowledged() {
      return positions.length;
    },
    async verdict() {
      ending = true;
      await writing;
      const kept = await store.read({ stream, limit: 1_000_000 });
      const broken: string[] = [];
      positions.forEach((position, index) => {
        const event = kept[index];
        if (event === undefined) broken.push(`the acknowledged event ${index + 1} of the witness is lost`);
        else if (event.position !== position || JSON.stringify(event.data) !== JSON.stringify({ number: index + 1 }))
          broken.push(`event ${index + 1} of the witness is ${JSON.stringify(event)}, acknowledged at ${position}`);
      });
      // Its last append may have been refused and kept all the same; nothing may have been kept twice.
      if (kept.length > positions.length + 1)
        broken.push(`${kept.length} events of the witness for ${positions.length} acknowledged, ${refusals} refused`);
      return broken.slice(0, 5);
    },
  };
}
