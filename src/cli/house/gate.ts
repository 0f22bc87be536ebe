import { type Judge, allOf } from "../../core/authority/gate.ts";
import { createApprovalJudge } from "../../core/authority/approvals/judge.ts";
import type { Authority } from "../../core/authority/people.ts";
import { withBreakglass } from "../../core/authority/locks/breakglass.ts";
import { createFreezeJudge } from "../../core/authority/locks/freeze-judge.ts";
import { createLockJudge } from "../../core/authority/locks/lock-judge.ts";
import { createQueueJudge } from "../../core/authority/locks/queue-judge.ts";
import { createRightsJudge } from "../../core/authority/people/rights-judge.ts";
import type { LoadedCluster } from "../../core/house.ts";
import type { Clock, Store } from "../../core/ports.ts";
import type { FreshFiles } from "./fresh-files.ts";

/** What judges judge by: the store, the clock and the files as they are now; never the nodes. */
export interface GateDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly folder: string;
  /** Who decides, read anew when the file has changed. */
  authority(): Promise<Authority>;
  /** The cluster's files. */
  load(): Promise<LoadedCluster>;
  /** The files as they are now. */
  readonly files: FreshFiles;
  /** Judges by rules. */
  readonly policy: Judge;
}

/** Everything that may stand in the way of a run, in the order in which it is told. */
export function createGate(deps: GateDeps): Judge {
  const { store, clock, files } = deps;
  const judge = allOf([
    createRightsJudge(deps),
    createApprovalJudge({ store, clock, authority: deps.authority, policies: () => files.approvals() }),
    createLockJudge({ store, clock }),
    createFreezeJudge({ store, clock, windows: () => files.windows() }),
    createQueueJudge({ store, clock, revision: (expected) => files.revision(expected) }),
    deps.policy,
  ]);
  return withBreakglass(judge, store);
}
