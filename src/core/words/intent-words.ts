import type { JournalEvent } from "../journal/events.ts";
import { listed } from "./count.ts";

type IntentEvent = Extract<JournalEvent, { type: `revision.${string}` | `proposal.${string}` }>;

/** One plain sentence for an event about revisions and proposals. */
export function intentWords(event: IntentEvent): string {
  switch (event.type) {
    case "revision.made":
      return `${event.revision} ${originWords(event)}`;
    case "proposal.made":
      return `${event.by} proposes ${event.proposal}: ${changeWords(event.paths)}${event.note === undefined ? "" : ` (${event.note})`}`;
    case "proposal.changed":
      return event.why === "rebased"
        ? `${event.by} put ${event.proposal} on the present cluster file`
        : `${event.by} changed ${event.proposal}: ${changeWords(event.paths)}`;
    case "proposal.committed":
      return `${event.by} committed ${event.proposal} as ${event.revision}${event.git === undefined ? "" : `, git commit ${event.git.slice(0, 12)}`}`;
    case "proposal.dropped":
      return `${event.by} dropped ${event.proposal}`;
    default:
      return event satisfies never;
  }
}

function originWords({ origin, by }: Extract<IntentEvent, { type: "revision.made" }>): string {
  switch (origin.kind) {
    case "first":
      return `is the first revision that was seen, by ${by}`;
    case "edit":
      return `came about by an edit of the cluster file, seen by ${by}`;
    case "barclamps":
      return `came about by other barclamps, seen by ${by}`;
    case "proposal":
      return `came about by ${origin.proposal}, by ${by}`;
    default:
      return origin satisfies never;
  }
}

/** What is changed, in words, without values. */
function changeWords(paths: readonly string[]): string {
  return paths.length === 0 ? "only comments and layout" : listed(paths, 4);
}
