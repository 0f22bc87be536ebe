import { type HalliganError, fail } from "../../core/errors.ts";
import { cleanLine, cutPlain } from "../text/clean.ts";

/** What an unsuccessful call of Slack means. */
export type SlackFault =
  /** Nothing of this method is taken before that. */
  | { readonly kind: "limited"; readonly retryAfterMs: number }
  /** The message or its channel is gone, or may not be changed any more: only a new message helps. */
  | { readonly kind: "gone"; readonly code: string }
  /** Slack said no, and will say so again. */
  | { readonly kind: "refused"; readonly code: string }
  /** Nobody knows whether it was done. */
  | { readonly kind: "unknown"; readonly reason: string };

/** Errors of chat.update after which the message that stands can never be changed: https://docs.slack.dev/reference/methods/chat.update */
const gone = new Set([
  "message_not_found",
  "cant_update_message",
  "is_archived",
  "channel_not_found",
  "edit_window_closed",
  "is_inactive",
  "not_in_channel",
]);

/** Errors of Slack itself: they come and go, and the call may have been carried out all the same. */
const passing = new Set([
  "internal_error",
  "fatal_error",
  "service_unavailable",
  "request_timeout",
  "team_added_to_org",
  "msg_queue_failed",
]);

/** Sorts what a client of Slack threw. Errors that are not Slack's are thrown on. */
export function slackFault(error: unknown): SlackFault {
  if (!(error instanceof Error)) throw fail("BUG", { message: `Slack's client threw ${typeof error}.` });
  const code = "code" in error ? error.code : undefined;
  if (code === "slack_webapi_rate_limited_error") {
    const seconds = "retryAfter" in error ? Number(error.retryAfter) : Number.NaN;
    return { kind: "limited", retryAfterMs: (Number.isFinite(seconds) ? Math.max(1, seconds) : 30) * 1000 };
  }
  if (code === "slack_webapi_platform_error") {
    const said = platformCode(error);
    if (said === "ratelimited" || said === "rate_limited") return { kind: "limited", retryAfterMs: 30_000 };
    if (passing.has(said)) return { kind: "unknown", reason: said };
    return gone.has(said) ? { kind: "gone", code: said } : { kind: "refused", code: said };
  }
  if (code === "slack_webapi_http_error") {
    const status = "statusCode" in error ? Number(error.statusCode) : 0;
    return status >= 400 && status < 500 && status !== 408
      ? { kind: "refused", code: `http_${status}` }
      : { kind: "unknown", reason: `HTTP ${status}` };
  }
  if (code === "slack_webapi_request_error") {
    return { kind: "unknown", reason: cutPlain(cleanLine(error.message), 200) };
  }
  throw error;
}

function platformCode(error: object): string {
  const data = "data" in error ? error.data : undefined;
  return typeof data === "object" && data !== null && "error" in data && typeof data.error === "string" ? data.error : "unknown_error";
}

/** The problem that tells of a fault. `what`: what was tried, `post a message in C1`. */
export function faultProblem(fault: SlackFault, what: string): HalliganError {
  switch (fault.kind) {
    case "refused":
    case "gone":
      return fail("SLACK_REFUSED", {
        message: `Slack refused to ${what}: ${fault.code}.`,
        ...(hints[fault.code] === undefined ? {} : { hint: hints[fault.code] }),
      });
    case "limited":
      return fail("SLACK_UNREACHABLE", { message: `Slack takes no more calls at present, so it was not possible to ${what}.` });
    case "unknown":
      return fail("SLACK_UNREACHABLE", { message: `Slack could not be reached to ${what}.`, cause: fault.reason });
    default:
      return fault satisfies never;
  }
}

const hints: Readonly<Record<string, string>> = {
  not_in_channel: "Invite the bot to the channel with `/invite @halligan`.",
  channel_not_found: "Invite the bot to the channel with `/invite @halligan`, and look whether the channel's id in slack.yaml is right.",
  missing_scope: "Make the app anew from `halligan slack manifest` and install it again.",
  invalid_auth: "Look whether SLACK_BOT_TOKEN is the token of this workspace's installation.",
};
