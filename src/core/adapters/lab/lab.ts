import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, closeSync, existsSync, openSync } from "node:fs";
import { join, resolve } from "node:path";
import { fail, HalliganError, hasCode, type Problem, problem } from "../../errors.ts";
import { programFile } from "../files/package.ts";
import { ensureClusterFile, inspectClusterFile } from "./cluster-file.ts";
import type { DaemonMessage } from "./daemon.ts";
import { ensureKeys, pinHostKeys, unpinHostKeys } from "./keys.ts";
import { withLock } from "./lock.ts";
import { hostDistribution } from "./nspawn/base.ts";
import { bootMissing, bridgeName, cleanNspawn } from "./nspawn/serve.ts";
import { claimSubnet } from "./nspawn/subnet.ts";
import { removeTree } from "./remove-tree.ts";
import { endProcess, isRunning } from "./processes.ts";
import { makePrivateFolder } from "../store/private-folder.ts";
import { chooseAddresses, SANDBOX_PORT } from "./sandbox/addresses.ts";
import { type LabPaths, type LabState, labPaths, type NspawnState, readState, type SandboxState, writeState } from "./state.ts";
import type { LabDownOptions, LabPlace, LabStatus, LabUpOptions } from "./types.ts";

function statusOf(paths: LabPaths, lab: LabState, cluster: LabStatus["cluster"]): LabStatus {
  const daemonUp = lab.daemon !== undefined && isRunning(lab.daemon);
  const nodes = lab.nodes.map((node) => ({
    name: node.name,
    address: node.address,
    port: node.port,
    state: daemonUp && node.holder !== undefined && isRunning(node.holder) ? ("up" as const) : ("down" as const),
    pid: node.holder?.pid ?? 0,
  }));
  const up = nodes.filter((node) => node.state === "up").length;
  const notices: readonly Problem[] =
    cluster === "other"
      ? [
          problem("LAB_CLUSTER_EXISTS", {
            message: `${paths.clusterFile} exists and does not name the nodes of the lab; it was left alone.`,
          }),
        ]
      : [];
  return {
    driver: lab.driver,
    clusterName: lab.clusterName,
    state: up === 0 ? "down" : up === nodes.length ? "up" : "partial",
    nodes,
    daemonPid: daemonUp ? (lab.daemon?.pid ?? 0) : 0,
    clusterFile: paths.clusterFile,
    cluster,
    key: paths.key,
    knownHosts: paths.knownHosts,
    keepsFiles: lab.driver === "nspawn" || lab.storage === "disk",
    notices,
  };
}

function checkOptions(options: LabUpOptions): void {
  const problems: Problem[] = [];
  if (!Number.isInteger(options.nodes) || options.nodes < 1 || options.nodes > 100)
    problems.push(problem("LAB_NODES_INVALID", { message: `A lab has 1 to 100 nodes, not ${options.nodes}.` }));
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(options.clusterName))
    problems.push(problem("LAB_NODES_INVALID", { message: `${JSON.stringify(options.clusterName)} is not a name for a cluster.` }));
  const [first, ...rest] = problems;
  if (first !== undefined) throw new HalliganError([first, ...rest]);
  if (options.driver === "sandbox" && options.providerNetwork === true)
    throw fail("LAB_UNSUPPORTED", {
      message: "The sandbox driver has no second network.",
      hint: "Use `--driver nspawn` with `--provider-network`.",
    });
  if (options.layer !== undefined) checkLayer(options.driver, options.layer);
  if (process.platform !== "linux")
    throw fail("LAB_UNSUPPORTED", {
      message: `A lab needs Linux; this is ${process.platform}.`,
      hint: "Run it on a Linux machine or in a virtual machine.",
    });
}

/** A layer is a tree like that of a machine, at a path that mount can be told. @throws LAB_UNSUPPORTED, LAB_LAYER_INVALID */
function checkLayer(driver: LabUpOptions["driver"], layer: string): void {
  if (driver === "sandbox")
    throw fail("LAB_UNSUPPORTED", {
      message: "The sandbox driver has no layers: its nodes are views of this machine.",
      hint: "Use `--driver nspawn` with `--layer`.",
    });
  const folder = resolve(layer);
  if (/[:,\\]/u.test(folder) || !["usr", "etc", "var"].some((name) => existsSync(join(folder, name))))
    throw fail("LAB_LAYER_INVALID", {
      message: `${folder} is no tree of a machine: it has neither usr, etc nor var, or : , or \\ in its name.`,
    });
}

function layerOf(lab: LabState | undefined): string | undefined {
  return lab?.driver === "nspawn" ? lab.layer : undefined;
}

async function newSandbox(paths: LabPaths, options: LabUpOptions, before: LabState | undefined): Promise<SandboxState> {
  const same = before?.driver === "sandbox" && before.nodes.length === options.nodes;
  const addresses = same ? before.nodes.map((node) => node.address) : await chooseAddresses(paths.folder, options.nodes);
  const nodes = addresses.map((address, index) => ({ name: `n${index + 1}`, address, port: SANDBOX_PORT }));
  return { version: 1, driver: "sandbox", clusterName: options.clusterName, nodes, storage: "disk" };
}

function hasProvider(lab: LabState | undefined): boolean {
  return lab?.driver === "nspawn" && lab.provider !== undefined;
}

function newNspawn(paths: LabPaths, options: LabUpOptions, before: LabState | undefined): NspawnState {
  hostDistribution();
  const subnet = claimSubnet(before?.driver === "nspawn" ? before.subnet : undefined, paths.folder);
  const bridge = bridgeName(paths.folder);
  const nodes = Array.from({ length: options.nodes }, (_, index) => ({
    name: `n${index + 1}`,
    address: `${subnet}.${index + 11}`,
    port: 22,
  }));
  const cacheDir = resolve(options.cacheDir ?? "/var/cache/halligan");
  const below = options.layer === undefined ? layerOf(before) : resolve(options.layer);
  const provider = options.providerNetwork === true || hasProvider(before) ? { provider: `${bridge}p` } : {};
  return {
    version: 1,
    driver: "nspawn",
    clusterName: options.clusterName,
    nodes,
    bridge,
    ...provider,
    subnet,
    cacheDir,
    base: "",
    ...(below === undefined ? {} : { layer: below }),
    mirror: "",
  };
}

/** Ends what a lab left running: its daemon, and holders that a killed daemon left behind. */
async function stopProcesses(lab: LabState): Promise<void> {
  if (lab.daemon !== undefined) await endProcess(lab.daemon, "SIGTERM", 60_000);
  if (lab.driver === "nspawn") await cleanNspawn(lab);
  await Promise.all(lab.nodes.map((node) => (node.holder === undefined ? undefined : endProcess(node.holder, "SIGKILL", 5_000))));
}

function startDaemon(paths: LabPaths): ChildProcess {
  const log = openSync(paths.log, "a", 0o600);
  const child = spawn(process.execPath, [programFile("core/adapters/lab/daemon"), paths.folder], {
    detached: true,
    stdio: ["ignore", log, log, "ipc"],
    cwd: "/",
  });
  closeSync(log);
  return child;
}

async function waitUntilReady(child: ChildProcess, paths: LabPaths, options: LabUpOptions): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) =>
      reject(
        fail("LAB_FAILED", {
          message: `The lab's daemon ended with ${code ?? "a signal"} before the nodes were up.`,
          hint: `Read ${paths.log}.`,
        }),
      ),
    );
    child.on("message", (raw) => {
      const message = raw as DaemonMessage;
      if (message.kind === "fact") options.onProgress?.(message.fact);
      else if (message.kind === "ready") resolve();
      else reject(new HalliganError(message.problems));
    });
  }).finally(() => {
    if (child.connected) child.disconnect();
    child.unref();
  });
}

/** Boots what is missing of an nspawn lab whose daemon serves: what is up must not notice. */
async function bringBack(paths: LabPaths, lab: NspawnState, options: LabUpOptions): Promise<LabStatus> {
  const started = performance.now();
  let booted = 0;
  await bootMissing(paths, lab, (fact) => {
    booted += 1;
    options.onProgress?.(fact);
  });
  options.onProgress?.({ type: "lab.up", nodes: booted, ms: performance.now() - started });
  const now = readState(paths) ?? lab;
  return statusOf(paths, now, ensureClusterFile(paths, now));
}

/** Chooses addresses and starts the daemon on them. Between the two another lab may have taken them: then others are chosen, twice at most. */
async function startChosen(paths: LabPaths, options: LabUpOptions, before: LabState | undefined, choices = 3): Promise<LabState> {
  const wanted = options.driver === "sandbox" ? await newSandbox(paths, options, before) : newNspawn(paths, options, before);
  ensureKeys(
    paths,
    wanted.nodes.map((node) => node.name),
  );
  writeState(paths, wanted);
  const child = startDaemon(paths);
  try {
    await waitUntilReady(child, paths, options);
  } catch (error) {
    await stopProcesses(readState(paths) ?? wanted);
    writeState(paths, wanted);
    // Addresses of an earlier start stand in the cluster file: they are kept.
    if (before !== undefined || choices <= 1 || !hasCode(error, "LAB_ADDRESS_TAKEN")) throw error;
    return await startChosen(paths, options, before, choices - 1);
  }
  return readState(paths) ?? wanted;
}

async function bringUp(paths: LabPaths, options: LabUpOptions): Promise<LabStatus> {
  const started = performance.now();
  const before = readState(paths);
  if (before !== undefined) {
    const status = statusOf(paths, before, inspectClusterFile(paths, before));
    if (status.state !== "down" && (before.driver !== options.driver || before.nodes.length !== options.nodes))
      throw fail("LAB_DIFFERS", { message: `A ${before.driver} lab of ${before.nodes.length} nodes is up in ${paths.folder}.` });
    if (status.state !== "down" && options.providerNetwork === true && !hasProvider(before))
      throw fail("LAB_DIFFERS", { message: `The lab that is up in ${paths.folder} has no second network.` });
    if (options.layer !== undefined && resolve(options.layer) !== layerOf(before))
      throw fail("LAB_DIFFERS", {
        message: `The nodes of the lab in ${paths.folder} were made ${layerOf(before) === undefined ? "without a layer" : `on ${layerOf(before)}`}, and go on with that.`,
        hint: "`halligan lab down --discard` forgets them; then bring the lab up anew.",
      });
    if (status.state === "up") return { ...status, cluster: ensureClusterFile(paths, before) };
    if (status.state === "partial" && before.driver === "nspawn") return await bringBack(paths, before, options);
    await stopProcesses(before);
  }
  options.onProgress?.({ type: "lab.starting", driver: options.driver, nodes: options.nodes });
  const lab = await startChosen(paths, options, before);
  pinHostKeys(paths, lab.nodes);
  options.onProgress?.({ type: "lab.up", nodes: lab.nodes.length, ms: performance.now() - started });
  return statusOf(paths, lab, ensureClusterFile(paths, lab));
}

/**
 * Brings up the lab of a folder and writes its `cluster.yaml`, key and pinned host keys. Does nothing when it is up already. What a failed
 * start had begun is stopped again.
 * @throws LAB_UNSUPPORTED, LAB_NODES_INVALID, LAB_DIFFERS, LAB_BUSY, LAB_ADDRESS_TAKEN, LAB_FAILED, LAB_STATE_INVALID
 */
export async function labUp(options: LabUpOptions): Promise<LabStatus> {
  checkOptions(options);
  const paths = labPaths(options.folder);
  makePrivateFolder(paths.lab);
  chmodSync(paths.lab, 0o700);
  return await withLock(join(paths.lab, "lock"), () => bringUp(paths, options));
}

/**
 * Stops everything that `labUp` started in this folder. The nodes' files stay for the next `up` unless `discard` is set.
 * Returns what the lab is then, or `undefined` when the folder has none. @throws LAB_BUSY, LAB_STATE_INVALID
 */
export async function labDown(options: LabDownOptions): Promise<LabStatus | undefined> {
  const paths = labPaths(options.folder);
  const started = performance.now();
  const lab = readState(paths);
  if (lab === undefined) return undefined;
  return await withLock(join(paths.lab, "lock"), async () => {
    await stopProcesses(lab);
    for (const node of lab.nodes) options.onProgress?.({ type: "lab.node.down", node: node.name });
    const { daemon: _daemon, ...rest } = lab;
    const down: LabState = { ...rest, nodes: lab.nodes.map(({ name, address, port }) => ({ name, address, port })) };
    if (options.discard === true) {
      unpinHostKeys(paths, lab.nodes);
      removeTree(paths.lab);
    } else writeState(paths, down);
    options.onProgress?.({ type: "lab.down", nodes: lab.nodes.length, ms: performance.now() - started });
    return statusOf(paths, down, inspectClusterFile(paths, down));
  });
}

/** What the lab of a folder is now; `undefined` when there is none. @throws LAB_STATE_INVALID */
export async function labStatus(options: LabPlace): Promise<LabStatus | undefined> {
  const paths = labPaths(options.folder);
  const lab = readState(paths);
  return lab === undefined ? undefined : statusOf(paths, lab, inspectClusterFile(paths, lab));
}
