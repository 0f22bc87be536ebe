import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What a watch over an ensemble saw. */
export interface Watched {
  /** How many members were up in the worst moment: their port was open. */
  readonly leastUp: number;
  /** The longest time without a majority that served, in ms: an election stops all members for a moment. */
  readonly longestPauseMs: number;
}

type Seen = "down" | "up" | "serving";

async function look(address: string): Promise<Seen> {
  return await new Promise((resolve) => {
    let isUp = false;
    let told = "";
    const socket = connect({ host: address, port: 2181 }, () => {
      isUp = true;
      socket.write("srvr\n");
    });
    socket.setTimeout(10_000, () => socket.destroy());
    socket.on("data", (data: Buffer) => (told += data.toString()));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(/^Mode: (leader|follower)/mu.test(told) ? "serving" : isUp ? "up" : "down"));
  });
}

/** Asks the members of a ZooKeeper ensemble again and again, until `stop`. */
export function watchEnsemble(addresses: readonly string[]): { stop(): Promise<Watched> } {
  let running = true;
  const watched = (async () => {
    let leastUp = addresses.length;
    let longestPauseMs = 0;
    let served = performance.now();
    while (running) {
      const now = await Promise.all(addresses.map(look));
      leastUp = Math.min(leastUp, now.filter((each) => each !== "down").length);
      if (now.filter((each) => each === "serving").length > addresses.length / 2) served = performance.now();
      longestPauseMs = Math.max(longestPauseMs, performance.now() - served);
      await sleep(100);
    }
    return { leastUp, longestPauseMs: Math.round(longestPauseMs) };
  })();
  return {
    stop: async () => {
      running = false;
      return await watched;
    },
  };
}
