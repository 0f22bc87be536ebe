import type { FilePlace, Problem } from "../errors.ts";
import type { Barclamp } from "../model/barclamp.ts";
import type { BarclampSettings, Cluster } from "../model/cluster.ts";
import type { MigrationStep } from "../model/migration-file.ts";
import { carrySettings, type SettingsPlace } from "./carry-over.ts";

/** Steps of the lock file that settings still need, by barclamp. */
export type CarrySteps = ReadonlyMap<string, readonly MigrationStep[]>;

/** A cluster whose settings fit the barclamps in use, with what was carried over (`SETTING_CARRIED`) and what could not be. */
export interface CarriedCluster {
  readonly cluster: Cluster;
  readonly notices: readonly Problem[];
  readonly problems: readonly Problem[];
}

/** Carries all settings of a cluster over to the barclamps in use; the cluster file stays as it is. Problems: `SETTING_NOT_CARRIED`. Pure. */
export function carryCluster(cluster: Cluster, barclamps: ReadonlyMap<string, Barclamp>, carry: CarrySteps): CarriedCluster {
  const wanting = [...barclamps.values()].filter((each) => each.migrations.length > 0 || carry.has(each.name));
  let now = cluster;
  const notices: Problem[] = [];
  const problems: Problem[] = [];
  for (const barclamp of wanting) {
    const { sets, origins, notes } = carrySettings(barclamp, carry.get(barclamp.name) ?? [], placesOf(now, barclamp));
    if (notes.length === 0) continue;
    now = withSettings(now, barclamp.name, sets, origins);
    const seen = new Set<string>();
    for (const { path, problem } of notes) {
      const place = cluster.places.get(path);
      // nodes that are written together share a place
      const key = place === undefined ? problem.message : `${place.line} ${place.column} ${problem.code}`;
      if (seen.has(key)) continue;
      seen.add(key);
      (problem.code === "SETTING_CARRIED" ? notices : problems).push(place === undefined ? problem : { ...problem, at: place });
    }
  }
  return { cluster: now, notices, problems };
}

function placesOf(cluster: Cluster, barclamp: Barclamp): readonly SettingsPlace[] {
  const of = (set: BarclampSettings): SettingsPlace["set"] => (Object.hasOwn(set, barclamp.name) ? (set[barclamp.name] ?? {}) : {});
  const roles = new Set(Object.keys(barclamp.roles));
  return [
    { path: "set", set: of(cluster.set), uses: false },
    ...cluster.groups.map(({ name, set }) => ({ path: `groups.${name}.set`, set: of(set), uses: false })),
    ...cluster.nodes.map(({ name, set }) => ({ path: `nodes.${name}.set`, set: of(set), uses: false })),
    ...cluster.deployments.map(({ name, set, place }) => ({
      path: `deployments.${name}.set`,
      set: of(set),
      uses: place.some(({ role }) => roles.has(role)),
    })),
  ];
}

function withSettings(
  cluster: Cluster,
  barclamp: string,
  sets: ReadonlyMap<string, SettingsPlace["set"]>,
  origins: ReadonlyMap<string, string>,
): Cluster {
  const put = (path: string, set: BarclampSettings): BarclampSettings => {
    const next = sets.get(path) ?? {};
    return Object.keys(next).length === 0 && !Object.hasOwn(set, barclamp) ? set : { ...set, [barclamp]: next };
  };
  const moved = [...origins].flatMap(([now, old]): readonly (readonly [string, FilePlace])[] => {
    const place = cluster.places.get(old);
    return place === undefined ? [] : [[now, place]];
  });
  return {
    ...cluster,
    set: put("set", cluster.set),
    groups: cluster.groups.map((each) => ({ ...each, set: put(`groups.${each.name}.set`, each.set) })),
    nodes: cluster.nodes.map((each) => ({ ...each, set: put(`nodes.${each.name}.set`, each.set) })),
    deployments: cluster.deployments.map((each) => ({ ...each, set: put(`deployments.${each.name}.set`, each.set) })),
    places: new Map([...cluster.places, ...moved]),
  };
}
