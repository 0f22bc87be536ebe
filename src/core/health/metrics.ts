import { nodeRoleStates } from "../journal/events.ts";
import type { ClusterLook, ClusterStanding } from "./standing.ts";
import type { MetricFamily, Sample } from "./open-metrics.ts";
import { buildFamily, gauge, processFamilies, type ProcessVitals } from "./process-metrics.ts";

/** How the bot's way to Slack stands; `undefined` = this process does not answer in Slack. */
export type SlackStanding = { readonly ready: number; readonly wanted: number; readonly identified: boolean } | undefined;

/** What a process that serves knows of itself. */
export interface ProcessStanding extends ProcessVitals {
  readonly slack: SlackStanding;
  /** How far the journal was told in Slack, by cluster: events behind its end. */
  readonly slackLag: ReadonlyMap<string, number>;
}

/** The metrics of a process: labels are names of clusters, states and outcomes, nothing of which there can be thousands. */
export function metricsOf(clusters: readonly ClusterLook[], own: ProcessStanding): readonly MetricFamily[] {
  const there = clusters.filter((each): each is ClusterStanding => "head" in each);
  const each = (value: (standing: ClusterStanding) => number): readonly Sample[] =>
    there.map((standing) => ({ labels: { cluster: standing.cluster }, value: value(standing) }));
  return [
    buildFamily(own),
    gauge(
      "store_up",
      "1 = the store of the cluster answers.",
      clusters.map((look) => ({ labels: { cluster: look.cluster }, value: "head" in look ? 1 : 0 })),
    ),
    gauge(
      "store_round_trip_seconds",
      "How long the store took to answer.",
      each(({ roundTripMs }) => roundTripMs / 1000),
      "seconds",
    ),
    gauge(
      "journal_position",
      "Position of the newest event.",
      each(({ head }) => head),
    ),
    gauge(
      "runs_ended",
      "Runs of the cluster by how they ended.",
      there.flatMap(({ cluster, ended }) => Object.entries(ended).map(([outcome, value]) => ({ labels: { cluster, outcome }, value }))),
    ),
    gauge("runs_open", "Runs that have not ended, by what they do.", there.flatMap(openRunSamples)),
    gauge("node_roles", "Node-roles of open runs by state; active ones are those that stand on the nodes.", there.flatMap(nodeRoleSamples)),
    gauge(
      "approvals_open",
      "Approval requests that have not ended.",
      each(({ approvals }) => approvals.length),
    ),
    gauge(
      "engine_up",
      "1 = an engine holds the lease of the cluster.",
      each(({ engine }) => (engine === undefined ? 0 : 1)),
    ),
    gauge(
      "engine_silence_seconds",
      "How long ago the engine renewed its lease.",
      there.flatMap(({ cluster, engine }) => (engine === undefined ? [] : [{ labels: { cluster }, value: engine.silentMs / 1000 }])),
      "seconds",
    ),
    ...slackFamilies(own),
    ...processFamilies(own),
  ];
}

function slackFamilies({ slack, slackLag }: ProcessStanding): readonly MetricFamily[] {
  if (slack === undefined) return [];
  const lag = [...slackLag].map(([cluster, value]) => ({ labels: { cluster }, value }));
  return [
    gauge("slack_up", "1 = Slack can be reached.", [{ value: slackIsUp(slack) ? 1 : 0 }]),
    gauge("slack_connections_ready", "Connections to Slack that are ready.", [{ value: slack.ready }]),
    gauge("slack_connections_wanted", "Connections to Slack that there should be.", [{ value: slack.wanted }]),
    gauge("slack_lag_events", "Events of the journal that were not yet looked at for Slack.", lag),
  ];
}

/** Slack has told who the bot is, and something is open to it. */
export function slackIsUp(slack: NonNullable<SlackStanding>): boolean {
  return slack.identified && slack.ready > 0;
}

function openRunSamples({ cluster, open }: ClusterStanding): readonly Sample[] {
  const doing = (state: ClusterStanding["open"][number]): string =>
    state.phase === "requested" ? "waiting" : state.held !== undefined ? "held" : state.paused ? "paused" : "running";
  const found = open.map(doing);
  return ["waiting", "running", "held", "paused"].map((state) => ({
    labels: { cluster, state },
    value: found.filter((one) => one === state).length,
  }));
}

function nodeRoleSamples({ cluster, open, standing }: ClusterStanding): readonly Sample[] {
  const counts = new Map<string, number>(nodeRoleStates.map((state) => [state, 0]));
  for (const { nodeRoles } of open) for (const { state } of nodeRoles.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
  counts.set("active", standing);
  return [...counts].map(([state, value]) => ({ labels: { cluster, state }, value }));
}
