import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ssh2 from "ssh2";
import { type LabPaths, type NodeState, writeWhole } from "./state.ts";

type KeyPair = ReturnType<typeof ssh2.utils.generateKeyPairSync>;

/**
 * Makes an Ed25519 key pair in OpenSSH's format. ssh2 1.17 drops a leading zero byte of the public half (1 key in 256) and then cannot read
 * its own key: such a pair is thrown away. `make` stands in for ssh2's generator in tests.
 */
export function newKeyPair(comment: string, make = (): KeyPair => ssh2.utils.generateKeyPairSync("ed25519", { comment })): KeyPair {
  for (;;) {
    const pair = make();
    const halves = [ssh2.utils.parseKey(pair.private), ssh2.utils.parseKey(pair.public)];
    if (halves.every((half) => !(half instanceof Error))) return pair;
  }
}

function ensurePair(privatePath: string, comment: string): void {
  if (existsSync(privatePath) && existsSync(`${privatePath}.pub`)) return;
  const pair = newKeyPair(comment);
  writeWhole(privatePath, `${pair.private.trimEnd()}\n`, 0o600);
  writeWhole(`${privatePath}.pub`, `${pair.public.trimEnd()}\n`, 0o644);
}

/** Path of a node's private host key. */
export function hostKeyPath(paths: LabPaths, node: string): string {
  return join(paths.hostKeys, node);
}

/** Makes the key that logs in to every node, and one host key per node, where they do not exist yet. */
export function ensureKeys(paths: LabPaths, nodes: readonly string[]): void {
  mkdirSync(paths.hostKeys, { recursive: true, mode: 0o700 });
  ensurePair(paths.key, "halligan-lab");
  for (const node of nodes) ensurePair(hostKeyPath(paths, node), node);
}

function knownHostsName(node: NodeState): string {
  return node.port === 22 ? node.address : `[${node.address}]:${node.port}`;
}

/** Pins the nodes' host keys in the folder's `known_hosts`; lines about other hosts stay as they are. */
export function pinHostKeys(paths: LabPaths, nodes: readonly NodeState[]): void {
  const names = new Set(nodes.map(knownHostsName));
  const before = existsSync(paths.knownHosts) ? readFileSync(paths.knownHosts, "utf8").split("\n") : [];
  const kept = before.filter((line) => line !== "" && !names.has(line.split(" ")[0] ?? ""));
  const ours = nodes.map((node) => {
    const [type, key] = readFileSync(`${hostKeyPath(paths, node.name)}.pub`, "utf8").split(" ");
    return `${knownHostsName(node)} ${type} ${key}`.trimEnd();
  });
  writeWhole(paths.knownHosts, `${[...kept, ...ours].join("\n")}\n`, 0o600);
}

/** Takes the nodes' host keys out of `known_hosts` again. */
export function unpinHostKeys(paths: LabPaths, nodes: readonly NodeState[]): void {
  if (!existsSync(paths.knownHosts)) return;
  const names = new Set(nodes.map(knownHostsName));
  const kept = readFileSync(paths.knownHosts, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !names.has(line.split(" ")[0] ?? ""));
  writeWhole(paths.knownHosts, kept.length === 0 ? "" : `${kept.join("\n")}\n`, 0o600);
}
