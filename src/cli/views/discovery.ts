import type { DiscoveryDocument } from "../../core/commands/discover.ts";
import { renderProblems } from "../problems.ts";
import type { Screen } from "../screen.ts";
import { changeLine } from "./facts.ts";

/** What was found: changes of facts, then nodes that could not be looked at, then the sum. */
export function discoveryView(document: DiscoveryDocument, screen: Screen): readonly string[] {
  if (document.nodes.length === 0) return [`Cluster ${document.cluster} has no nodes yet: put them under \`nodes\` in the cluster file.`];
  const lines: string[] = [];
  for (const node of document.nodes) {
    if (!node.ok) continue;
    const what = node.firstTime ? screen.green("new") : node.changed.length > 0 ? screen.yellow("changed") : screen.dim("same");
    lines.push(
      `${screen.bold(node.node)} ${what} ${node.os ?? ""}`.trimEnd(),
      ...node.changed.map((change) => `  ${changeLine(change, screen)}`),
    );
  }
  const problems = document.nodes.flatMap((node) => (node.ok ? [] : [{ ...node.problem, at: node.problem.at ?? { node: node.node } }]));
  if (problems.length > 0) lines.push(...(lines.length > 0 ? [""] : []), ...renderProblems(problems, screen));
  const { seen, new: fresh, changed, failed } = document.summary;
  lines.push("", `${seen} seen (${fresh} new, ${changed} changed), ${failed === 0 ? "0 failed" : screen.red(`${failed} failed`)}`);
  if (failed === 0) lines.push("Now: halligan plan");
  return lines;
}
