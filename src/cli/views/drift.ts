import type { DriftDocument, DriftRow } from "../../core/commands/drift.ts";
import { count, listed } from "../../core/words/count.ts";
import { renderProblems } from "../problems.ts";
import type { Screen } from "../screen.ts";
import { noBounds, stepLines } from "./plan-steps.ts";

const bounds = { ...noBounds, steps: 20, diffLines: 40 };

/** What differs now from what was applied, by node-role, and what can be done about it. */
export function driftView(document: DriftDocument, screen: Screen): readonly string[] {
  const { summary, nodeRoles, accept, putBack } = document;
  if (summary.checked === 0) return ["Nothing stands, so nothing can drift."];
  const drifted = nodeRoles.filter((each) => each.state === "drifted");
  const problems = nodeRoles.flatMap((each) => (each.state === "unchecked" ? [each.problem] : []));
  const later = drifted.filter((each) => each.changedSince).map((each) => each.id);
  return [
    ...drifted.flatMap((each) => rowLines(each, screen)),
    ...(problems.length === 0 ? [] : [...renderProblems(problems, screen), ""]),
    headline(document, screen),
    ...(putBack === null ? [] : [`Put it back: ${screen.bold(putBack)}`]),
    ...(later.length === 0
      ? []
      : [
          `The files have changed since ${listed(later, 5)} ${later.length === 1 ? "was" : "were"} applied: putting back brings that as well.`,
        ]),
    ...accept.map((each) => `Accept it:   ${screen.bold(each.command)}`),
    ...(drifted.length > 0 && accept.length === 0 ? ["No setting says just this, so accepting it means editing the files."] : []),
  ];
}

function headline({ summary }: DriftDocument, screen: Screen): string {
  const { checked, drifted, unchecked } = summary;
  if (drifted === 0 && unchecked === 0) {
    const all = checked === 1 ? "The node-role is as it was applied." : `All ${checked} node-roles are as they were applied.`;
    return screen.green(all);
  }
  const parts = [
    ...(drifted > 0
      ? [screen.yellow(`${drifted} of ${count(checked, "node-role")} drifted`)]
      : [`nothing drifted among ${count(checked - unchecked, "node-role")}`]),
    ...(unchecked > 0 ? [screen.red(`${unchecked} could not be looked at`)] : []),
  ];
  return `${parts.join(", ")}.`;
}

function rowLines(row: DriftRow, screen: Screen): readonly string[] {
  if (row.state !== "drifted") return [];
  const { id, run, steps } = row;
  return [`${screen.bold(id)} ${screen.dim(`(applied by ${run})`)}`, ...stepLines(steps, screen, bounds), ""];
}
