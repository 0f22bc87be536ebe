import { hasCode } from "../core/errors.ts";
import type { Lease } from "../core/ports.ts";
import { leaseTtlMs, renewEveryMs } from "../core/run/engine.ts";
import type { BotPorts, ServedCluster } from "./ports.ts";

/** Keeps the messages of one cluster up to date until the signal. */
export type Publish = (cluster: ServedCluster, signal: AbortSignal) => Promise<void>;

/** What publishing needs. */
export interface PublishingOptions {
  readonly cluster: ServedCluster;
  readonly ports: Pick<BotPorts, "clock" | "instance" | "log">;
  readonly publish: Publish;
  readonly signal: AbortSignal;
}

/** Publishes for a cluster while this instance holds the lease for that; another one takes over when it lapses. */
export async function keepPublishing(options: PublishingOptions): Promise<void> {
  const { cluster, ports, signal } = options;
  const { clock, instance, log } = ports;
  const name = `slack-publisher:${cluster.name}`;
  let told = "";
  while (!signal.aborted) {
    try {
      const lease = await cluster.house.store.acquire(name, instance, leaseTtlMs);
      if (lease !== undefined) await publishWhileHeld(options, lease);
      told = "";
    } catch (error) {
      const line = error instanceof Error ? error.message : String(error);
      if (line !== told) log(`${cluster.name}: its messages are not kept up to date: ${line}`);
      told = line;
    }
    await clock.sleep(renewEveryMs, signal).catch(() => undefined);
  }
}

async function publishWhileHeld({ cluster, ports, publish, signal }: PublishingOptions, lease: Lease): Promise<void> {
  const { clock, instance } = ports;
  const lost = new AbortController();
  const both = AbortSignal.any([signal, lost.signal]);
  const renew = async (): Promise<void> => {
    while (!both.aborted) {
      await clock.sleep(renewEveryMs, both).catch(() => undefined);
      if (both.aborted) return;
      try {
        if ((await cluster.house.store.acquire(lease.lease, instance, leaseTtlMs))?.token !== lease.token) lost.abort();
      } catch (error) {
        if (!hasCode(error, "STORE_UNAVAILABLE", "STORE_FULL")) throw error;
      }
    }
  };
  const renewing = renew().catch(() => lost.abort());
  try {
    await publish(cluster, both);
  } finally {
    lost.abort();
    await renewing;
    await cluster.house.store.release(lease).catch(() => undefined); // one that lapsed needs no release
  }
}
