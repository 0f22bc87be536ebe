import type { Recorded } from "../../journal/events.ts";
import { fromStored, toStored } from "../../journal/events.ts";
import type { EpochMs, Store } from "../../ports.ts";
import type { Finding } from "./world.ts";

/** Stream of everything about the policy of a store. */
const policyStream = "policy";

/** What a waiver is about: a rule everywhere, on one node, or in one deployment. */
export interface WaiverScope {
  readonly rule: string;
  readonly node?: string;
  readonly deployment?: string;
}

/** Somebody answers for a rule that does not hold, for a while. */
export interface Waiver extends WaiverScope {
  readonly reason: string;
  readonly by: string;
  readonly at: EpochMs;
  readonly until: EpochMs;
}

/** Waivers by what they are about; a later one replaces an earlier one. Pure fold over the stream `policy`. */
function foldWaivers(events: readonly Recorded[]): readonly Waiver[] {
  const waivers = new Map<string, Waiver>();
  for (const event of events) {
    if (event.type === "policy.waived") {
      const { rule, node, deployment, reason, by, until, at } = event;
      const scope = { rule, ...(node === undefined ? {} : { node }), ...(deployment === undefined ? {} : { deployment }) };
      waivers.set(scopeKey(scope), { ...scope, reason, by, at, until });
    } else if (event.type === "policy.waiver-ended") waivers.delete(scopeKey(event));
  }
  return [...waivers.values()];
}

function scopeKey({
  rule,
  node,
  deployment,
}: {
  readonly rule: string;
  readonly node?: string | undefined;
  readonly deployment?: string | undefined;
}): string {
  return [rule, node ?? "", deployment ?? ""].join("\n");
}

/** All waivers of a store, expired ones included. */
export async function readWaivers(store: Store): Promise<readonly Waiver[]> {
  const events: Recorded[] = [];
  for (let after = 0; ; ) {
    const page = await store.read({ stream: policyStream, after, limit: 1000 });
    for (const stored of page) {
      const event = fromStored(stored);
      if (event !== undefined) events.push(event);
      after = stored.version;
    }
    if (page.length < 1000) return foldWaivers(events);
  }
}

/** Those that count at a moment. */
export function inForce(waivers: readonly Waiver[], now: EpochMs): readonly Waiver[] {
  return waivers.filter((each) => each.until > now);
}

/** Records a waiver. */
export async function grantWaiver(store: Store, waiver: Omit<Waiver, "at">): Promise<void> {
  await store.append(policyStream, [toStored({ type: "policy.waived", v: 1, ...waiver })]);
}

/** Ends a waiver before its time. */
export async function endWaiver(store: Store, scope: WaiverScope, by: string): Promise<void> {
  await store.append(policyStream, [toStored({ type: "policy.waiver-ended", v: 1, ...scope, by })]);
}

/** True when a waiver covers all that a finding is about. */
export function covers(waiver: WaiverScope, rule: string, { nodes, deployments }: Pick<Finding, "nodes" | "deployments">): boolean {
  if (waiver.rule !== rule) return false;
  if (waiver.node !== undefined) return nodes.length > 0 && nodes.every((node) => node === waiver.node);
  if (waiver.deployment !== undefined) return deployments.length > 0 && deployments.every((each) => each === waiver.deployment);
  return true;
}
