import { HalliganError, fail } from "../errors.ts";
import type { House, LoadedCluster } from "../house.ts";
import { suggestion } from "../model/suggest.ts";
import { compareText } from "../plan/catalogue.ts";
import { type AppliedRecord, readApplied } from "../run/applied.ts";
import { type RunEntry, listRuns, newestPlan } from "../run/requests.ts";
import type { DeployedRow, WhatDocument } from "./what.ts";

/**
 * What stands in a cluster, by deployment, from its store; no node is asked. Files that cannot be read hide no more than versions and wishes.
 * @throws `DEPLOYMENT_UNKNOWN` for a name of which nothing stands and which the file does not have.
 */
export async function whatIsDeployed(house: House, named: readonly string[]): Promise<WhatDocument> {
  const loaded = await house.load().catch((error: unknown) => {
    if (error instanceof HalliganError) return undefined;
    throw error;
  });
  const records = await readApplied(house.store);
  const runs = await listRuns(house.store);
  const wanted = loaded?.cluster.deployments.map(({ name }) => name);
  const standing = new Set(records.map(({ deployment }) => deployment));
  const known = new Set([...(wanted ?? []), ...standing]);
  for (const name of named) {
    if (known.has(name)) continue;
    throw fail("DEPLOYMENT_UNKNOWN", {
      message: `There is no deployment \`${name}\`, and nothing of one stands.`,
      hint: suggestion(name, known),
    });
  }
  const shown = (name: string): boolean => named.length === 0 || named.includes(name);
  const rows = [...standing].filter(shown).toSorted(compareText);
  return {
    halligan: 1,
    kind: "what",
    cluster: loaded?.cluster.name ?? (await newestPlan(house.store))?.body.cluster ?? "unknown",
    deployments: rows.map((name) =>
      rowOf(
        name,
        records.filter(({ deployment }) => deployment === name),
        { runs, loaded },
      ),
    ),
    absent: (wanted ?? []).filter((name) => shown(name) && !standing.has(name)),
    activeRun: runs.find(({ phase }) => phase === "requested")?.run ?? null,
    at: house.clock.now(),
  };
}

interface World {
  readonly runs: readonly RunEntry[];
  readonly loaded: LoadedCluster | undefined;
}

/** `records` has at least one. */
function rowOf(deployment: string, records: readonly AppliedRecord[], { runs, loaded }: World): DeployedRow {
  const last = records.reduce((newest, each) => (each.at > newest.at ? each : newest));
  const byBarclamp = new Map<string, AppliedRecord[]>();
  for (const each of records) {
    const key = `${each.barclamp} ${each.barclampDigest}`;
    byBarclamp.set(key, [...(byBarclamp.get(key) ?? []), each]);
  }
  return {
    deployment,
    wanted: loaded?.cluster.deployments.some(({ name }) => name === deployment) ?? true,
    nodeRoles: records.length,
    nodes: new Set(records.map(({ node }) => node)).size,
    barclamps: [...byBarclamp]
      .toSorted(([a], [b]) => compareText(a, b))
      .flatMap(([, [first, ...more]]) => {
        if (first === undefined) return [];
        const { barclamp, barclampDigest: digest } = first;
        const present = loaded?.barclamps.get(barclamp);
        return [{ barclamp, version: present?.digest === digest ? present.version : null, digest, nodeRoles: more.length + 1 }];
      }),
    since: Math.min(...records.map(({ at }) => at)),
    last: { run: last.run, plan: last.plan, by: runs.find(({ run }) => run === last.run)?.by ?? null, at: last.at },
  };
}
