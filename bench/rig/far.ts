import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createConnection, createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { Rig } from "./nodes.ts";

/** Beside the node's own port. */
const farPort = 2223;

/** The nodes of a rig as they are reached from afar: whatever is sent to them or by them comes half of `roundTripMs` later. `close` gives their ports back. */
export async function fromAfar(rig: Rig, folder: string, roundTripMs: number): Promise<{ readonly rig: Rig; close(): void }> {
  const sockets = new Set<Socket>();
  const servers = await Promise.all(
    rig.nodes.map(async ({ address, port }) => {
      const server = createServer({ noDelay: true }, (near) => {
        const far = createConnection({ host: address, port, noDelay: true });
        for (const socket of [near, far]) sockets.add(socket.once("close", () => sockets.delete(socket)));
        late(near, far, roundTripMs / 2);
        late(far, near, roundTripMs / 2);
      });
      server.listen(farPort, address);
      await once(server, "listening");
      return server;
    }),
  );
  const knownHosts = join(folder, "known_hosts.far");
  writeFileSync(knownHosts, readFileSync(rig.knownHosts, "utf8").replaceAll(/^\[(\S+)\]:\d+ /gmu, `[$1]:${farPort} `));
  return {
    rig: { ...rig, knownHosts, nodes: rig.nodes.map((node) => ({ ...node, port: farPort })) },
    close() {
      for (const server of servers) server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Hands on what comes, in order, each piece after the same time. */
function late(from: Socket, to: Socket, delayMs: number): void {
  from.on("data", (bytes) => setTimeout(() => to.write(bytes), delayMs));
  from.once("end", () => setTimeout(() => to.end(), delayMs));
  from.on("error", () => to.destroy());
}
