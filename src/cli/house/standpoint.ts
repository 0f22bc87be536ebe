import type { Plan } from "../../core/model/plan.ts";
import type { Store } from "../../core/ports.ts";
import { renamed } from "../../core/plan/renames.ts";
import { limitOf } from "../../core/plan/limit.ts";
import { type AppliedRecord, takeable } from "../../core/run/applied.ts";
import type { Standpoint } from "../../core/run/drift.ts";
import { makeDraft } from "../../core/run/draft.ts";
import { earlierOutputs } from "../../core/run/earlier-outputs.ts";
import { readKeptFacts } from "../../core/run/kept-facts.ts";
import { createWorkshop } from "../../core/run/workshop.ts";
import type { LoadedCluster } from "../../core/house.ts";
import { systemClock } from "./clock.ts";
import { readKept } from "./files.ts";
import { openSecrets, type SecretOpening, versionsOf } from "./secrets.ts";

/** What a standpoint is taken from. */
export interface StandpointOptions {
  readonly store: Store;
  readonly file: string;
  readonly user: string;
  readonly vault: SecretOpening["vault"];
  readonly read: SecretOpening["read"];
}

/**
 * Everything as it was when a plan was made: its files, facts and versions of secrets, all from the store.
 * @throws `PLAN_OUTDATED` when the files are not kept any more, and problems of opening secrets.
 */
export async function takeStandpoint(
  plan: Plan,
  { store, file, user, vault, read }: StandpointOptions,
  standing: { readonly applied: readonly AppliedRecord[]; readonly remains: readonly AppliedRecord[] },
): Promise<Standpoint & { readonly kept: LoadedCluster }> {
  const kept = await readKept(store, plan.revision, file, { user });
  const draft = makeDraft({
    cluster: kept.cluster,
    barclamps: kept.barclamps,
    deployments: plan.body.deployments,
    facts: await readKeptFacts(store, plan.facts),
    ...limitOf(plan.body),
  });
  const { lookup, masked, named } = await openSecrets(kept.cluster, { store, vault, read, sealedOnly: true, pinned: versionsOf(plan) });
  const { renames = [] } = plan.body;
  const [applied, remains] = [renamed(standing.applied, renames), renamed(standing.remains, renames)];
  const workshop = createWorkshop({
    clock: systemClock,
    plan,
    draft,
    secrets: lookup,
    masked,
    named,
    applied: new Map(takeable(applied, remains).map((each) => [each.id, each])),
    earlier: earlierOutputs(applied),
  });
  return { plan, workshop, draft, kept };
}
