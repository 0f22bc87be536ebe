import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Simulator } from "./simulator.ts";

/**
 * Writes a cluster folder for simulated nodes: so many roles on every node, each after the one before it, with a package, a folder, two files and a link;
 * the last role takes an address from a role that stands on three nodes. `level` is a setting of the first role.
 */
export function writeSimCluster(folder: string, simulator: Simulator, roles: number, level = "info"): void {
  const all = Array.from({ length: roles }, (_, at) => at + 1);
  const barclamp = join(folder, "barclamps/scale");
  mkdirSync(barclamp, { recursive: true });
  writeFileSync(join(barclamp, "barclamp.yaml"), `${[...head, ...hub, ...all.flatMap((at) => roleOf(at, roles))].join("\n")}\n`);
  mkdirSync(join(folder, ".halligan"), { recursive: true, mode: 0o700 });
  copyFileSync(simulator.knownHosts, join(folder, ".halligan/known_hosts"));
  const nodes = simulator.nodes.map(({ name, address, port }, at) => {
    const labels = `{ rack: r${at % 40}${at < 3 ? ", hub: yes" : ""} }`;
    return `  ${name}: { address: ${address}, port: ${port}, labels: ${labels} }`;
  });
  // All nodes are one process: on a busy machine a login may take longer than it ever would on a node.
  const ssh = `ssh: { user: root, key: ${simulator.key}, hostKeys: strict, connectTimeout: 2m }`;
  const places = [`      hub: { on: hub=yes }`, ...all.map((at) => `      role-${at}: { on: all }`)];
  const deployment = ["deployments:", "  scale:", "    place:", ...places, "    set:", `      scale: { level: ${level} }`];
  writeFileSync(join(folder, "cluster.yaml"), ["halligan: 1", "cluster: scale", ssh, "nodes:", ...nodes, ...deployment, ""].join("\n"));
}

const head = ["barclamp: scale", "version: 1.0.0", "attributes:", "  level: { type: string, default: info }", "roles:"];

const hub = [
  "  hub:",
  "    steps:",
  '      - file: { path: /etc/hub.conf, mode: "0644", content: "hub = {{ node.name }}\\n" }',
  '    outputs: { url: { type: url, capability: hub, value: "http://{{ node.address }}:8080/" } }',
];

function roleOf(at: number, last: number): readonly string[] {
  const name = `role-${at}`;
  return [
    `  ${name}:`,
    ...(at === 1 ? [] : [`    requires: [role-${at - 1}]`]),
    ...(at === last ? ["    inputs: { hubs: { from: hub.url, all: true } }"] : []),
    "    steps:",
    "      - package: [tar, sed]",
    `      - directory: { path: /etc/${name}/conf.d, mode: "0750" }`,
    `      - file: { path: /etc/${name}/${name}.conf, mode: "0640", content: "node = {{ node.name }}\\naddress = {{ node.address }}\\nrack = {{ node.labels.rack }}\\n${at === 1 ? "level = {{ set.level }}\\n" : ""}${at === last ? "hubs = {{ inputs.hubs | join: ',' }}\\n" : ""}" }`,
    `      - file: { path: /etc/${name}/conf.d/common.conf, content: "# The same on every node.\\nworkers = 4\\ntimeout = 30\\nkeepalive = 75\\nbacklog = 1024\\n" }`,
    `      - link: { path: /etc/${name}/current, to: /etc/${name}/conf.d }`,
  ];
}
