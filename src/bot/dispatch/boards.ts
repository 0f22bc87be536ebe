import type { ThreadSubject } from "../grammar/thread.ts";
import type { SlackCaller } from "../inbound/inbound.ts";
import type { ServedCluster } from "../ports.ts";
import type { Place, Posted } from "../send/sender.ts";

/** What commands ask of the messages of plans and runs, which are kept up to date by themselves and of which there is one each. */
export interface Boards {
  /**
   * Shows a plan for review where it was asked for. `instead`: the message (`Planning…`) that becomes the review. Where the plan is shown
   * already, that message is brought up to date.
   */
  showPlan(cluster: ServedCluster, plan: string, to: Place, by: SlackCaller, instead?: Posted): Promise<void>;
  /** Shows a run where it was asked for, and follows it to its end. */
  showRun(cluster: ServedCluster, run: string, to: Place, by: SlackCaller): Promise<void>;
  /** What the thread of a message, or the message itself, is about; `undefined` = nothing of ours. */
  subject(at: Posted): Promise<ThreadSubject | undefined>;
}
