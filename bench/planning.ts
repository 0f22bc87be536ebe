import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readFiles } from "../src/cli/house/files.ts";
import { assemblePlan } from "../src/core/plan/assemble.ts";
import { planDigest } from "../src/core/plan/canonical.ts";
import { makeDraft } from "../src/core/run/draft.ts";
import { milliseconds, table } from "./figures.ts";

/** Times of one planning of a generated cluster, in ms, and the memory of the process afterwards. */
export interface PlanningFigures {
  readonly nodes: number;
  readonly roles: number;
  readonly readMs: number;
  readonly orderMs: number;
  readonly renderMs: number;
  readonly assembleMs: number;
  readonly memoryMiB: number;
}

/** Plans a generated cluster in this process, without asking a node: read the files, bind and order, render every step, put the plan together. */
export async function measurePlanning(folder: string, nodes: number, roles: number): Promise<PlanningFigures> {
  const file = writeGenerated(folder, nodes, roles);
  const started = performance.now();
  const { loaded } = await readFiles(file, { user: "root" });
  const read = performance.now();
  const draft = makeDraft({ cluster: loaded.cluster, barclamps: loaded.barclamps, deployments: [], facts: new Map() });
  const ordered = performance.now();
  const resolver = draft.resolver({});
  const resolutions = new Map(draft.graph.nodeRoles.map((each) => [each.bound.id, resolver.resolve(each)]));
  const rendered = performance.now();
  const body = assemblePlan({ cluster: loaded.cluster, graph: draft.graph, resolutions, checks: new Map(), applied: [] });
  planDigest(body);
  const assembled = performance.now();
  if (body.nodeRoles.length !== nodes * roles) throw new Error(`${body.nodeRoles.length} node-roles were planned, not ${nodes * roles}`);
  return {
    nodes,
    roles,
    readMs: read - started,
    orderMs: ordered - read,
    renderMs: rendered - ordered,
    assembleMs: assembled - rendered,
    memoryMiB: process.memoryUsage().rss / 2 ** 20,
  };
}

/** Each role needs the one before it on some node and takes its address. */
function writeGenerated(folder: string, nodes: number, roles: number): string {
  const barclamp = join(folder, "barclamps/generated");
  mkdirSync(barclamp, { recursive: true });
  const role = (at: number): string[] => [
    `  role-${at}:`,
    ...(at === 0 ? [] : [`    requires: [role-${at - 1}]`]),
    "    steps:",
    `      - package: [tool-${at}]`,
    `      - file: { path: /etc/role-${at}.conf, mode: "0644", content: "node = {{ node.name }}\\naddress = {{ node.address }}\\nlevel = {{ set.level }}\\n" }`,
    `      - directory: { path: /var/lib/role-${at}, mode: "0750" }`,
  ];
  const all = Array.from({ length: roles }, (_, at) => at);
  const head = ["barclamp: generated", "version: 1.0.0", "attributes:", "  level: { type: string, default: info }", "roles:"];
  writeFileSync(join(barclamp, "barclamp.yaml"), `${[...head, ...all.flatMap(role)].join("\n")}\n`);
  const list = Array.from({ length: nodes }, (_, at) => `  n${at + 1}: { address: 10.${at >> 16}.${(at >> 8) & 255}.${at & 255} }`);
  const places = all.map((at) => `      role-${at}: { on: all }`);
  const lines = ["halligan: 1", "cluster: generated", "nodes:", ...list, "deployments:", "  everything:", "    place:", ...places];
  const file = join(folder, "cluster.yaml");
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

/** The figures for a terminal. */
export function planningTable(figures: readonly PlanningFigures[]): string {
  const rows = figures.map((each) => {
    const times = [each.readMs, each.orderMs, each.renderMs, each.assembleMs];
    const total = times.reduce((sum, time) => sum + time, 0);
    return [`${each.nodes} nodes x ${each.roles} roles`, ...[...times, total].map(milliseconds), `${Math.round(each.memoryMiB)} MiB`];
  });
  return table([["planning in process", "read files", "order", "render", "assemble", "together", "memory"], ...rows]);
}
