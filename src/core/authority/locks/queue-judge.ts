import { problem } from "../../errors.ts";
import type { Digest } from "../../model/ids.ts";
import type { Clock, Store } from "../../ports.ts";
import { readRun } from "../../run/annealer.ts";
import { outdated, overtaken } from "./staleness.ts";
import { utcWords } from "../../words/time.ts";
import type { Holdup, Judge } from "../gate.ts";

/** What judging by the queue needs. */
export interface QueueDeps {
  readonly store: Store;
  readonly clock: Clock;
  /** Digest of the cluster's files as they are now, read anew when they may have changed, or are not as expected. */
  revision(expected: Digest): Promise<Digest>;
}

/**
 * Judges whether a run's time has come, when it is about to start: not before the time that it was scheduled for, and not at all when its plan
 * became old while it waited. A run that has begun is not judged again. Problems: `RUN_SCHEDULED`, `PLAN_OUTDATED`, `PLAN_STALE`.
 */
export function createQueueJudge({ store, clock, revision }: QueueDeps): Judge {
  return async ({ phase, plan, run }) => {
    if (phase !== "start" || run === undefined) return [];
    const events = await readRun(store, run);
    const [intent] = events;
    if (intent?.type !== "intent.run" || events.some((event) => event.type === "run.started")) return [];
    const old = outdated(plan, await revision(plan.revision), run) ?? (await overtaken(store, plan, run));
    if (old !== undefined) return [{ kind: "queue", problem: old, final: true }];
    const { notBefore } = intent;
    if (notBefore === undefined || notBefore <= clock.now()) return [];
    const waits: Holdup = {
      kind: "queue",
      problem: problem("RUN_SCHEDULED", { message: `${run} may not start before ${utcWords(notBefore)}.` }),
      until: notBefore,
      final: false,
    };
    return [waits];
  };
}
