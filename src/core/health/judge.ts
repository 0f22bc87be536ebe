import type { ClusterLook } from "./standing.ts";
import { type SlackStanding, slackIsUp } from "./metrics.ts";

/** What `/health` answers. */
export interface HealthDocument {
  readonly halligan: 1;
  readonly kind: "health";
  readonly healthy: boolean;
  /** What is wrong, for machines and people; no secrets. */
  readonly reasons: readonly { readonly cluster?: string; readonly code: string; readonly message: string }[];
}

/**
 * Whether a serving process does what it is there for: stores answer, runs that could go on have an engine. Slack is told and is no reason
 * to call it ill: everything goes on without it, and a restart would not bring it back.
 */
export function healthOf(clusters: readonly ClusterLook[], slack: SlackStanding, lookedAtLate: boolean): HealthDocument {
  const ill = clusters.flatMap((look) => reasonsOf(look));
  if (lookedAtLate) ill.push({ code: "LOOK_LATE", message: "The last look at the clusters has not ended for a minute." });
  const told =
    slack === undefined || slackIsUp(slack)
      ? []
      : [{ code: "SLACK_UNREACHABLE", message: "Slack cannot be reached; everything else goes on." }];
  return { halligan: 1, kind: "health", healthy: ill.length === 0, reasons: [...ill, ...told] };
}

/** A new engine needs a moment; who waits longer for one has none, ms. */
const engineWithinMs = 30_000;

function reasonsOf(look: ClusterLook): HealthDocument["reasons"][number][] {
  const { cluster } = look;
  if ("problem" in look) return [{ cluster, code: look.problem.code, message: look.problem.message }];
  const { orphan, at } = look;
  if (orphan === undefined || at - orphan.since < engineWithinMs) return [];
  return [{ cluster, code: "ENGINE_GONE", message: `${orphan.run} is open and no engine carries it out.` }];
}
