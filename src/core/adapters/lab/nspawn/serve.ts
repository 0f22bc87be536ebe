import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fail, HalliganError } from "../../../errors.ts";
import { isRunning } from "../processes.ts";
import { type LabPaths, type NodeState, type NspawnState, readState, writeState } from "../state.ts";
import type { LabFact } from "../types.ts";
import { type AptProxy, PROXY_PORT, startAptProxy } from "./apt-proxy.ts";
import { ensureBase, ensurePrograms, hostDistribution } from "./base.ts";
import { startMachine, stopMachine, waitForSsh } from "./machine.ts";
import { endClaim } from "./subnet.ts";
import { tool } from "./tools.ts";

/** Name of a lab's bridge, from its folder: two labs never share one, so cleaning up one cannot hit the other. */
export function bridgeName(folder: string): string {
  return `hal${createHash("sha256").update(folder).digest("hex").slice(0, 6)}`;
}

async function makeBridge(lab: NspawnState): Promise<void> {
  await tool("ip", ["link", "add", lab.bridge, "type", "bridge"]);
  await tool("ip", ["address", "add", `${lab.subnet}.1/24`, "dev", lab.bridge]);
  endClaim(lab.subnet);
  await tool("ip", ["link", "set", lab.bridge, "up"]);
  if (lab.provider === undefined) return;
  await tool("ip", ["link", "add", lab.provider, "type", "bridge"]);
  // The bridge is this machine's too, and it would answer there for the addresses of its own.
  writeFileSync(`/proc/sys/net/ipv4/conf/${lab.provider}/arp_ignore`, "8");
  await tool("ip", ["link", "set", lab.provider, "up"]);
}

/** Ends machines, cgroups and the bridges of an nspawn lab, whoever started them. */
export async function cleanNspawn(lab: NspawnState): Promise<void> {
  await Promise.all(lab.nodes.map((node) => stopMachine(lab, node)));
  for (const bridge of [lab.bridge, lab.provider ?? lab.bridge])
    if (existsSync(`/sys/class/net/${bridge}`)) await tool("ip", ["link", "delete", bridge]);
}

/** Starts `nodes` of a lab and waits until they answer; its other machines are left alone. */
async function boot(
  paths: LabPaths,
  lab: NspawnState,
  nodes: readonly NodeState[],
  onProgress: (fact: LabFact) => void,
): Promise<{ readonly state: NspawnState; readonly children: readonly ChildProcess[] }> {
  const started = nodes.map((node) => ({ node, ...startMachine(paths, lab, node) }));
  const holders = new Map(started.map(({ node, holder }) => [node.name, holder]));
  const state: NspawnState = { ...lab, nodes: lab.nodes.map((node) => ({ ...node, holder: holders.get(node.name) ?? node.holder })) };
  writeState(paths, { ...state, daemon: readState(paths)?.daemon });
  await Promise.all(
    started.map(async ({ node, child }) => {
      await waitForSsh(paths, node, child);
      onProgress({ type: "lab.node.up", node: node.name, address: node.address, port: node.port });
    }),
  );
  return { state, children: started.map(({ child }) => child) };
}

/**
 * Boots the machines of a served lab that have ended; the others, their network and the packages' proxy go on undisturbed.
 * @throws LAB_FAILED
 */
export async function bootMissing(paths: LabPaths, lab: NspawnState, onProgress: (fact: LabFact) => void): Promise<void> {
  const missing = lab.nodes.filter((node) => node.holder === undefined || !isRunning(node.holder));
  const clear = async (nodes: readonly NodeState[]): Promise<void> => {
    await Promise.all(nodes.map((node) => stopMachine(lab, node)));
  };
  // What a machine that ended by force has left in its cgroups holds its name and its files.
  await clear(missing);
  try {
    const { children } = await boot(paths, lab, missing, onProgress);
    for (const child of children) child.unref();
  } catch (error) {
    const names = new Set(missing.map(({ name }) => name));
    const now = readState(paths);
    await clear((now?.driver === "nspawn" ? now : lab).nodes.filter(({ name }) => names.has(name)));
    throw error;
  }
}

/**
 * Starts every machine of an nspawn lab, all or none, and serves packages to them.
 * @throws LAB_UNSUPPORTED, LAB_FAILED
 */
export async function serveNspawn(
  paths: LabPaths,
  wanted: NspawnState,
  onProgress: (fact: LabFact) => void,
): Promise<{ readonly state: NspawnState; stop(): Promise<void> }> {
  const distribution = hostDistribution();
  await ensurePrograms(onProgress);
  let proxy: AptProxy | undefined;
  const stop = async (): Promise<void> => {
    const now = readState(paths);
    await cleanNspawn(now?.driver === "nspawn" ? now : wanted);
    await proxy?.close();
  };
  try {
    await makeBridge(wanted);
    proxy = await startAptProxy(`${wanted.subnet}.1`, PROXY_PORT, join(wanted.cacheDir, "apt"));
    const base = await ensureBase(wanted.cacheDir, distribution, `http://${wanted.subnet}.1:${PROXY_PORT}`, onProgress);
    const { state } = await boot(paths, { ...wanted, base, mirror: distribution.mirror }, wanted.nodes, onProgress);
    return { state, stop };
  } catch (error) {
    await stop();
    if (error instanceof HalliganError) throw error;
    throw fail("LAB_FAILED", { message: "A machine of the lab did not start.", cause: String(error), error });
  }
}
