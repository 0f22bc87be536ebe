import type { Clock, Lease } from "../../../ports.ts";
import type { RedisClient } from "./client.ts";
import { answerOf, texts } from "./replies.ts";
import { acquireScript, holderScript, releaseScript } from "./scripts.ts";

/** Where a lease is kept. */
export function leaseKey(client: RedisClient, lease: string): string {
  return client.key("lease", lease);
}

/** The leases of a store. */
export interface RedisLeases {
  acquire(lease: string, owner: string, ttlMs: number): Promise<Lease | undefined>;
  holder(lease: string): Promise<Lease | undefined>;
  release(lease: Lease): Promise<void>;
}

/** Leases over one connection. Their ends are judged by the server's clock, which all processes share; `clock` replaces it. */
export function leasesOn(client: RedisClient, clock: Pick<Clock, "now"> | undefined): RedisLeases {
  const now = (): string | number => clock?.now() ?? "";
  const tokens = new Map<string, number>(); // the highest that this process has had, by lease
  return {
    async acquire(lease, owner, ttlMs) {
      const keys = [leaseKey(client, lease), client.key("leases")];
      const { word, value } = answerOf(await client.change(acquireScript, keys, [owner, ttlMs, now(), lease, tokens.get(lease) ?? 0]));
      if (word !== "done") return undefined;
      const [token = 0, expiresAt = 0] = value.split(" ").map(Number);
      tokens.set(lease, token);
      return { lease, owner, token, expiresAt };
    },
    async holder(lease) {
      const [owner, token, expires] = texts(await client.run(holderScript, [leaseKey(client, lease)], [now()]));
      return owner === undefined ? undefined : { lease, owner, token: Number(token), expiresAt: Number(expires) };
    },
    async release({ lease, owner, token }) {
      await client.run(releaseScript, [leaseKey(client, lease)], [owner, token]);
    },
  };
}
