import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readFiles } from "../../src/cli/house/files.ts";
import { openStore } from "../../src/core/adapters/store/open.ts";
import { toStored } from "../../src/core/journal/events.ts";
import type { Plan } from "../../src/core/model/plan.ts";
import type { Json } from "../../src/core/ports.ts";
import { assemblePlan } from "../../src/core/plan/assemble.ts";
import { planDigest } from "../../src/core/plan/canonical.ts";
import { makeDraft } from "../../src/core/run/draft.ts";

/** The cluster's name. */
export const bigCluster = "big";

/** Writes a cluster of many nodes that do not exist, with a plan for all of them; gives the store's file. */
export async function writeBigRun(folder: string, nodes: number, roles: number): Promise<string> {
  const file = writeFilesOf(folder, nodes, roles);
  const { loaded } = await readFiles(file, { user: "root" });
  const draft = makeDraft({ cluster: loaded.cluster, barclamps: loaded.barclamps, deployments: [], facts: new Map() });
  const resolver = draft.resolver({});
  const resolutions = new Map(draft.graph.nodeRoles.map((each) => [each.bound.id, resolver.resolve(each)]));
  const body = assemblePlan({ cluster: loaded.cluster, graph: draft.graph, resolutions, checks: new Map(), applied: [] });
  const state = join(folder, ".halligan/state.db");
  mkdirSync(dirname(state), { mode: 0o700 });
  const store = await openStore(state);
  try {
    const at = Date.now();
    const plan: Plan = { id: "P-1", digest: planDigest(body), body, author: "ann", at, revision: loaded.revision, facts: "sha256:0" };
    await store.put("plans", plan.id, plan as unknown as Json, 0);
    await store.put("numbers", "plans", 1, 0);
    const changes = body.nodeRoles.length;
    await store.append("plans", [
      toStored({ type: "plan.made", v: 1, plan: plan.id, digest: plan.digest, by: "ann", deployments: [...body.deployments], changes }),
    ]);
  } finally {
    await store.close();
  }
  return state;
}

function writeFilesOf(folder: string, nodes: number, roles: number): string {
  const all = Array.from({ length: roles }, (_, at) => at);
  const barclamp = join(folder, "barclamps/generated");
  mkdirSync(barclamp, { recursive: true });
  const role = (at: number): readonly string[] => [
    `  role-${at}:`,
    ...(at === 0 ? [] : [`    requires: [role-${at - 1}]`]),
    "    steps:",
    `      - file: { path: /etc/role-${at}.conf, content: "node = {{ node.name }}\\n" }`,
    `      - directory: { path: /var/lib/role-${at}, mode: "0750" }`,
  ];
  writeFileSync(
    join(barclamp, "barclamp.yaml"),
    `${["barclamp: generated", "version: 1.0.0", "roles:", ...all.flatMap(role)].join("\n")}\n`,
  );
  const list = Array.from({ length: nodes }, (_, at) => `  n${at + 1}: { address: 10.${at >> 16}.${(at >> 8) & 255}.${at & 255} }`);
  const places = all.map((at) => `      role-${at}: { on: all }`);
  const lines = ["halligan: 1", `cluster: ${bigCluster}`, "nodes:", ...list, "deployments:", "  everything:", "    place:", ...places];
  const file = join(folder, "cluster.yaml");
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}
