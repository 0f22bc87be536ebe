/**
 * `npm run test:tempest`: OpenStack's own test suite (Debian's package tempest) against a cloud made as examples/openstack says: a selection of its
 * smoke tests, and a record of how each ended. Needs what test:openstack needs, and root.
 *
 *   npm run test:tempest -- [--layer FOLDER] [--record FILE] [--keep] [REGEX...]
 *
 * --record: where the result goes, Markdown; default: tempest.md in the current folder. REGEX: other tests than the selection. The exit code is 1 when a
 * test failed: the record says which, and nothing is left out of it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { CloudLab } from "./lib/cloud-lab.mjs";
import { root } from "./lib/run.mjs";
import { explain, Stop, say, since } from "./lib/say.mjs";
import { countOutcomes, tempestRecord } from "./lib/tempest-record.mjs";

const minute = 60_000;
/** Smoke tests of the services that the cloud has; those that log in to guests want an image with an SSH server, which ours is not. */
const selection = [
  "tempest.api.identity.*smoke",
  "tempest.api.image.*smoke",
  "tempest.api.compute.(flavors|security_groups|versions).*smoke",
  "tempest.api.compute.servers.test_create_server.ServersTestJSON.*(test_list_servers|test_verify_server_details)",
  "tempest.api.network.*smoke",
];

const { values: options, positionals } = readOptions();

try {
  process.exitCode = await CloudLab.with(2, { ...options, script: "test:tempest" }, test);
} catch (error) {
  process.exitCode = explain(error);
}

async function test(lab) {
  await lab.useExample("openstack", { n1: "control", n2: "compute" });
  let started = Date.now();
  await lab.halligan(["discover"]);
  await lab.halligan(["apply", "--yes"], { limitMs: 60 * minute });
  say(`the cloud stands after ${since(started)}`);
  await lab.put("n1", resolve(root, "test/machines/openstack/guest-image.sh"), "/root/guest-image.sh");
  await lab.put("n1", resolve(root, "test/machines/openstack/tempest.sh"), "/root/tempest.sh");
  await lab.on("n1", `export OS_CLOUD=${lab.cloud}; sh /root/guest-image.sh /root/guest && sh /root/tempest.sh prepare /root/guest`, {
    limitMs: 20 * minute,
  });
  started = Date.now();
  const tests = positionals.length > 0 ? positionals : selection;
  await lab.on("n1", "sh /root/tempest.sh run", { limitMs: 60 * minute, input: `${tests.join("\n")}\n` });
  const stream = await lab.on("n1", "cat /root/tempest/results.csv");
  const last = await lab.on("n1", "cat /root/tempest/last.txt");
  const versions = await lab.on(
    "n1",
    "dpkg-query -W -f '${Package} ${Version}\\n' tempest keystone glance-api placement-api nova-api neutron-server",
  );
  const file = resolve(options.record ?? "tempest.md");
  writeFileSync(
    file,
    tempestRecord({ csv: stream, last, versions, tests, took: since(started), today: new Date().toISOString().slice(0, 10) }),
  );
  const counts = countOutcomes(stream);
  say(`tempest: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped; ${file} says which`);
  if (counts.passed === 0) throw new Stop(`no test passed:\n${readFileSync(file, "utf8").slice(-2000)}`, 1);
  return counts.failed === 0 ? 0 : 1;
}

function readOptions() {
  const text = { type: "string" };
  try {
    return parseArgs({ options: { layer: text, record: text, keep: { type: "boolean", default: false } }, allowPositionals: true });
  } catch (error) {
    say(`${error.message}. What it takes: --layer FOLDER, --record FILE, --keep, and names of tests`);
    process.exit(2);
  }
}
