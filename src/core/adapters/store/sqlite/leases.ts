import type { DatabaseSync } from "node:sqlite";
import type { EpochMs, Lease } from "../../../ports.ts";

/** The leases' table. All methods are synchronous; `acquire` and `release` must run inside a write transaction. */
export interface Leases {
  /** The newest token ever given for this lease; 0 = none. */
  token(name: string): number;
  acquire(name: string, owner: string, ttlMs: number, now: EpochMs): Lease | undefined;
  holder(name: string, now: EpochMs): Lease | undefined;
  release(lease: Lease): void;
}

interface Row {
  readonly owner: string | undefined;
  readonly token: number;
  readonly ttl: number;
  readonly expires: EpochMs;
}

/**
 * Prepares the statements of the leases. Expiry is the wall-clock time stored with the lease, compared with the wall clock of whoever asks;
 * all processes share one machine, so they share that clock. Its limits:
 * - set forward, it ends leases early: another engine may take over while the first still runs, and fencing tokens keep the first from writing;
 * - set back, it would keep a dead holder's lease for as long as the jump. A lease that seems to last longer than its whole term shows such a jump:
 *   the first one who asks for it cuts it to one term from now, and the holder's next renewal mends it.
 */
export function leasesOf(db: DatabaseSync): Leases {
  const one = db.prepare("SELECT owner, token, ttl, expires FROM leases WHERE name = ?");
  const upsert = db.prepare(
    `INSERT INTO leases (name, owner, token, ttl, expires) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, token = excluded.token, ttl = excluded.ttl, expires = excluded.expires`,
  );

  const find = (name: string): Row | undefined => {
    const row = one.get(name);
    if (row === undefined) return undefined;
    const owner = row["owner"];
    return {
      owner: typeof owner === "string" ? owner : undefined,
      token: Number(row["token"]),
      ttl: Number(row["ttl"]),
      expires: Number(row["expires"]),
    };
  };

  return {
    token: (name) => find(name)?.token ?? 0,
    acquire(name, owner, ttlMs, now) {
      const row = find(name);
      if (row?.owner !== undefined && row.owner !== owner && row.expires > now) {
        if (row.expires - now > row.ttl) upsert.run(name, row.owner, row.token, row.ttl, now + row.ttl);
        return undefined;
      }
      // The same owner keeps its token even after its term, as long as nobody else came in between.
      const token = row?.owner === owner ? row.token : (row?.token ?? 0) + 1;
      upsert.run(name, owner, token, ttlMs, now + ttlMs);
      return { lease: name, owner, token, expiresAt: now + ttlMs };
    },
    holder(name, now) {
      const row = find(name);
      if (row?.owner === undefined || row.expires <= now) return undefined;
      return { lease: name, owner: row.owner, token: row.token, expiresAt: row.expires };
    },
    release(lease) {
      const row = find(lease.lease);
      if (row?.owner === lease.owner && row.token === lease.token) upsert.run(lease.lease, null, row.token, row.ttl, 0);
    },
  };
}
