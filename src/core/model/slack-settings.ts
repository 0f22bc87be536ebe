/** What `slack.yaml` says about a cluster in Slack, checked. Without the file: no restriction on channels, nothing else set. */
export interface SlackSettings {
  /** Channels where this cluster may be named; `undefined` = every channel that the bot is in. */
  readonly channels: ReadonlySet<string> | undefined;
  /** Where plans and runs that were asked for outside Slack are posted. */
  readonly announce: string | undefined;
  /** Where failures are posted beside the run's own channel. */
  readonly failures: string | undefined;
  /** Who is mentioned when a run fails: ids of people.yaml, or Slack user ids (`U…`, `W…`). */
  readonly onCall: readonly string[];
  /** Approving and applying from Slack asks for the cluster's name to be typed. */
  readonly protected: boolean;
  /** Slack user groups by the group of people.yaml that they feed. */
  readonly groups: ReadonlyMap<string, string>;
  /** Where a break-glass is posted loudly. */
  readonly auditChannel: string | undefined;
}

/** A cluster folder without `slack.yaml`. */
export const noSlackSettings: SlackSettings = {
  channels: undefined,
  announce: undefined,
  failures: undefined,
  onCall: [],
  protected: false,
  groups: new Map(),
  auditChannel: undefined,
};
