import type { PlanDocument } from "../../core/commands/plan-document.ts";
import { listed } from "../../core/words/count.ts";
import { type Screen, wrapText } from "../screen.ts";

/** Which secrets stand on nodes in another version than the plan would bring: one line for each secret and change of version. */
export function secretLines(document: PlanDocument, screen: Screen, mostNames: number): readonly string[] {
  const users = new Map<string, string[]>();
  for (const { id, secrets, blocked } of document.nodeRoles) {
    for (const { name, version, was } of secrets ?? []) {
      if (was === undefined || blocked !== undefined) continue;
      const change = `secret ${name}: version ${was} -> ${version}`;
      users.set(change, [...(users.get(change) ?? []), id]);
    }
  }
  const lines = [...users].flatMap(([change, ids]) => wrapText(`${change} for ${listed(ids, mostNames)}`, screen.width));
  return lines.length === 0 ? [] : [...lines.map(screen.yellow), ""];
}
