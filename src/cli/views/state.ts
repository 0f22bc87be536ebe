import type { StateCopyDocument } from "../../core/commands/state.ts";
import { count } from "../../core/words/count.ts";
import type { Screen } from "../screen.ts";

/** What was copied, and what it can be compared by. */
export function stateCopyView({ from, to, events, documents, logs, digest }: StateCopyDocument, screen: Screen): readonly string[] {
  return [
    `${screen.green("copied")} ${from}`,
    `    to ${to}`,
    `${count(events, "event")}, ${count(documents, "document")}, ${count(logs, "log")}.`,
    screen.dim(digest),
  ];
}
