import type { Purpose } from "../model/plan.ts";
import { listed } from "./count.ts";
import { shellWord } from "./shell-word.ts";

/** What a plan with a purpose of its own is for, as the end of a title: `to do what R-3 left undone`. */
export function purposeWords(purpose: Purpose): string {
  switch (purpose.kind) {
    case "retry":
      return `to do what ${purpose.failedOnly === true ? `failed in ${purpose.run}` : `${purpose.run} left undone`}`;
    case "reset":
      return `to take away ${purpose.deployments.length === 0 ? "what was applied" : listed(purpose.deployments)}${onWords(purpose.on)}`;
    case "rebuild":
      return `to apply everything anew${onWords(purpose.on)}`;
    case "put-back":
      return `to put back what drifted${onWords(purpose.on)}`;
    case "restart":
      return `to do the restarts that were put off${onWords(purpose.on)}`;
    case "preview":
      return "as a preview for which no node was asked";
    case "rollback":
      return `to put deployment ${purpose.deployment} back to ${purpose.revision}`;
    default:
      return purpose satisfies never;
  }
}

/** The command that makes such a plan anew. */
export function purposeCommand(purpose: Purpose): string {
  switch (purpose.kind) {
    case "retry":
      return `halligan retry ${purpose.run}${purpose.failedOnly === true ? " --failed" : ""} --plan-only`;
    case "reset":
      return [
        "halligan reset",
        ...purpose.deployments,
        ...(purpose.on === undefined ? [] : ["--nodes", shellWord(purpose.on)]),
        "--plan-only",
      ].join(" ");
    case "rebuild":
      return `halligan rebuild ${shellWord(purpose.on)}`;
    case "put-back":
      return `halligan drift${purpose.on === undefined ? "" : ` ${shellWord(purpose.on)}`} --put-back --plan-only`;
    case "restart":
      return `halligan restart${purpose.on === undefined ? "" : ` ${shellWord(purpose.on)}`} --plan-only`;
    case "preview":
      return "halligan plan";
    case "rollback":
      return `halligan rollback ${purpose.deployment} --to ${purpose.revision}`;
    default:
      return purpose satisfies never;
  }
}

function onWords(on: string | undefined): string {
  return on === undefined ? "" : ` on ${on}`;
}
