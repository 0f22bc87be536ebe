import { setTimeout as sleep } from "node:timers/promises";
import { labDown, labUp } from "../../src/core/adapters/lab/lab.ts";
import type { Connection } from "../../src/core/ports.ts";
import { startSandbox, type TestLab } from "../support/lab.ts";
import { textFrom } from "../support/node-text.ts";
import { type TestLinks, testLinks } from "../support/nodes.ts";
import { openProxy, type Proxy, type Weather } from "./proxy.ts";

/** Nodes that the trials of one file share, each behind a link that can be spoiled; the test itself looks at them past it. */
export interface Stage {
  readonly lab: TestLab;
  /** The links, in the order of the nodes. */
  readonly proxies: readonly Proxy[];
  /** The weather of all links. */
  weather(weather: Weather): void;
  /** What a shell text prints on a node. */
  on(node: string, text: string): Promise<string>;
  /** Ends every process of every node at once, and starts the nodes again on the disks they had, after a while (ms). */
  powerCut(offMs: number): Promise<void>;
  /** Forgets what trials left on the nodes. */
  clean(): Promise<void>;
  dispose(): Promise<void>;
}

/** Brings up sandbox nodes and their links, which lead to the lab's own SSH servers, or to another port. */
export async function openStage(nodes: number, sshPort?: number): Promise<Stage> {
  const lab = await startSandbox(nodes);
  const links: TestLinks = testLinks(lab.targets);
  const proxies = await Promise.all(lab.targets.map(({ address, port }) => openProxy(address, sshPort ?? port)));
  const on = async (node: string, text: string): Promise<string> => {
    const { connection }: { readonly connection: Connection } = await links.link(node);
    return await textFrom(connection, text);
  };
  return {
    lab,
    proxies,
    weather: (weather) => proxies.forEach((proxy) => proxy.set(weather)),
    on,
    async powerCut(offMs) {
      const { folder } = lab;
      await labDown({ folder });
      await sleep(offMs);
      await labUp({ folder, nodes, driver: "sandbox", clusterName: "test-lab" });
    },
    async clean() {
      proxies.forEach((proxy) => proxy.set({}));
      await Promise.all(lab.targets.map(({ node }) => on(node, "rm -rf /var/lib/halligan /run/halligan /root/counts-* /root/state-*")));
    },
    async dispose() {
      await links.end();
      await Promise.all(proxies.map((proxy) => proxy.close()));
      await lab.dispose();
    },
  };
}
