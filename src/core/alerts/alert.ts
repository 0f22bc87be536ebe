import type { ClusterStanding } from "../health/standing.ts";
import type { AlertKind } from "../model/alerts-file.ts";
import type { EpochMs } from "../ports.ts";
import type { AlertSettings } from "./settings.ts";

/** Something that needs a person. Its id is the same wherever it is found, and as long as it lasts. */
export interface Alert {
  readonly id: string;
  readonly alert: AlertKind;
  readonly cluster: string;
  /** Since when it is so. */
  readonly since: EpochMs;
  readonly run?: string;
  readonly approval?: string;
  /** Who asked for it. */
  readonly by?: string;
  /** Codes of what is in the way. */
  readonly codes?: readonly string[];
  /** Node-roles of a failed run by how they ended. */
  readonly nodeRoles?: Readonly<Record<string, number>>;
}

/** Everything about a cluster that is to be told now, whether it was told before or not. `slackSince`: Slack is unreachable from everywhere since then. */
export function alertsOf(look: ClusterStanding, { after }: AlertSettings, slackSince: EpochMs | undefined): readonly Alert[] {
  const { cluster, at, orphan } = look;
  const found: Alert[] = look.failed.map(({ run, by, endedAt, nodeRoles }) => ({
    id: `run-failed:${run}`,
    alert: "run-failed",
    cluster,
    since: endedAt,
    run,
    by,
    nodeRoles,
  }));
  for (const { run, by, held } of look.open) {
    if (held === undefined || at - held.since < after.held) continue;
    const codes = held.problems.map(({ code }) => code);
    found.push({ id: `run-held:${run}:${held.since}`, alert: "run-held", cluster, since: held.since, run, by, codes });
  }
  for (const { request, by, openedAt } of look.approvals) {
    if (at - openedAt < after.approval) continue;
    found.push({ id: `approval-waiting:${request}`, alert: "approval-waiting", cluster, since: openedAt, approval: request, by });
  }
  if (orphan !== undefined && at - orphan.since >= after.engine) {
    const { run, by, version, since } = orphan;
    found.push({ id: `engine-gone:${run}:${version}`, alert: "engine-gone", cluster, since, run, by });
  }
  if (slackSince !== undefined && at - slackSince >= after.slack)
    found.push({ id: `slack-unreachable:${slackSince}`, alert: "slack-unreachable", cluster, since: slackSince });
  return found;
}
