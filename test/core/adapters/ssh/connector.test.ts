import { expect, test } from "vitest";
import { createConnector } from "../../../../src/core/adapters/ssh/connector.ts";
import type { Connection, SshTarget, Transport } from "../../../../src/core/ports.ts";

const target: SshTarget = {
  node: "n1",
  address: "192.0.2.1",
  port: 22,
  user: "root",
  transport: "ssh2",
  keys: [],
  jumps: [],
  hostKeys: "strict",
  knownHosts: { file: "/nowhere", alsoRead: [] },
  connectTimeoutMs: 1_000,
};

/** A transport whose connections close when the test says so. */
function slowToClose() {
  const made: { readonly connection: Connection; readonly finish: () => void; asked: boolean }[] = [];
  const transport: Transport = {
    connect: async () => {
      const gone = Promise.withResolvers<string>();
      const one = {
        asked: false,
        finish: () => gone.resolve("closed"),
        connection: {
          exec: () => Promise.reject(new Error("nobody runs anything here")),
          closed: gone.promise,
          close: async () => {
            one.asked = true;
            await gone.promise;
          },
        },
      };
      made.push(one);
      return one.connection;
    },
  };
  return { made, connector: createConnector({ transport, maxHandshakes: 4 }) };
}

test("a node's connection is kept, and another one is made once it was let go, even while it still closes", async () => {
  const { made, connector } = slowToClose();
  const first = await connector.connection(target);
  expect(await connector.connection(target)).toBe(first);
  connector.letGo(first);
  expect(made[0]?.asked).toBe(true);
  const second = await connector.connection(target);
  expect(second).not.toBe(first);
  made[0]?.finish();
  await first.closed;
  // The end of the one that was let go takes nothing from the one that came after it.
  expect(await connector.connection(target)).toBe(second);
});

test("the end waits for connections that were let go", async () => {
  const { made, connector } = slowToClose();
  connector.letGo(await connector.connection(target));
  let ended = false;
  const ending = connector.end().then(() => (ended = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(ended).toBe(false);
  made[0]?.finish();
  await ending;
  expect(ended).toBe(true);
});
