import type { VerifyDocument } from "../../core/commands/verify-document.ts";
import type { ProofResult } from "../../core/run/proving/outcome.ts";
import { count } from "../../core/words/count.ts";
import { outcomeWords } from "../../core/words/proof-words.ts";
import { durationWords } from "../../core/words/time.ts";
import { renderProblems } from "../problems.ts";
import { type Column, type Screen, table } from "../screen.ts";

/** What verification found, and what was proven. */
export function verifyView(document: VerifyDocument, screen: Screen): readonly string[] {
  const { capabilities, problems, report } = document;
  const proofs = capabilities.length === 0 ? [] : [...table(screen, columns, capabilities), ""];
  return [
    ...proofs,
    ...summary(document, screen),
    ...(report === null ? [] : [`The report is in ${report}.`]),
    ...(problems.length === 0 ? [] : ["", ...renderProblems(problems, screen)]),
  ];
}

const columns: readonly Column<ProofResult>[] = [
  { title: "CAPABILITY", cell: (each) => each.capability },
  { title: "ON", cell: ({ per, deployment, node }) => (per === "deployment" ? `${deployment} (${node})` : node), flexible: true },
  {
    title: "OUTCOME",
    cell: outcomeWords,
    paint: ({ outcome }, screen) => (outcome === "proven" ? screen.green : outcome === "failed" ? screen.red : screen.yellow),
    flexible: true,
  },
  { title: "TIME", cell: (each) => (each.outcome === "not-tried" ? "" : durationWords(each.durationMs)), align: "right" },
];

function summary({ nodeRoles, capabilities, counts }: VerifyDocument, screen: Screen): readonly string[] {
  const failed = nodeRoles.filter((each) => !each.ok).length;
  if (nodeRoles.length === 0 && capabilities.length === 0) return ["Nothing to verify: no active node-role has `verify` steps."];
  return [
    ...(nodeRoles.length === 0
      ? []
      : failed === 0
        ? [screen.green(`All ${count(nodeRoles.length, "node-role")} work as their \`verify\` steps demand.`)]
        : [`${screen.red(`${failed} of ${count(nodeRoles.length, "node-role")} did not pass`)}; ${nodeRoles.length - failed} did.`]),
    ...(capabilities.length === 0 ? [] : [provenLine(counts, capabilities.length, screen)]),
  ];
}

function provenLine({ proven, failed, notTried, interrupted }: VerifyDocument["counts"], all: number, screen: Screen): string {
  if (proven === all) return screen.green(`All ${count(all, "proof")} were given.`);
  const parts = [
    `${proven} of ${count(all, "proof")} given`,
    ...(failed === 0 ? [] : [screen.red(`${failed} failed`)]),
    ...(interrupted === 0 ? [] : [screen.yellow(`${interrupted} interrupted`)]),
    ...(notTried === 0 ? [] : [screen.yellow(`${notTried} not tried`)]),
  ];
  return `${parts.join(", ")}.`;
}
