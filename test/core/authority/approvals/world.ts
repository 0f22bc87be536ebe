import { systemClock } from "../../../../src/cli/house/clock.ts";
import { openStore } from "../../../../src/core/adapters/store/open.ts";
import type { ApprovalDeps } from "../../../../src/core/authority/approvals/read.ts";
import { keepPeople } from "../../../../src/core/authority/people/kept.ts";
import type { Authority } from "../../../../src/core/authority/people.ts";
import { loadPeople } from "../../../../src/core/files/load-people.ts";
import { type ApprovalPolicy, type ApprovalRule, defaultApprovalRule } from "../../../../src/core/model/approvals.ts";
import type { Plan, PlanBody } from "../../../../src/core/model/plan.ts";
import { planDigest } from "../../../../src/core/plan/canonical.ts";
import type { Clock, Json, Store } from "../../../../src/core/ports.ts";
import { nextNumber } from "../../../../src/core/run/numbers.ts";
import { plansCollection } from "../../../../src/core/run/requests.ts";
import { planBody, plannedNodeRole } from "../../run/plans.ts";

/** Alice and bob operate, bob, carol and dora approve, carol and dora lead, erin only looks. */
export const peopleText = `halligan: 1
people:
  alice: { local: [alice] }
  bob: { local: [bob] }
  carol: { local: [carol] }
  dora: { local: [dora] }
  erin: { local: [erin] }
groups: { leads: [carol, dora] }
roles:
  operator: [alice, bob]
  approver: [alice, bob, leads]
  observer: [everyone]
`;

/** People, blocks and a store, all of which a test may change. */
export interface World {
  people: string | undefined;
  policies: Map<string, ApprovalPolicy>;
  readonly store: Store;
  readonly deps: ApprovalDeps;
}

/** A rule with some of its parts otherwise. */
export function rule(parts: Partial<ApprovalRule> = {}): ApprovalRule {
  return { ...defaultApprovalRule, ...parts };
}

/** Opens a world on a store file; several may be open on one file. */
export async function openWorld(file: string, policy: ApprovalPolicy, clock: Clock = systemClock): Promise<World> {
  const store = await openStore(file);
  const world: World = {
    people: peopleText,
    policies: new Map([["all", policy]]),
    store,
    deps: {
      store,
      clock,
      async authority(): Promise<Authority> {
        if (world.people === undefined) return { mode: "single-user" };
        const { people } = loadPeople({ file: "people.yaml", text: world.people });
        if (people === undefined) throw new Error("the test's people.yaml has problems");
        await keepPeople(store, people.digest, world.people);
        return { mode: "people", people };
      },
      policies: async () => world.policies,
    },
  };
  return world;
}

/** Stores a plan as planning does. */
export async function keptPlan(store: Store, body: PlanBody = onePlan("one"), author = "alice"): Promise<Plan> {
  const id = `P-${await nextNumber(store, "plans")}` as const;
  const plan: Plan = { id, digest: planDigest(body), body, author, at: 1, revision: "sha256:01", facts: "sha256:02" };
  await store.put(plansCollection, id, plan as unknown as Json, 0);
  return plan;
}

/** A plan that changes one file. */
export function onePlan(diff: string): PlanBody {
  return planBody(plannedNodeRole("n1", "web", { steps: [{ id: "file:/x", kind: "file", label: "file /x", change: "create", diff }] }));
}

/** Somebody at this machine. */
export function local(person: string): { readonly person: string; readonly principal: string } {
  return { person, principal: `local:${person}` };
}
