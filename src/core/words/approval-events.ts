import type { JournalEvent } from "../journal/events.ts";
import { listed } from "./count.ts";

/** One plain sentence for an event of an approval request. */
export function approvalWords(event: Extract<JournalEvent, { type: `approval.${string}` }>): string {
  const { request } = event;
  switch (event.type) {
    case "approval.requested":
      return `${request} asks for approval of ${event.plan} by ${event.author}, for ${listed(event.deployments)}`;
    case "approval.given":
      return `${event.person} approves ${request}${event.signature === undefined ? "" : ", signed"}`;
    case "approval.rejected":
      return `${event.person} rejects ${request}: ${event.reason}`;
    case "approval.withdrawn":
      return event.what === "request"
        ? `${event.person} withdraws ${request}`
        : `${event.person} takes back their ${event.what} on ${request}`;
    case "approval.retained":
      return `${request} stays open: ${event.plan} by ${event.by} is the same plan`;
    case "approval.voided":
      return `${request} is void: ${event.plan} by ${event.by} is another plan (${listed(event.changed, 3)})`;
    case "approval.closed":
      return `${request} is closed: by ${event.plan} there is nothing left to do`;
    case "approval.expired":
      return `${request} expired`;
    case "approval.consumed":
      return `${request} is used by ${event.run} of ${event.by}`;
    default:
      return event satisfies never;
  }
}
