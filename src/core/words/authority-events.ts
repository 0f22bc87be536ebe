import { approvalWords } from "./approval-events.ts";
import { listed } from "./count.ts";
import { intentWords } from "./intent-words.ts";
import type { JournalEvent, RunEvent } from "../journal/events.ts";
import { lockEventWords } from "./lock-words.ts";
import { utcWords } from "./time.ts";

/** One plain sentence for an event about people, notes, approvals, locks, policy, intent or the audit. */
export function authorityWords(event: Exclude<JournalEvent, RunEvent>): string {
  switch (event.type) {
    case "audit.recorded":
      return `${event.by} (${event.principal}): ${event.action}${event.resource === undefined ? "" : ` ${event.resource}`} ${event.decision}${event.code === undefined ? "" : ` (${event.code})`}`;
    case "audit.checkpoint":
      return `audit signed up to entry ${event.n}`;
    case "link.offered":
      return `${event.by} made a code with which ${event.principal ?? "somebody"} can become ${event.person}`;
    case "link.made":
      return `${event.principal} is ${event.person} from now on`;
    case "link.removed":
      return `${event.by} took ${event.principal} away from ${event.person}`;
    case "lock.taken":
    case "lock.released":
    case "freeze.set":
    case "freeze.lifted":
    case "breakglass.passed":
    case "breakglass.reviewed":
      return lockEventWords(event);
    case "policy.waived":
      return `${event.by} waived rule ${event.rule}${event.node === undefined ? "" : ` on ${event.node}`}${event.deployment === undefined ? "" : ` in ${event.deployment}`} until ${utcWords(event.until)}: ${event.reason}`;
    case "policy.waiver-ended":
      return `${event.by} ended the waiver of rule ${event.rule}${event.node === undefined ? "" : ` on ${event.node}`}${event.deployment === undefined ? "" : ` in ${event.deployment}`}`;
    case "approval.requested":
    case "approval.given":
    case "approval.rejected":
    case "approval.withdrawn":
    case "approval.retained":
    case "approval.voided":
    case "approval.closed":
    case "approval.expired":
    case "approval.consumed":
      return approvalWords(event);
    case "note.added":
      return `${event.by} notes about ${event.node === undefined ? (event.run ?? listed(event.failures ?? [], 3)) : `${event.node}${event.role === undefined ? "" : `/${event.role}`}`} (${event.note}): ${event.text}`;
    case "drift.looked":
      return `${event.by} looked for drift: ${event.drifted === 0 ? "none" : `${event.drifted} drifted`} of ${event.checked}${event.unchecked === 0 ? "" : `, ${event.unchecked} not looked at`}${event.ids.length === 0 ? "" : `: ${listed(event.ids, 5)}`}`;
    case "noderole.forgotten":
      return `${event.by} had ${listed(event.ids)} forgotten: ${event.reason}`;
    case "note.removed":
      return `${event.by} takes ${event.note} away`;
    case "revision.made":
    case "proposal.made":
    case "proposal.changed":
    case "proposal.committed":
    case "proposal.dropped":
      return intentWords(event);
    default:
      return event satisfies never;
  }
}
