import type { Barclamp } from "../model/barclamp.ts";
import { compareNatural } from "../model/natural-order.ts";
import type { PlanBody, PlannedNodeRole } from "../model/plan.ts";

/** Something that a plan interrupts: a service that is started anew or stopped, or the machine itself. */
export interface Restart {
  /** `service nginx`, `reboot`. */
  readonly what: string;
  /** Sorted as people count. */
  readonly nodes: readonly string[];
}

/** What a plan restarts: services whose own step changes, those that a changed step notifies, and reboots. Most nodes first. */
export function restartsOf(body: PlanBody, barclamps: ReadonlyMap<string, Barclamp>): readonly Restart[] {
  const nodes = new Map<string, Set<string>>();
  for (const each of body.nodeRoles) {
    if (each.action === "skip" || each.blocked !== undefined) continue;
    for (const what of restartedBy(each, barclamps)) {
      const known = nodes.get(what);
      if (known === undefined) nodes.set(what, new Set([each.node]));
      else known.add(each.node);
    }
  }
  const all = [...nodes].map(([what, on]) => ({ what, nodes: [...on].toSorted(compareNatural) }));
  return all.toSorted((a, b) => b.nodes.length - a.nodes.length || (a.what < b.what ? -1 : 1));
}

function restartedBy({ steps, barclamp, role }: PlannedNodeRole, barclamps: ReadonlyMap<string, Barclamp>): ReadonlySet<string> {
  const changing = steps.filter((step) => step.change !== "none");
  const own = changing.filter((step) => step.kind === "service" || step.kind === "reboot").map((step) => step.label);
  const sources = barclamps.get(barclamp)?.roles[role]?.steps ?? [];
  const notified = sources
    .filter(({ id, common }) => common.notify.length > 0 && changing.some((step) => step.id === id || step.id.startsWith(`${id}:`)))
    .flatMap(({ common }) => common.notify);
  const named = notified.map((name) => steps.find((step) => step.id === `service:${name}` || step.id === name)?.label ?? `service ${name}`);
  return new Set([...own, ...named]);
}
