import type { Alert } from "../alerts/alert.ts";

/** One sentence for people. */
export function alertSentence(alert: Alert): string {
  const { run = "a run", approval = "a request", by = "somebody", cluster } = alert;
  switch (alert.alert) {
    case "run-failed": {
      const { failed = 0, unknown = 0, blocked = 0 } = alert.nodeRoles ?? {};
      return `${run} on ${cluster} failed: ${failed} node-roles failed, ${unknown} unknown, ${blocked} blocked. It was asked for by ${by}.`;
    }
    case "run-held":
      return `${run} on ${cluster} is held back: ${(alert.codes ?? []).join(", ")}. It was asked for by ${by}.`;
    case "approval-waiting":
      return `${approval} on ${cluster} waits for approval. It was asked for by ${by}.`;
    case "engine-gone":
      return `${run} on ${cluster} is open and no engine carries it out. It was asked for by ${by}.`;
    case "slack-unreachable":
      return `Slack cannot be reached by any process that serves ${cluster}. Runs go on.`;
    default:
      return alert.alert satisfies never;
  }
}

/** The command with which to look first. */
export function alertCommand({ alert, run, approval }: Alert): string {
  switch (alert) {
    case "run-failed":
      return `halligan logs ${run ?? ""}`.trim();
    case "run-held":
      return "halligan queue";
    case "approval-waiting":
      return `halligan approvals ${approval ?? ""}`.trim();
    case "engine-gone":
      return "halligan status";
    case "slack-unreachable":
      return "halligan doctor";
    default:
      return alert satisfies never;
  }
}
