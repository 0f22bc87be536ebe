import { z } from "zod";
import { fail } from "../../errors.ts";
import { defineCommand } from "../command.ts";
import { type LockRow, lockRow } from "./locks.ts";

/** `unlock --json`. */
export interface UnlockedDocument {
  readonly halligan: 1;
  readonly kind: "unlocked";
  /** The locks as they were. */
  readonly locks: readonly LockRow[];
  /** Whom locks were taken from, each once. */
  readonly takenFrom: readonly string[];
  readonly at: number;
}

/** Frees locks. */
export const unlockCommand = defineCommand({
  id: "unlock",
  area: "authority",
  summary: "Release your lock, or take one away",
  details:
    "Runs that waited for the lock go on by themselves. `--force` takes the lock of somebody else away; it is an admin's, and the holder and the reason are on record.",
  args: () =>
    z.object({
      deployments: z.array(z.string()).default([]).describe("Deployments to unlock; default: the lock of the whole cluster"),
      cluster: z.boolean().default(false).describe("The lock of the whole cluster; the same as naming no deployment"),
      force: z.boolean().default(false).describe("Also when somebody else holds it (admins; needs --reason)"),
      reason: z.string().trim().max(500).optional().describe("Why it is taken away"),
    }),
  positionals: ["deployments"],
  risk: "change",
  needs: "operate",
  scope: "deployments",
  follows: false,
  chat: { takes: "cluster" },
  examples: [
    { line: "halligan unlock web", does: "releases your lock of web" },
    { line: 'halligan unlock web --force --reason "Ann is on a plane"', does: "takes the lock away from its holder" },
  ],
  async run(context, { deployments, cluster, force, reason }) {
    if (cluster && deployments.length > 0) throw fail("USAGE", { message: "Name deployments or give --cluster, not both." });
    if (force && (reason ?? "") === "") throw fail("USAGE", { message: "--force needs --reason: the holder will want to know." });
    const [{ releaseLocks }, { requireFor }] = await Promise.all([import("../../authority/locks/lock-desk.ts"), import("./coverage.ts")]);
    const house = await context.house();
    await requireFor(context, force ? "administer" : "operate", deployments);
    const wish = { deployments, by: context.by, ...(force ? { forced: { reason: reason ?? "" } } : {}) };
    const locks = await releaseLocks(house, wish);
    const takenFrom = [...new Set(locks.flatMap(({ holder }) => (holder === context.by ? [] : [holder])))];
    const document: UnlockedDocument = { halligan: 1, kind: "unlocked", locks: locks.map(lockRow), takenFrom, at: house.clock.now() };
    return { exit: 0, document: { ...document } };
  },
});
