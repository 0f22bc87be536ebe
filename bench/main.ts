import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { measureOverhead, overheadTable } from "./overhead.ts";
import { measurePlanning, planningTable } from "./planning.ts";
import { measurePolicy, policyTable } from "./policy.ts";
import { Missing, requireRig } from "./rig/requirements.ts";
import { measureStart, startTable } from "./start.ts";
import { measureTui, tuiTable } from "./tui.ts";

const usage = `usage: npm run bench -- [start] [planning] [policy] [tui] [overhead] [OPTIONS]        default: all

  start      how long command lines take that only start
  planning   planning of generated clusters in process, without asking nodes
  policy     rules judged over a generated cluster, in process and in a worker
  tui        the terminal UI on 1000 nodes, idle and while a run writes its journal
  overhead   apply against one plain script over one plain ssh per node; needs root, for real OpenSSH servers in namespaces

  --nodes 10,50   numbers of nodes for overhead
  --rounds 3      rounds with fresh nodes, the contenders in alternating order
  --noops 3       no-op applies per round and contender
  --events 200    events a second for tui
  --seconds 10    how long tui looks at each screen, idle and busy
  --build DIST    another build to measure; default: dist/
  --json FILE     write every sample to a file, too
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    nodes: { type: "string", default: "10,50" },
    rounds: { type: "string", default: "3" },
    noops: { type: "string", default: "3" },
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
function count(text: string, name: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 1_000)
    throw new Missing(`--${name} takes whole numbers from 1 to 1000, not ${text}.`);
  return number;
}

async function main(): Promise<void> {
  if (values.help) return console.log(usage);
  const every = ["start", "planning", "policy", "tui", "overhead"];
  const strange = positionals.find((each) => !every.includes(each));
  if (strange !== undefined) throw new Missing(`there is no benchmark ${strange}.\n\n${usage}`);
  const wanted = positionals.length === 0 ? every : positionals;
  const options = {
    nodes: values.nodes.split(",").map((each) => count(each, "nodes")),
    rounds: count(values.rounds, "rounds"),
    noops: count(values.noops, "noops"),
  };
  const halligan = [process.execPath, "--max-semi-space-size=64", join(resolve(values.build), "cli/main.js")];
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
  if (wanted.includes("overhead")) {
    requireRig();
    const samples = await measureOverhead({ ...options, folder, halligan, onOpen: (close) => closes.unshift(close) });
    console.log(overheadTable(samples));
    report["overhead"] = samples;
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
