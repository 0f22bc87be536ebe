import type { JournalEvent, RunEvent } from "../journal/events.ts";

/** One plain sentence for an event about people, approvals, locks, policy or the audit. */
export function authorityWords(event: Exclude<JournalEvent, RunEvent>): string {
  return event satisfies never;
}
