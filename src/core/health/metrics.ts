import { nodeRoleStates } from "../journal/events.ts";
import type { EpochMs } from "../ports.ts";
import type { ClusterLook, ClusterStanding } from "./standing.ts";
import type { MetricFamily, Sample } from "./open-metrics.ts";

/** How the bot's way to Slack stands; `undefined` = this process does not answer in Slack. */
export type SlackStanding = { readonly ready: number; readonly wanted: number; readonly identified: boolean } | undefined;

/** What a process that serves knows of itself. */
export interface ProcessStanding {
  readonly startedAt: EpochMs;
  readonly slack: SlackStanding;
  /** Delay of the event loop since the last look, seconds. */
  readonly loopDelay: { readonly mean: number; readonly max: number };
  readonly residentBytes: number;
  /** How far the journal was told in Slack, by cluster: events behind its end. */
  readonly slackLag: ReadonlyMap<string, number>;
  readonly version: string;
}

const prefix = "halligan_";

/** The metrics of a process: labels are names of clusters, states and outcomes, nothing of which there can be thousands. */
export function metricsOf(clusters: readonly ClusterLook[], own: ProcessStanding): readonly MetricFamily[] {
  const there = clusters.filter((each): each is ClusterStanding => "head" in each);
  const gauge = (name: string, help: string, samples: readonly Sample[], unit?: "seconds" | "bytes"): MetricFamily => ({
    name: prefix + name,
    type: "gauge",
    help,
    samples,
    ...(unit === undefined ? {} : { unit }),
  });
  const each = (value: (standing: ClusterStanding) => number): readonly Sample[] =>
    there.map((standing) => ({ labels: { cluster: standing.cluster }, value: value(standing) }));
  return [
    gauge("build_info", "Version of this process.", [{ labels: { version: own.version }, value: 1 }]),
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
    ...slackFamilies(own, gauge),
    gauge(
      "event_loop_delay_mean_seconds",
      "Mean delay of this process's event loop since the last look.",
      [{ value: own.loopDelay.mean }],
      "seconds",
    ),
    gauge(
      "event_loop_delay_max_seconds",
      "Largest delay of this process's event loop since the last look.",
      [{ value: own.loopDelay.max }],
      "seconds",
    ),
    gauge("process_resident_memory_bytes", "Memory of this process.", [{ value: own.residentBytes }], "bytes"),
    gauge("process_start_time_seconds", "When this process was started, since 1970.", [{ value: own.startedAt / 1000 }], "seconds"),
  ];
}

function slackFamilies(
  { slack, slackLag }: ProcessStanding,
  gauge: (name: string, help: string, samples: readonly Sample[]) => MetricFamily,
): readonly MetricFamily[] {
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
