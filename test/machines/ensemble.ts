import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

async function serves(address: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host: address, port: 2181 }, () => socket.write("srvr\n"));
    let told = "";
    socket.setTimeout(2_000, () => socket.destroy());
    socket.on("data", (data: Buffer) => (told += data.toString()));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(/^Mode: (leader|follower)/mu.test(told)));
  });
}

/** Asks the members of a ZooKeeper ensemble again and again, until `stop`, which tells how many served in the worst moment. */
export function watchEnsemble(addresses: readonly string[]): { stop(): Promise<number> } {
  let running = true;
  const worst = (async () => {
    let least = addresses.length;
    while (running) {
      const now = await Promise.all(addresses.map(serves));
      least = Math.min(least, now.filter(Boolean).length);
      await sleep(100);
    }
    return least;
  })();
  return {
    stop: async () => {
      running = false;
      return await worst;
    },
  };
}
