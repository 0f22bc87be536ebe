import { type Problem, problem } from "../errors.ts";
import type { Barclamp, Deprecation } from "../model/barclamp.ts";
import type { Cluster } from "../model/cluster.ts";
import { everySettings } from "./settings.ts";

/** What a cluster uses of barclamps that will go away: roles that it places, attributes that it sets. Problems: `ROLE_DEPRECATED`, `SETTING_DEPRECATED`. */
export function deprecations(cluster: Cluster, barclamps: ReadonlyMap<string, Barclamp>): readonly Problem[] {
  const found: Problem[] = [];
  const roles = new Map([...barclamps.values()].flatMap((each) => Object.values(each.roles).map((role) => [role.name, role] as const)));
  for (const { name, place } of cluster.deployments)
    for (const { role } of place) {
      const { deprecated, barclamp = "" } = roles.get(role) ?? {};
      if (deprecated === undefined) continue;
      const message = `Role ${role} is deprecated ${sinceText(deprecated, barclamp)}`;
      found.push(
        problem("ROLE_DEPRECATED", { message, hint: hintOf(deprecated), at: cluster.places.get(`deployments.${name}.place.${role}`) }),
      );
    }
  const seen = new Set<string>();
  for (const { path, set } of everySettings(cluster))
    for (const [name, values] of Object.entries(set))
      for (const key of Object.keys(values)) {
        const attributes = barclamps.get(name)?.attributes ?? {};
        const deprecated = Object.hasOwn(attributes, key) ? attributes[key]?.deprecated : undefined;
        if (deprecated === undefined) continue;
        const at = cluster.places.get(`${path}.${name}.${key}`);
        // nodes that are written together share a place
        const once = `${name}.${key} ${at?.line ?? path} ${at?.column ?? ""}`;
        if (seen.has(once)) continue;
        seen.add(once);
        const message = `\`${path}.${name}.${key}\` is deprecated ${sinceText(deprecated, name)}`;
        found.push(problem("SETTING_DEPRECATED", { message, hint: hintOf(deprecated), at }));
      }
  return found;
}

/** `since mariadb 2.0.0: why.` */
function sinceText({ since, why }: Deprecation, barclamp: string): string {
  return `since ${barclamp} ${since}: ${why.replace(/\.?$/u, ".")}`;
}

function hintOf({ use }: Deprecation): string | undefined {
  return use === undefined ? undefined : `Use ${use} in its place.`;
}
