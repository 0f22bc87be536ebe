import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { contenderSets, runPeers } from "./peers/run-peers.ts";
import { measurePlanning, planningTable } from "./planning.ts";
import { measurePolicy, policyTable } from "./policy.ts";
import { Missing } from "./rig/requirements.ts";
import { measureScale, type ScaleSample } from "./scale.ts";
import { scaleTable, writeScale } from "./scale-report.ts";
import { measureStart, startTable } from "./start.ts";
import { measureStore } from "./store.ts";
import { storeTable, writeStore } from "./store-report.ts";
import { measureTui, tuiTable } from "./tui.ts";
import { measureWorks, worksTable } from "./works.ts";

const usage = `usage: npm run bench -- [start] [planning] [policy] [tui] [peers] [OPTIONS]        default: all, at most a quarter of an hour

  start      how long command lines take that only start
  planning   planning of generated clusters in process, without asking nodes
  policy     rules judged over a generated cluster, in process and in a worker
  tui        the terminal UI on 1000 nodes, idle and while a run writes its journal
  peers      apply beside plain parallel ssh, Ansible and Mitogen; needs root, for real OpenSSH servers in namespaces

  scale      plan and apply over simulated nodes, up to thousands of them; only when it is named
  works      other kinds of work on ten nodes, each in two amounts; needs root; only when it is named
  store      journals written and followed, embedded and on a redis-server of its own, beside their drivers alone; only when it is named

  --sizes 10,100,1000   numbers of nodes for scale
  --roles 10            roles on each of them
  --nodes 10,50   numbers of nodes for peers (Ansible takes part up to 50, with default settings up to 10)
  --with ssh,halligan   who takes part: ssh halligan same-script mitogen ansible ansible-default
  --rounds 1      rounds with fresh nodes, the contenders in rotating order
  --noops 3       no-op applies per round and contender
  --results DIR   where peers, scale and store write their reports and samples; default: bench/results
  --add           to the samples that stand there already
  --events 200    events a second for tui
  --seconds 10    how long tui looks at each screen, idle and busy
  --build DIST    another build to measure, with its bin/ beside it; default: dist/
  --json FILE     write every sample to a file, too
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sizes: { type: "string", default: "10,100,1000" },
    roles: { type: "string", default: "10" },
    nodes: { type: "string" },
    with: { type: "string" },
    rounds: { type: "string" },
    noops: { type: "string" },
    results: { type: "string", default: join(import.meta.dirname, "results") },
    add: { type: "boolean", default: false },
    events: { type: "string", default: "200" },
    seconds: { type: "string", default: "10" },
    build: { type: "string", default: join(import.meta.dirname, "../dist") },
    json: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});

const folder = mkdtempSync(join(tmpdir(), "halligan-bench-"));
/** What must be closed however the bench ends, the newest first. */
const closes: (() => Promise<void>)[] = [];

/** Ends the nodes and removes every file. The removal is tried again: what is being killed may still write. */
async function cleanUp(): Promise<void> {
  for (const close of closes.splice(0)) await close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** A whole number above zero. @throws `Missing` for anything else. */
function count(text: string, name: string, most = 1_000): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > most)
    throw new Missing(`--${name} takes whole numbers from 1 to ${most}, not ${text}.`);
  return number;
}

async function main(): Promise<void> {
  if (values.help) return console.log(usage);
  const every = ["start", "planning", "policy", "tui", "peers"];
  const strange = positionals.find((each) => !["scale", "store", "works", ...every].includes(each));
  if (strange !== undefined) throw new Missing(`there is no benchmark ${strange}.\n\n${usage}`);
  const wanted = positionals.length === 0 ? every : positionals;
  const sets = contenderSets({
    nodes: values.nodes?.split(",").map((each) => count(each, "nodes")),
    contenders: values.with?.split(","),
    rounds: values.rounds === undefined ? undefined : count(values.rounds, "rounds"),
    noops: values.noops === undefined ? undefined : count(values.noops, "noops"),
  });
  const halligan = [join(resolve(values.build), "../bin/halligan")];
  const report: Record<string, unknown> = { node: process.version, at: new Date().toISOString() };
  if (wanted.includes("start")) {
    const figures = measureStart(halligan, 10);
    console.log(`${startTable(figures)}\n`);
    report["start"] = figures;
  }
  if (wanted.includes("planning")) {
    const figures = [];
    for (const nodes of [100, 1_000]) {
      const place = join(folder, `planning-${nodes}`);
      mkdirSync(place);
      figures.push(await measurePlanning(place, nodes, 20));
    }
    console.log(`${planningTable(figures)}\n`);
    report["planning"] = figures;
  }
  if (wanted.includes("policy")) {
    const figures = [await measurePolicy(100, 50), await measurePolicy(1_000, 50)];
    console.log(`${policyTable(figures)}\n`);
    report["policy"] = figures;
  }
  if (wanted.includes("tui")) {
    const [perSecond, seconds] = [count(values.events, "events"), count(values.seconds, "seconds")];
    const figures = await measureTui({ folder, halligan, nodes: 1_000, perSecond, seconds });
    console.log(`${tuiTable(figures, perSecond)}\n`);
    report["tui"] = figures;
  }
  if (wanted.includes("scale")) {
    const sizes = values.sizes.split(",").map((each) => count(each, "sizes", 10_000));
    const place = { folder, halligan, onOpen: (close: () => Promise<void>) => void closes.unshift(close) };
    const onSample = (samples: readonly ScaleSample[]): void => writeScale(resolve(values.results), samples);
    const samples = await measureScale({ ...place, sizes, roles: count(values.roles, "roles"), latencyMs: 1, onSample });
    console.log(`${scaleTable(samples)}\n`);
    report["scale"] = samples;
  }
  if (wanted.includes("store")) {
    const figures = await measureStore(join(folder, "store"));
    console.log(`${storeTable(figures)}\n`);
    writeStore(resolve(values.results), figures);
    report["store"] = figures;
  }
  if (wanted.includes("works")) {
    const nodes = 10;
    const onOpen = (close: () => Promise<void>): void => void closes.unshift(close);
    const figures = await measureWorks({ nodes, folder, halligan, onOpen });
    console.log(`${worksTable(figures, nodes)}\n`);
    report["works"] = figures;
  }
  if (wanted.includes("peers")) {
    const place = { folder, halligan, onOpen: (close: () => Promise<void>) => void closes.unshift(close) };
    report["peers"] = await runPeers({ sets, ...place }, resolve(values.results), values.add);
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
}

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  process.once(signal, () => void cleanUp().finally(() => process.exit(code)));
}
try {
  await main();
} catch (error) {
  process.exitCode = error instanceof Missing ? 2 : 1;
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
} finally {
  await cleanUp();
}
