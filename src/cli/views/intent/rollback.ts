import type { RollbackDocument } from "../../../core/commands/intent/rollback-run.ts";
import type { Screen } from "../../screen.ts";
import { planView } from "../plan.ts";
import { proposalView } from "./proposals.ts";

/** How a deployment goes back: the proposal, the plan, and what to do next. */
export function rollbackView(document: RollbackDocument, screen: Screen): readonly string[] {
  const { deployment, revision, run, proposal, plan } = document;
  return [
    screen.bold(`Deployment ${deployment} back to ${revision}, as ${run} applied it`),
    "",
    // What to do next is said behind the plan.
    ...(proposal === undefined ? [] : [...proposalView(proposal, screen).filter((line) => !line.startsWith("Next: ")), ""]),
    ...planView(plan, screen),
    ...wayLines(document, screen),
  ];
}

function wayLines({ way, differs, deployment, revision }: RollbackDocument, screen: Screen): readonly string[] {
  switch (way) {
    case "files":
      return ["", "The cluster file says so already."];
    case "proposal":
      return [];
    case "revision":
      return [
        "",
        screen.yellow(`The files still say something else of ${deployment}, and the next plan from them brings it about again:`),
        ...differs.slice(0, 20).map((each) => `  ${each}`),
        ...(differs.length > 20 ? [`  and ${differs.length - 20} more`] : []),
        `To make them agree: change what is named above back (${screen.bold(`halligan revisions diff ${revision}`)} shows how it was), barclamps included.`,
      ];
    default:
      return way satisfies never;
  }
}
