import { z } from "zod";
import type { Lock } from "../../authority/locks/lock-state.ts";
import { defineCommand } from "../command.ts";

/** One lock in `--json`. Times are ms since the epoch. */
export interface LockRow {
  readonly lock: string;
  /** `null` = the whole cluster. */
  readonly deployment: string | null;
  readonly holder: string;
  readonly reason: string;
  readonly since: number;
  /** `null` = until it is released. */
  readonly until: number | null;
}

/** `locks --json`. */
export interface LocksDocument {
  readonly halligan: 1;
  readonly kind: "locks";
  readonly locks: readonly LockRow[];
  readonly at: number;
}

/** A lock as documents show it. */
export function lockRow({ lock, deployment, holder, reason, since, until }: Lock): LockRow {
  return { lock, deployment: deployment ?? null, holder, reason, since, until: until ?? null };
}

/** Lists locks. */
export const locksCommand = defineCommand({
  id: "locks",
  area: "authority",
  summary: "List locks: who holds what, why, until when",
  args: () => z.object({}),
  positionals: [],
  risk: "read",
  needs: "read",
  follows: false,
  chat: { takes: "cluster" },
  examples: [{ line: "halligan locks", does: "all locks that hold now" }],
  async run(context) {
    const [{ readLocks }, { locksHeld }] = await Promise.all([
      import("../../authority/locks/lock-desk.ts"),
      import("../../authority/locks/lock-state.ts"),
    ]);
    const house = await context.house();
    const at = house.clock.now();
    const document: LocksDocument = { halligan: 1, kind: "locks", locks: locksHeld(await readLocks(house.store), at).map(lockRow), at };
    return { exit: 0, document: { ...document } };
  },
});
