import type { NodeRoleId } from "../model/ids.ts";
import { type NodeRoleProgress, isSettled } from "./state.ts";

/** So many nodes are swept at once while the run goes on: enough to share what a sweep costs, few enough to keep nobody waiting. */
const nodesAtOnce = 64;

/** What is swept from nodes, as `Executor.clean` takes it: jobs by node, and nodes from which a role went. Never rejects. */
export type Clean = (byNode: ReadonlyMap<string, readonly string[]>, emptied: ReadonlySet<string>) => Promise<void>;

/** The sweep of one run. */
export interface Sweep {
  /** Told that a node-role has been settled, in the journal too. */
  settled(id: NodeRoleId): void;
  /** Sweeps what is left, at the end of the run. */
  rest(): Promise<void>;
}

/** What a sweep must know of the run. */
export interface SweepRules {
  /** Whose job must stay, or whose node does not answer. */
  spared(id: NodeRoleId, progress: NodeRoleProgress): boolean;
  /**
   * True while everything that was sent to the node surely arrived once, and by this engine. Else something that is still on its way could come after the sweep, find no
   * job folder, and begin once more; it has until the end of the run to arrive, as it always had.
   */
  certain(node: string): boolean;
}

/**
 * Takes the job folders of a run away from its nodes: while it goes on from those for which it has nothing left to do, many at once, so that the end of a large run
 * does not wait for thousands of them; from the others at its end.
 */
export function createSweep(nodeRoles: ReadonlyMap<NodeRoleId, NodeRoleProgress>, rules: SweepRules, clean: Clean): Sweep {
  const ofNode = Map.groupBy(nodeRoles.keys(), (id) => nodeRoles.get(id)?.planned.node ?? "");
  const open = new Map<string, number>();
  for (const { state, planned } of nodeRoles.values()) if (!isSettled(state)) open.set(planned.node, (open.get(planned.node) ?? 0) + 1);
  const under = new Set<Promise<void>>();
  let over: string[] = [];

  const isEmptied = (node: string): boolean => (ofNode.get(node) ?? []).some((id) => nodeRoles.get(id)?.state === "retired");
  const jobsOn = (node: string): readonly string[] =>
    (ofNode.get(node) ?? []).flatMap((id) => {
      const progress = nodeRoles.get(id);
      return progress?.job === undefined || rules.spared(id, progress) ? [] : [progress.job];
    });
  const sweep = (nodes: readonly string[]): void => {
    const byNode = new Map(nodes.map((node) => [node, jobsOn(node)] as const).filter(([, jobs]) => jobs.length > 0));
    const emptied = new Set(nodes.filter(isEmptied));
    for (const node of nodes) ofNode.delete(node);
    if (byNode.size === 0) return;
    const going = clean(byNode, emptied).finally(() => under.delete(going));
    under.add(going);
  };

  return {
    settled(id) {
      const node = nodeRoles.get(id)?.planned.node ?? "";
      const left = (open.get(node) ?? 0) - 1;
      open.set(node, left);
      // Where a role went the token that refuses processes of before may go with it: that is for the end, when nothing of this run is under way any more.
      if (left !== 0 || isEmptied(node) || !rules.certain(node)) return;
      over.push(node);
      if (over.length < nodesAtOnce) return;
      sweep(over);
      over = [];
    },
    async rest() {
      sweep([...ofNode.keys()]);
      await Promise.all(under);
    },
  };
}
