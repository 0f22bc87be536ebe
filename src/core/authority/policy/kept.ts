import type { Digest } from "../../model/ids.ts";
import { digestOf } from "../../plan/canonical.ts";
import type { Json, Store } from "../../ports.ts";
import { putLargeOnce, putOnce } from "../../run/put-once.ts";
import type { PolicySource } from "./load-policy.ts";
import type { PolicyState } from "./world.ts";

/** Documents that decide, by digest. */
const documents = "authority";
/** What plans leave behind, by digest. */
const states = "policy-states";
/** By plan: under which policy it was made, and what it leaves behind. */
const plans = "policy-plans";

/** Policy files as texts. */
export interface KeptSources {
  readonly shipped: readonly PolicySource[];
  readonly own: readonly PolicySource[];
}

type PlanEntry = { readonly policy: Digest; readonly state: Digest };

/** Keeps the policy files under their digest. */
export async function keepPolicy(store: Store, digest: Digest, { shipped, own }: KeptSources): Promise<void> {
  await putOnce(store, documents, `policy:${digest}`, {
    shipped: shipped.map((each) => ({ ...each })),
    own: own.map((each) => ({ ...each })),
  });
}

/** Notes what a plan leaves behind, and under which policy it was made. */
export async function keepState(store: Store, plan: string, policy: Digest, state: PolicyState): Promise<void> {
  const digest = digestOf(state);
  await putLargeOnce(store, states, digest, () => state as unknown as Json);
  await putOnce(store, plans, plan, { policy, state: digest });
}

/** What a plan leaves behind; `undefined` for plans of versions that did not note it. */
export async function readStateOf(store: Store, plan: string): Promise<PolicyState | undefined> {
  const entry = await store.get<PlanEntry>(plans, plan);
  if (entry === undefined) return undefined;
  return (await store.get<Json>(states, entry.value.state))?.value as unknown as PolicyState | undefined;
}

/** The policy under which a plan was made. */
export async function readKeptPolicy(
  store: Store,
  plan: string,
): Promise<{ readonly digest: Digest; readonly sources: KeptSources } | undefined> {
  const entry = await store.get<PlanEntry>(plans, plan);
  if (entry === undefined) return undefined;
  const kept = await store.get<Json>(documents, `policy:${entry.value.policy}`);
  return kept === undefined ? undefined : { digest: entry.value.policy, sources: kept.value as unknown as KeptSources };
}
