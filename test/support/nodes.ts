import { systemClock } from "../../src/cli/house/clock.ts";
import { createConnector, createSshTransport } from "../../src/core/adapters/ssh/connector.ts";
import { createOpensshTransport } from "../../src/core/adapters/ssh/openssh-transport.ts";
import { createSsh2Transport } from "../../src/core/adapters/ssh/ssh2-transport.ts";
import type { Connection, SshTarget } from "../../src/core/ports.ts";
import type { NodeLink } from "../../src/core/run/remote/node-link.ts";

/** Links to test nodes over one kept connection each; `drop` cuts a node's connection as a network would. */
export interface TestLinks {
  link(node: string, signal?: AbortSignal): Promise<NodeLink>;
  drop(node: string): Promise<void>;
  end(): Promise<void>;
}

/** Makes links to nodes that are logged into as the user who carries out steps. */
export function testLinks(targets: readonly SshTarget[]): TestLinks {
  const deps = { clock: systemClock, random: Math.random };
  const transport = createSshTransport({ ssh2: createSsh2Transport(deps), openssh: createOpensshTransport(deps) });
  const connector = createConnector({ transport, maxHandshakes: 8 });
  const open = new Map<string, Connection>();
  return {
    async link(node, signal) {
      const target = targets.find((each) => each.node === node);
      if (target === undefined) throw new Error(`no test node ${node}`);
      const connection = await connector.connection(target, signal);
      open.set(node, connection);
      return { node, connection, become: { kind: "none" } };
    },
    async drop(node) {
      await open.get(node)?.close();
    },
    end: () => connector.end(),
  };
}
