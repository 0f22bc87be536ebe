import type { JournalEvent } from "../journal/events.ts";
import type { lockEvents } from "../journal/lock-events.ts";
import { listed } from "./count.ts";
import { utcWords } from "./time.ts";

type LockEvent = Extract<JournalEvent, { type: keyof typeof lockEvents }>;

/** One plain sentence for an event about locks, freezes or break-glass. */
export function lockEventWords(event: LockEvent): string {
  switch (event.type) {
    case "lock.taken":
      return `${event.holder} locks ${covered(event.deployment)}: ${event.reason}${event.until === undefined ? "" : `, until ${utcWords(event.until)}`}`;
    case "lock.released":
      return event.forced === undefined
        ? `${event.by} unlocks ${covered(event.deployment)}`
        : `${event.by} takes the lock of ${covered(event.deployment)} from ${event.forced.from}: ${event.forced.reason}`;
    case "freeze.set":
      return `${event.by} freezes ${event.deployments.length === 0 ? "the cluster" : listed(event.deployments)} from ${utcWords(event.from)} until ${utcWords(event.until)} (${event.freeze}): ${event.reason}`;
    case "freeze.lifted":
      return `${event.by} lifts the freeze ${event.freeze}${event.until === undefined ? "" : ` until ${utcWords(event.until)}`}`;
    case "breakglass.passed":
      return `${event.run} passes by break-glass: ${event.passed.join("; ")}`;
    case "breakglass.reviewed":
      return `${event.by} closes the review of break-glass in ${event.run}: ${event.note}`;
    default:
      return event satisfies never;
  }
}

function covered(deployment: string | undefined): string {
  return deployment === undefined ? "the cluster" : `deployment ${deployment}`;
}
