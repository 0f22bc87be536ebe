import type { Snapshots } from "./snapshot.ts";
import type { StoreAbout } from "../../model/store-about.ts";
import type { Logs, Store } from "../../ports.ts";

/** All that is kept of a cluster: the store, and the logs beside it. */
export interface State {
  readonly store: Store;
  readonly logs: Logs;
  /** @throws `STORE_UNAVAILABLE`. */
  about(): Promise<StoreAbout>;
  readonly snapshots: Snapshots;
}
