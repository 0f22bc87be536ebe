import { type Problem, problem } from "../errors.ts";
import type { Barclamp, Role } from "../model/barclamp.ts";

/** All roles of the known barclamps, and what each provides. */
export interface Catalogue {
  readonly roles: ReadonlyMap<string, { readonly role: Role; readonly barclamp: Barclamp }>;
  /** Role name or capability -> roles that provide it, sorted. */
  readonly providers: ReadonlyMap<string, readonly string[]>;
}

/** Capabilities of a role, its own name included. */
function provided(role: Role): ReadonlySet<string> {
  const names = new Set([role.name, ...role.provides]);
  for (const output of Object.values(role.outputs)) if (output.capability !== undefined) names.add(output.capability);
  return names;
}

/** Indexes barclamps by role and capability. Problems: `ROLE_DEFINED_TWICE` (the first barclamp by name wins). */
export function catalogueOf(barclamps: readonly Barclamp[]): { readonly catalogue: Catalogue; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const roles = new Map<string, { role: Role; barclamp: Barclamp }>();
  const providers = new Map<string, string[]>();
  for (const barclamp of barclamps.toSorted((a, b) => compareText(a.name, b.name))) {
    for (const name of Object.keys(barclamp.roles).toSorted(compareText)) {
      const role = barclamp.roles[name];
      if (role === undefined) continue;
      const known = roles.get(role.name);
      if (known !== undefined) {
        const message = `role ${role.name} is in barclamp ${known.barclamp.name} and in barclamp ${barclamp.name}`;
        problems.push(problem("ROLE_DEFINED_TWICE", { message, at: role.place }));
        continue;
      }
      roles.set(role.name, { role, barclamp });
      for (const capability of provided(role)) providers.set(capability, [...(providers.get(capability) ?? []), role.name]);
    }
  }
  for (const list of providers.values()) list.sort(compareText);
  return { catalogue: { roles, providers }, problems };
}

/** Order by code units: the same on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `a, b and 3 more`: names in a sentence, bounded. */
export function listing(names: readonly string[], limit = 5): string {
  if (names.length <= limit) return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  return `${names.slice(0, limit).join(", ")} and ${names.length - limit} more`;
}

/** `1 node`, `3 nodes`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
