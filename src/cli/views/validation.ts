import type { ValidationDocument } from "../../core/commands/validate.ts";
import { renderProblems } from "../problems.ts";
import type { Screen } from "../screen.ts";

/** All problems of a file, or that it is fine. */
export function validationView(document: ValidationDocument, screen: Screen): readonly string[] {
  if (document.problems.length > 0) return renderProblems(document.problems, screen);
  const { counts } = document;
  const what =
    counts === undefined
      ? ""
      : `: ${count(counts.nodes, "node")}, ${count(counts.deployments, "deployment")}, ${count(counts.barclamps, "barclamp")}`;
  return [...renderProblems(document.notices, screen), `${screen.green("valid")} ${document.file}${what}`];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
