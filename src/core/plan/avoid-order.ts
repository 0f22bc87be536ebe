import type { Placement } from "../model/cluster.ts";
import { compareText } from "./catalogue.ts";

/** A placement and the deployment that it stands in. */
export interface PlacementOf {
  readonly deployment: string;
  readonly placement: Placement;
}

/**
 * The order in which placements are decided: one that avoids a role comes after all placements of that role; otherwise by role, then deployment.
 * Roles that avoid each other in a circle are returned as `circle` (each once, first and last the same) and left out of the order.
 */
export function avoidOrder<P extends PlacementOf>(
  placements: readonly P[],
): { readonly ordered: readonly P[]; readonly circles: readonly (readonly string[])[] } {
  const byRole = new Map<string, P[]>();
  const sorted = placements.toSorted((a, b) => compareText(a.placement.role, b.placement.role) || compareText(a.deployment, b.deployment));
  for (const each of sorted) {
    const list = byRole.get(each.placement.role);
    if (list === undefined) byRole.set(each.placement.role, [each]);
    else list.push(each);
  }
  const avoids = new Map<string, readonly string[]>();
  for (const [role, list] of byRole) {
    const names = new Set(list.flatMap((each) => each.placement.avoid));
    avoids.set(role, [...names].filter((name) => byRole.has(name)).toSorted(compareText));
  }
  const ordered: P[] = [];
  const circles: (readonly string[])[] = [];
  const state = new Map<string, "open" | "done" | "circular">();
  const visit = (role: string, path: readonly string[]): void => {
    const known = state.get(role);
    if (known === "open") {
      circles.push([...path.slice(path.indexOf(role)), role]);
      for (const each of path.slice(path.indexOf(role))) state.set(each, "circular");
    }
    if (known !== undefined) return;
    state.set(role, "open");
    for (const next of avoids.get(role) ?? []) visit(next, [...path, role]);
    if (state.get(role) === "circular") return;
    state.set(role, "done");
    ordered.push(...(byRole.get(role) ?? []));
  };
  for (const role of byRole.keys()) visit(role, []);
  return { ordered, circles };
}
