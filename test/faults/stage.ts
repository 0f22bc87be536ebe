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
  /** Forgets what trials left on the nodes. */
  clean(): Promise<void>;
  dispose(): Promise<void>;
}

/** Brings up sandbox nodes and their links. */
export async function openStage(nodes: number): Promise<Stage> {
  const lab = await startSandbox(nodes);
  const links: TestLinks = testLinks(lab.targets);
  const proxies = await Promise.all(lab.targets.map(({ address, port }) => openProxy(address, port)));
  const on = async (node: string, text: string): Promise<string> => {
    const { connection }: { readonly connection: Connection } = await links.link(node);
    return await textFrom(connection, text);
  };
  return {
    lab,
    proxies,
    weather: (weather) => proxies.forEach((proxy) => proxy.set(weather)),
    on,
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
