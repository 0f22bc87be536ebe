import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { measureOverhead, overheadTable } from "./overhead.ts";
import { Missing, requireRig } from "./rig/requirements.ts";

const usage = `usage: npm run bench -- [overhead] [--nodes 10,50] [--rounds 3] [--noops 2] [--json FILE]

  overhead   apply against one plain script over one plain ssh per node (needs root: real OpenSSH servers in namespaces)
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    nodes: { type: "string", default: "10,50" },
    rounds: { type: "string", default: "3" },
    noops: { type: "string", default: "2" },
    json: { type: "string" },
    build: { type: "string", default: join(import.meta.dirname, "../dist") },
    keep: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

const halligan = [process.execPath, join(resolve(values.build), "cli/main.js")];
const folder = mkdtempSync(join(tmpdir(), "halligan-bench-"));
const stops: (() => Promise<void>)[] = [];

async function cleanUp(): Promise<void> {
  for (const stop of stops.splice(0)) await stop();
  if (!values.keep) rmSync(folder, { recursive: true, force: true });
}

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  process.once(signal, () => void cleanUp().finally(() => process.exit(code)));
}

try {
  if (values.help) console.log(usage);
  else {
    const wanted = positionals.length === 0 ? ["overhead"] : positionals;
    const report: Record<string, unknown> = {};
    if (wanted.includes("overhead")) {
      requireRig();
      const samples = await measureOverhead({
        nodes: values.nodes.split(",").map(Number),
        rounds: Number(values.rounds),
        noops: Number(values.noops),
        folder,
        halligan,
        onRig: (stop) => stops.push(stop),
      });
      console.log(overheadTable(samples));
      report["overhead"] = samples;
    }
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
  }
} catch (error) {
  process.exitCode = error instanceof Missing ? 2 : 1;
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
} finally {
  await cleanUp();
}
