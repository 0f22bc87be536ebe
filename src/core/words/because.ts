import type { Because } from "../model/plan.ts";
import { listed } from "./count.ts";

/** Why a node-role is changed, as a clause. */
export function becauseWords(because: Because): string {
  switch (because.kind) {
    case "new-node":
      return "the node is new: nothing was applied there";
    case "new-role":
      return "the role is new on this node";
    case "members":
      return `the list of its peers changed: ${both(because)}`;
    case "providers":
      return `what it uses changed: ${both(because)}`;
    case "barclamp":
      return `barclamp ${because.barclamp} changed`;
    case "secrets":
      return `${listed(because.names, 3)} ${because.names.length === 1 ? "was" : "were"} changed`;
    case "files":
      return "its settings, inputs or facts changed";
    case "drift":
      return "the node is not as it was applied";
    case "unfinished":
      return `it failed in ${because.run}, and was not found working since`;
    case "restart":
      return "a restart was put off and waits";
    case "late":
      return `it takes a value from ${listed(because.from, 3)}, which may change`;
    case "unplaced":
      return "no placement asks for it any more";
    case "reset":
      return "it is to be taken away, though the files place it";
    default:
      return because satisfies never;
  }
}

function both({ added, removed }: { readonly added: readonly string[]; readonly removed: readonly string[] }): string {
  return [
    ...(added.length === 0 ? [] : [`${listed(added, 5)} ${added.length === 1 ? "was" : "were"} added`]),
    ...(removed.length === 0 ? [] : [`${listed(removed, 5)} ${removed.length === 1 ? "is" : "are"} gone`]),
  ].join(", ");
}
