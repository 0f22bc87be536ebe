import { fail } from "../errors.ts";
import type { NodeRoleId } from "../model/ids.ts";
import type { Plan } from "../model/plan.ts";
import type { Store } from "../ports.ts";
import { readStanding } from "./applied.ts";
import { listRuns, newestPlan, readPlan } from "./requests.ts";

/**
 * Says which older versions of secrets must stay readable. One may go when a newer version has been applied to every node-role that uses the secret
 * by the newest plan, nothing that was applied refers to it, and no open run does. (A run that failed may have left it on a node: then no record tells,
 * and it must still be taken out of diffs.) Where an applied node-role does not tell its secrets, all stay.
 */
export async function neededSecrets(store: Store): Promise<(name: string, version: number) => boolean> {
  const applied = new Map((await readStanding(store)).map((each) => [each.id, each.secrets]));
  if ([...applied.values()].includes(undefined)) return () => true;
  const running = await openPlans(store);
  const newest = await newestPlan(store);
  return (name, version) => {
    const versionOn = (id: NodeRoleId): number => applied.get(id)?.find((each) => each.name === name)?.version ?? 0;
    const standing = [...applied.keys()].map(versionOn).filter((each) => each > 0);
    const users = (newest?.body.nodeRoles ?? []).filter((each) => each.secrets.some((secret) => secret.name === name));
    const replaced = standing.length > 0 && [...standing, ...users.map(({ id }) => versionOn(id))].every((each) => each > version);
    const open = running.some(({ body }) =>
      body.nodeRoles.some(({ secrets }) => secrets.some((each) => each.name === name && each.version === version)),
    );
    return !replaced || open;
  };
}

async function openPlans(store: Store): Promise<readonly Plan[]> {
  const open = (await listRuns(store)).filter((each) => each.phase === "requested");
  return await Promise.all(open.map((each) => readPlan(store, each.plan)));
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
