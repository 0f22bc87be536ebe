import { type Recorded, isRunEvent } from "../../core/journal/events.ts";
import { eventWords } from "../../core/words/events.ts";
import { safeText } from "../../core/words/safe-text.ts";

/**
 * Lines for an event where nothing can be redrawn: one per transition of a node-role and per failed step, each with its time in UTC;
 * nothing for steps that did what they should. The last output of a failed step follows, indented.
 */
export function eventLines(event: Recorded): readonly string[] {
  if (!isTold(event)) return [];
  const time = new Date(event.at).toISOString().slice(0, 19);
  const line = `${time}Z ${safeText(eventWords(event)).replaceAll(/\s*\n\s*/gu, " ")}`;
  if (event.type !== "step.finished" || event.tail === undefined) return [line];
  return [line, ...outputLines(event.tail)];
}

/** The last lines of a step's output, marked as such. */
export function outputLines(tail: string, most = 10): readonly string[] {
  const lines = safeText(tail).trimEnd().split("\n");
  return lines.slice(-most).map((line) => `    | ${line}`);
}

function isTold(event: Recorded): boolean {
  if (!isRunEvent(event)) return event.type.startsWith("approval.");
  switch (event.type) {
    case "step.finished":
      return event.status === "failed" || event.status === "timeout";
    case "noderole.moved":
      return event.state !== "waiting" && event.state !== "todo";
    case "run.started":
    case "run.resumed":
    case "run.held":
    case "run.released":
    case "run.ended":
    case "intent.cancel":
    case "intent.pause":
    case "intent.resume":
    case "run.handed":
    case "node.contact":
      return true;
    case "intent.run":
      return event.breakglass !== undefined || event.notBefore !== undefined;
    case "step.started":
    case "job.ended":
    case "output.known":
    case "node.seen":
    case "plan.made":
      return false;
    default:
      return event satisfies never;
  }
}
