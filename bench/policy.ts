import { inProcessEngine } from "../src/core/authority/policy/engine.ts";
import { loadPolicy } from "../src/core/authority/policy/load-policy.ts";
import { noPlan } from "../src/core/authority/policy/plan-view.ts";
import type { RuleCode } from "../src/core/authority/policy/rule.ts";
import type { NodeFacts, PolicyJob, SettingEntry, World } from "../src/core/authority/policy/world.ts";
import { readPolicySources } from "../src/core/adapters/policy/read-sources.ts";
import { createWorkerEngine } from "../src/core/adapters/policy/worker-engine.ts";
import { milliseconds, table } from "./figures.ts";

/** Times of judging a generated cluster, in ms. Both states, before and after a plan, are judged each time. */
export interface PolicyFigures {
  readonly nodes: number;
  readonly rules: number;
  /** In this thread: as rules that come with Halligan are judged. */
  readonly hereMs: number;
  /** In a worker that has to start. */
  readonly workerColdMs: number;
  /** In a worker that is there: what an engine pays before a batch. */
  readonly workerWarmMs: number;
  readonly findings: number;
}

/** Judges so many nodes with so many rules: those that come with Halligan, repeated until they are enough. */
export async function measurePolicy(nodes: number, rules: number): Promise<PolicyFigures> {
  const job = await generatedJob(nodes, rules);
  const worker = createWorkerEngine();
  try {
    const hereMs = await best(3, () => inProcessEngine.judge(job));
    const workerColdMs = await best(1, () => worker.judge(job));
    const workerWarmMs = await best(3, () => worker.judge(job));
    const verdicts = (await inProcessEngine.judge(job)).flat();
    const findings = verdicts.reduce((sum, each) => sum + each.findings.length, 0);
    return { nodes, rules: job.rules.length, hereMs, workerColdMs, workerWarmMs, findings };
  } finally {
    await worker.close();
  }
}

async function best(rounds: number, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  return Math.min(...times);
}

async function generatedJob(nodes: number, count: number): Promise<PolicyJob> {
  const { shipped } = await readPolicySources("/nowhere");
  const { policy } = loadPolicy(shipped, []);
  const known = (policy?.rules ?? []).map(tuned);
  const rules = Array.from({ length: count }, (_, at): RuleCode => {
    const rule = known[at % known.length];
    if (rule === undefined) throw new Error("there are no rules");
    return { ...rule, id: `${rule.id}-${at}` };
  });
  const facts: Record<string, NodeFacts> = {};
  for (let at = 0; at < nodes; at += 1) facts[`n${at + 1}`] = { known: true, ageMs: 1_000, facts: factsOf(at) };
  const surroundings = {
    cluster: { name: "generated", deployments: ["db", "web"] },
    now: 1_795_253_400_000,
    authority: { mode: "people", people: 5 },
    facts,
    timezone: "Europe/Berlin",
  } as const;
  return { rules, surroundings, worlds: [worldOf(nodes, 1), worldOf(nodes, 2)], deadlineMs: 30_000 };
}

/** With parameters that make every rule judge something. */
function tuned(rule: RuleCode): RuleCode {
  const params: Readonly<Record<string, RuleCode["params"]>> = {
    "minimum-memory": { roles: { server: 4, member: 16 } },
    "minimum-disks": { roles: { server: 1, member: 2 } },
    "freeze-windows": { windows: [{ days: ["sun"], from: "00:00", to: "24:00" }] },
  };
  return { ...rule, params: { ...rule.params, ...params[rule.id] } };
}

function factsOf(at: number): Extract<NodeFacts, { known: true }>["facts"] {
  const disk = { sizeBytes: 1e12, rotational: false, model: null, serial: null, removable: false };
  const nic = { name: "eth0", virtual: false, mac: "02:00:00:00:00:01", speedMbps: 10_000, driver: null, pciPath: null, state: "up" };
  return {
    facts: 1,
    hostname: `n${at + 1}`,
    cpu: { model: null, sockets: 1, cores: 8, threads: 16 },
    memory: { totalBytes: (at % 7 === 0 ? 2 : 64) * 2 ** 30, swapBytes: 0 },
    disks: ["sda", "sdb"].map((name) => ({ name, ...disk })),
    nics: [{ ...nic, mtu: 1500, addresses: [] }],
    clock: { epochMs: 1, resolutionMs: 1, offsetMs: at % 50 === 0 ? 5_000 : 3, uncertaintyMs: 10 },
    gaps: [],
  };
}

function worldOf(nodes: number, version: number): World {
  const names = Array.from({ length: nodes }, (_, at) => `n${at + 1}`);
  const entry = (name: string, value: SettingEntry["value"]): SettingEntry => ({
    barclamp: "server",
    name,
    type: typeof value === "string" ? "string" : "integer",
    value,
    origin: "cluster",
    secret: false,
  });
  const settings = [entry("publicInterface", "bond0"), entry("tenantVlans", "100-199"), entry("storageVlan", 150), entry("port", version)];
  const member = { role: "member", deployment: "db", barclamp: "server", settings: 0 };
  return {
    plan: {
      ...noPlan,
      phase: "plan",
      changes: nodes,
      nodes: names,
      roles: { "db/member": { changing: 3, removing: 0, batch: 2, down: 2 } },
    },
    state: {
      nodes: names.map((name, at) => ({ name, address: `10.0.${at >> 8}.${at & 255}`, labels: { rack: `r${at % 20}` } })),
      nodeRoles: names.flatMap((node, at) => [
        { node, role: "server", deployment: "web", barclamp: "server", settings: 0 },
        ...(at < 4 ? [{ node, ...member }] : []),
      ]),
      roles: [
        { deployment: "db", role: "member", barclamp: "server", order: "founder-first", quorum: 2 },
        { deployment: "web", role: "server", barclamp: "server", order: "", quorum: 0 },
      ],
      settings: [settings],
    },
  };
}

/** The figures for a terminal. */
export function policyTable(figures: readonly PolicyFigures[]): string {
  const rows = figures.map((each) => [
    `${each.nodes} nodes x ${each.rules} rules`,
    ...[each.hereMs, each.workerColdMs, each.workerWarmMs].map(milliseconds),
    `${each.findings}`,
  ]);
  return table([["policy, before and after a plan", "in process", "worker, started", "worker, running", "findings"], ...rows]);
}
