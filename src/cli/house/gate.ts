import { type Judge, allOf } from "../../core/authority/gate.ts";
import type { Authority } from "../../core/authority/people.ts";
import { createRightsJudge } from "../../core/authority/people/rights-judge.ts";
import type { LoadedCluster } from "../../core/house.ts";
import type { Clock, Store } from "../../core/ports.ts";

/** What judges judge by: the store, the clock and the files as they are now; never the nodes. */
export interface GateDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly folder: string;
  /** Who decides, read anew when the file has changed. */
  authority(): Promise<Authority>;
  /** The cluster's files. */
  load(): Promise<LoadedCluster>;
}

/** Everything that may stand in the way of a run, in the order in which it is told. */
export function createGate(deps: GateDeps): Judge {
  return allOf([createRightsJudge(deps)]);
}
