import type { Recorded } from "../../core/journal/events.ts";
import type { NodeRoleId } from "../../core/model/ids.ts";
import type { PlanBody, PlannedNodeRole } from "../../core/model/plan.ts";
import { isSettled } from "../../core/run/state.ts";
import { batchSizes } from "../../core/run/schedule.ts";

/** A batch of one role that has come to its end. */
export interface BatchDone {
  /** Position of the event that ended it. */
  readonly seq: number;
  readonly role: string;
  readonly deployment: string;
  /** From 1. */
  readonly batch: number;
  readonly of: number;
  readonly nodes: readonly string[];
  readonly done: number;
  /** Members that failed or whose outcome is unknown; the others were not started. */
  readonly failed: number;
  readonly changed: number;
}

interface Batch {
  readonly role: string;
  readonly deployment: string;
  readonly batch: number;
  readonly of: number;
  readonly members: readonly PlannedNodeRole[];
  readonly left: Set<NodeRoleId>;
  done: number;
  failed: number;
  changed: number;
}

/** Tells when batches end; fed with the events of one run, from the first on. */
export function batchTracker(body: PlanBody): (event: Recorded) => BatchDone | undefined {
  const batchOf = new Map<NodeRoleId, Batch>();
  for (const all of groups(body)) {
    const acting = all.filter((each) => each.action !== "skip" && each.blocked === undefined);
    const { first, later } = batchSizes(all);
    const of = acting.length <= first ? 1 : 1 + Math.ceil((acting.length - first) / later);
    for (let at = 0, batch = 1; at < acting.length; batch += 1) {
      const members = acting.slice(at, at + (batch === 1 ? first : later));
      at += members.length;
      const [{ role, deployment } = { role: "", deployment: "" }] = members;
      const made: Batch = {
        role,
        deployment,
        batch,
        of,
        members,
        left: new Set(members.map(({ id }) => id)),
        done: 0,
        failed: 0,
        changed: 0,
      };
      for (const { id } of members) batchOf.set(id, made);
    }
  }
  return (event) => {
    if (event.type !== "noderole.moved") return undefined;
    const id = event.id as NodeRoleId;
    const batch = batchOf.get(id);
    if (batch === undefined || !isSettled(event.state) || !batch.left.delete(id)) return undefined;
    if (event.state === "active" || event.state === "retired") batch.done += 1;
    if (event.state === "error" || event.state === "unknown") batch.failed += 1;
    if ((event.changed ?? 0) > 0 || event.state === "retired") batch.changed += 1;
    if (batch.left.size > 0) return undefined;
    const { role, deployment, members, done, failed, changed } = batch;
    // What was never started is told with the failure that stopped it.
    if (done + failed === 0) return undefined;
    return {
      seq: event.seq,
      role,
      deployment,
      batch: batch.batch,
      of: batch.of,
      nodes: members.map(({ node }) => node),
      done,
      failed,
      changed,
    };
  };
}

function groups(body: PlanBody): Iterable<readonly PlannedNodeRole[]> {
  const all = new Map<string, PlannedNodeRole[]>();
  for (const each of body.nodeRoles) {
    const key = `${each.deployment}\n${each.role}\n${each.action === "remove"}`;
    const group = all.get(key);
    if (group === undefined) all.set(key, [each]);
    else group.push(each);
  }
  return all.values();
}
