import type { VerifyDocument } from "../../core/commands/verify.ts";
import { count } from "../../core/words/count.ts";
import { renderProblems } from "../problems.ts";
import type { Screen } from "../screen.ts";

/** What verification found. */
export function verifyView({ nodeRoles, problems }: VerifyDocument, screen: Screen): readonly string[] {
  if (nodeRoles.length === 0) return ["Nothing to verify: no active node-role has `verify` steps."];
  const held = nodeRoles.filter((each) => each.ok).length;
  if (problems.length === 0) return [screen.green(`All ${count(held, "node-role")} work as their \`verify\` steps demand.`)];
  return [
    `${screen.red(`${nodeRoles.length - held} of ${count(nodeRoles.length, "node-role")} did not pass`)}; ${held} did.`,
    "",
    ...renderProblems(problems, screen),
  ];
}
