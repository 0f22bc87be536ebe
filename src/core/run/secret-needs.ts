import { fail } from "../errors.ts";
import type { Plan } from "../model/plan.ts";
import type { Store } from "../ports.ts";
import { readApplied } from "./applied.ts";
import { listRuns, readPlan } from "./requests.ts";

/**
 * Says which versions of secrets must stay readable: those that applied node-roles were made with, and those of plans whose runs have not ended.
 * Where an applied node-role does not tell (it was applied by an earlier version of Halligan), all stay.
 */
export async function neededSecrets(store: Store): Promise<(name: string, version: number) => boolean> {
  const needed = new Set<string>();
  for (const { secrets } of await readApplied(store)) {
    if (secrets === undefined) return () => true;
    for (const { name, version } of secrets) needed.add(`${name}@${version}`);
  }
  for (const entry of await listRuns(store)) {
    if (entry.phase !== "requested") continue;
    const { body } = await readPlan(store, entry.plan);
    for (const { name, version } of body.nodeRoles.flatMap((each) => each.secrets)) needed.add(`${name}@${version}`);
  }
  return (name, version) => needed.has(`${name}@${version}`);
}

/**
 * Refuses a plan that would bring an older version of a secret back.
 * @throws `PLAN_OUTDATED`.
 */
export async function refuseOldSecrets(store: Store, plan: Plan): Promise<void> {
  const used = new Map(plan.body.nodeRoles.flatMap((each) => each.secrets.map(({ name, version }) => [name, version] as const)));
  for (const [name, version] of used) {
    const now = (await store.get<{ readonly version: number }>("secrets", name))?.value.version;
    if (now !== undefined && now !== version)
      throw fail("PLAN_OUTDATED", {
        message: `Plan ${plan.id} was made before the secret ${name} was changed (version ${version} -> ${now}).`,
      });
  }
}
