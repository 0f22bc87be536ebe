/**
 * `node scripts/bootstrap.mjs TASK [ARGUMENTS]`: what every npm script calls. Runs on the machine's own Node.js (18 or later) without any dependency,
 * installs and builds what is missing, and goes on under the Node.js that the project brings along.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ensureBuilt } from "./lib/build.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { root, run } from "./lib/run.mjs";
import { explain, Stop } from "./lib/say.mjs";

/** What a task runs under the project's Node.js, and whether it needs dist/. */
const tasks = {
  start: { built: true, command: ["dist/cli/main.cjs", "lab", "tour"] },
  test: { built: false, command: ["scripts/test.mjs"] },
  "test:unit": { built: false, command: ["node_modules/vitest/vitest.mjs", "run", "test/core"] },
  "test:faults": { built: false, command: ["scripts/test-faults.mjs"] },
  "test:openstack": { built: false, command: ["scripts/test-openstack.mjs"] },
  "test:tempest": { built: false, command: ["scripts/test-tempest.mjs"] },
  "test:machines": { built: false, command: ["scripts/test-machines.mjs"] },
  bench: { built: true, command: ["bench/main.ts"] },
  build: { built: true, command: undefined },
  package: { built: true, command: ["scripts/package.mjs"] },
  format: { built: false, command: ["node_modules/@biomejs/biome/bin/biome", "format", "--write", "."] },
  lint: { built: false, command: ["node_modules/oxlint/bin/oxlint"] },
  types: { built: false, command: ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"] },
  docs: { built: false, command: ["scripts/docs.ts"] },
  pictures: { built: true, command: ["scripts/pictures.ts"] },
  install: { built: false, command: undefined },
};

async function main([name, ...args]) {
  const oldest = 18;
  if (Number(process.versions.node.split(".")[0]) < oldest) {
    throw new Stop(`this is Node.js ${process.versions.node}; version ${oldest} or later is needed to begin with.`, 2);
  }
  const task = Object.hasOwn(tasks, name || "") ? tasks[name] : undefined;
  if (task === undefined) throw new Stop(`usage: node scripts/bootstrap.mjs ${Object.keys(tasks).join("|")} [arguments]`, 2);
  const node = await ensureInstalled();
  if (task.built) await ensureBuilt();
  if (task.command === undefined) return 0;
  const [script, ...fixed] = task.command;
  if (!existsSync(join(root, script))) throw new Stop(`${script} does not exist in this version.`, 2);
  return (await run(node, [join(root, script), ...fixed, ...args])).code;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = explain(error);
}
