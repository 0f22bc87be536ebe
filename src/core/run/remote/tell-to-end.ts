import { HalliganError } from "../../errors.ts";
import type { Clock } from "../../ports.ts";
import { askNode, type NodeLink } from "./node-link.ts";
import { cancelCommand, nodeExit } from "./node-shell.ts";

/** A job that shall be told to end may not be on its node yet, or the node may be out of reach, ms. */
const tellAgainMs = 500;

/** What telling a job to end needs. */
export interface Telling {
  link(signal: AbortSignal): Promise<NodeLink>;
  readonly clock: Clock;
  /** False once nobody has to be told any more. */
  goesOn(): boolean;
}

/** Tells a job on its node to end, after its step or now, and tries again until the node has heard it, the job is over, or the signal aborts. Rejects for defects only. */
export async function tellToEnd(job: string, now: boolean, { link, clock, goesOn }: Telling, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && goesOn()) {
    try {
      const { exit } = await askNode(await link(signal), cancelCommand(job, now));
      if (exit.kind !== "lost" && !(exit.kind === "exited" && exit.code === nodeExit.absent)) return;
    } catch (error) {
      if (!(error instanceof HalliganError) && !signal.aborted) throw error;
    }
    await clock.sleep(tellAgainMs, signal).catch(() => undefined);
  }
}
