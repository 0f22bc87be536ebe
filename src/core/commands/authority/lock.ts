import { z } from "zod";
import { fail } from "../../errors.ts";
import { defineCommand } from "../command.ts";
import { type LockRow, lockRow } from "./locks.ts";

/** `lock --json`. */
export interface LockedDocument {
  readonly halligan: 1;
  readonly kind: "locked";
  readonly locks: readonly LockRow[];
  readonly at: number;
}

/** Locks deployments or the cluster. */
export const lockCommand = defineCommand({
  id: "lock",
  area: "authority",
  summary: "Keep others from changing a deployment or the cluster",
  details: [
    "While you hold a lock, only your runs start there; runs of others wait, and a run of somebody else that goes on starts nothing more until the lock is gone. A lock of the cluster covers every deployment.",
    "Locking what you have locked already renews it, with the new reason and end. docs/locks.md has the rules.",
  ].join("\n\n"),
  args: () =>
    z.object({
      deployments: z.array(z.string()).default([]).describe("Deployments to lock; default: the whole cluster"),
      cluster: z.boolean().default(false).describe("The whole cluster; the same as naming no deployment"),
      reason: z.string().trim().min(1).max(500).describe("Why, for those who wait: an incident, a migration"),
      for: z.string().optional().describe("How long, such as 2h; default: until it is unlocked"),
    }),
  positionals: ["deployments"],
  risk: "change",
  needs: "operate",
  scope: "deployments",
  follows: false,
  chat: { takes: "cluster" },
  examples: [
    { line: 'halligan lock web --reason "INC-311" --for 2h', does: "nobody else's run starts anything in web for two hours" },
    { line: 'halligan lock --reason "moving racks"', does: "locks the whole cluster until `halligan unlock`" },
  ],
  async run(context, { deployments, cluster, reason, for: duration }) {
    if (cluster && deployments.length > 0) throw fail("USAGE", { message: "Name deployments or give --cluster, not both." });
    const [{ takeLocks }, { knownDeployments, requireFor, typedDuration }] = await Promise.all([
      import("../../authority/locks/lock-desk.ts"),
      import("./coverage.ts"),
    ]);
    const house = await context.house();
    const forMs = duration === undefined ? undefined : typedDuration("--for", duration);
    await knownDeployments(house, deployments);
    await requireFor(context, "operate", deployments);
    const at = house.clock.now();
    const wish = { deployments, holder: context.by, reason, ...(forMs === undefined ? {} : { until: at + forMs }) };
    const document: LockedDocument = { halligan: 1, kind: "locked", locks: (await takeLocks(house, wish)).map(lockRow), at };
    return { exit: 0, document: { ...document } };
  },
});
