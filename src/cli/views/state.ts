import type { StateCopyDocument } from "../../core/commands/state.ts";
import type { StatePruneDocument } from "../../core/commands/state-prune.ts";
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

/** What went, or would go. */
export function statePruneView({ dryRun, runs, plans, events, logs, room }: StatePruneDocument, screen: Screen): readonly string[] {
  if (runs.length + plans.length === 0) return ["Nothing to remove: everything that is kept is young or needed."];
  const lists = [named("runs", runs), named("plans", plans)].filter((line) => line !== "");
  if (dryRun) return ["Would lose their details:", ...lists, screen.dim("Nothing was removed; the same without --dry-run removes it.")];
  const rooms = {
    "given-back": "The room was given back.",
    kept: "The room is used for what comes; the next `state prune` without an open run gives it back.",
    untouched: "",
  };
  return [`${screen.green("removed")} ${count(events, "event")} and ${count(logs, "log")}`, ...lists, screen.dim(rooms[room])];
}

function named(what: string, ids: readonly string[]): string {
  const shown = ids.length > 6 ? [...ids.slice(0, 3), "...", ...ids.slice(-2)] : ids;
  return ids.length === 0 ? "" : `  ${ids.length} ${what}: ${shown.join(" ")}`;
}
