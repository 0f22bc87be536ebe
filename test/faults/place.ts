import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LabStatus } from "../../src/core/adapters/lab/types.ts";

/** Steps of each role that count themselves. */
const counts = 5;
/** The roles on every node, the second behind the first. */
export const roles = ["counter-one", "counter-two"] as const;

/** What makes a trial's cluster folder. */
export interface PlaceWish {
  readonly lab: LabStatus;
  /** Port on 127.0.0.1 through which each node is reached, in the order of the lab's nodes. */
  readonly ports: readonly number[];
  readonly seed: number;
  /** How long a counting step waits before it counts, seconds. */
  readonly stepSeconds: number;
  /** Steps have a guard that reads the counters, so that a check can tell whether they ran. */
  readonly guarded?: boolean;
  /** Further lines of each role's steps, such as one that floods the log. */
  readonly more?: readonly string[];
  /** Further settings of `ssh`. */
  readonly ssh?: string;
  /** The store lies on a disk of its own of so many KiB (needs root). */
  readonly diskKib?: number;
}

/** A cluster folder of one trial, with a store of its own, on nodes that trials share. */
export interface Place extends Disposable {
  readonly folder: string;
  readonly file: string;
}

/** What the counter of a role holds on a node when every step ran exactly once, in order. */
export function counted(seed: number): string {
  return Array.from({ length: counts }, (_, step) => `${seed} ${step}\n`).join("");
}

/** Makes the folder. */
export function makePlace(wish: PlaceWish): Place {
  const folder = mkdtempSync(join(tmpdir(), "halligan-trial-"));
  const { lab, ports } = wish;
  const home = join(folder, ".halligan");
  mkdirSync(home, { mode: 0o700 });
  if (wish.diskKib !== undefined) execFileSync("mount", ["-t", "tmpfs", "-o", `size=${wish.diskKib}k,mode=0700`, "tmpfs", home]);
  mkdirSync(join(folder, "barclamps/counter"), { recursive: true });
  const pinned = readFileSync(lab.knownHosts, "utf8").split("\n");
  const hosts = lab.nodes.map(({ address, port }, index) => {
    const line = pinned.find((each) => each.startsWith(`[${address}]:${port} `)) ?? "";
    return `[127.0.0.1]:${ports[index]} ${line.split(" ").slice(1).join(" ")}\n`;
  });
  writeFileSync(join(home, "known_hosts"), hosts.join(""));
  const nodes = lab.nodes.map(({ name }, index) => `  ${name}: { address: 127.0.0.1, port: ${ports[index]} }\n`);
  const file = join(folder, "cluster.yaml");
  writeFileSync(
    file,
    `halligan: 1\ncluster: faults\nssh: { user: root, key: ${lab.key}, agent: false, hostKeys: strict${wish.ssh === undefined ? "" : `, ${wish.ssh}`} }\nnodes:\n${nodes.join("")}deployments:\n  all:\n    place:\n${roles.map((role) => `      ${role}: { on: all }\n`).join("")}    secrets:\n      counter.token: { generate: 32 }\n`,
  );
  writeFileSync(join(folder, "barclamps/counter/barclamp.yaml"), barclamp(wish));
  return {
    folder,
    file,
    [Symbol.dispose]() {
      if (wish.diskKib !== undefined) execFileSync("umount", ["-l", home]);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

/** Every counting step adds one line to a file that Halligan knows nothing of; one prints the secret, which no log may show. */
function barclamp({ seed, stepSeconds, guarded = false, more = [] }: PlaceWish): string {
  const step = (role: string, index: number): string => {
    const line = `${seed} ${index}`;
    const guard = guarded ? `, unless: "grep -qx '${line}' /root/counts-${role}"` : "";
    const show = index === 1 ? `cat /root/state-${role}; ` : "";
    return `      - command: { name: count-${index}, run: "${show}sleep ${stepSeconds}; echo ${line} >>/root/counts-${role}"${guard} }\n`;
  };
  const role = (name: string): string =>
    [
      `  ${name}:\n${name === roles[1] ? `    requires: [${roles[0]}]\n` : ""}    steps:\n`,
      `      - file: { path: /root/state-${name}, mode: "0600", content: "${seed} {{ set.token }}\\n" }\n`,
      ...Array.from({ length: counts }, (_, index) => step(name, index)),
      ...more.map((line) => `      ${line.replaceAll("ROLE", name)}\n`),
    ].join("");
  return `barclamp: counter\nversion: 1.0.0\nattributes:\n  token: { type: secret, required: true }\nroles:\n${roles.map(role).join("")}`;
}
