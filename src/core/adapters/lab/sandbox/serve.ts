import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fail, HalliganError } from "../../../errors.ts";
import { hostKeyPath } from "../keys.ts";
import type { LabPaths, NodeState, SandboxState } from "../state.ts";
import type { LabFact } from "../types.ts";
import { prepareBase } from "./base.ts";
import { PipeMaker } from "./pipes.ts";
import { type Holder, HolderFailure, isFullRoot, startHolder } from "./holder.ts";
import { type LayoutPart, overlapsLayout, ownDirectories, sandboxLayout } from "./layout.ts";
import { type Mount, readMounts } from "./mounts.ts";
import { nodeScript } from "./script.ts";
import { startNodeServer } from "./server.ts";
import { sandboxUnsupported } from "./support.ts";

/** A running lab inside the daemon. */
export interface ServedLab {
  readonly state: SandboxState;
  stop(): Promise<void>;
}

interface Ground {
  readonly layout: readonly LayoutPart[];
  readonly mounts: readonly Mount[];
  readonly owner: "root" | "user";
  readonly ids: { readonly uid: number; readonly gid: number };
}

interface RunningNode {
  readonly state: NodeState;
  stop(): Promise<void>;
}

function survey(): Ground {
  const ids = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const owner = isFullRoot(ids.uid) ? "root" : "user";
  const mounts = readMounts();
  return { ids, owner, mounts, layout: sandboxLayout({ mounts, owner, readable: ownDirectories() }) };
}

async function startMachine(paths: LabPaths, ground: Ground, node: NodeState, storage: "disk" | "memory"): Promise<Holder> {
  const folder = join(paths.nodes, node.name);
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const { layout, mounts, owner, ids } = ground;
  const base = join(paths.lab, "base");
  const script = nodeScript({
    name: node.name,
    address: node.address,
    folder,
    base,
    layout,
    mounts,
    storage,
    owner,
    hide: join(paths.folder, ".halligan"),
    nodeBinary: process.execPath,
  });
  return await startHolder(script, ids);
}

async function startNode(paths: LabPaths, ground: Ground, node: NodeState, state: SandboxState, pipes: PipeMaker): Promise<RunningNode> {
  const holder = await startMachine(paths, ground, node, state.storage);
  try {
    const server = await startNodeServer({
      init: holder.init.pid,
      pipes,
      address: node.address,
      port: node.port,
      hostKey: readFileSync(hostKeyPath(paths, node.name), "utf8"),
      publicKey: readFileSync(paths.publicKey, "utf8"),
    });
    void holder.ended.then(() => server.close());
    return {
      state: { ...node, holder: holder.init },
      stop: async () => {
        await Promise.all([server.close(), holder.stop()]);
      },
    };
  } catch (error) {
    await holder.stop();
    throw error;
  }
}

function explain(error: unknown): unknown {
  if (error instanceof HalliganError) return error;
  if (error instanceof HolderFailure) return sandboxUnsupported(error.message);
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE")
    return fail("LAB_ADDRESS_TAKEN", { message: `Another process listens on an address of the lab: ${error.message}.` });
  return fail("LAB_FAILED", {
    message: "A node of the lab did not start.",
    cause: error instanceof Error ? error.message : String(error),
    error,
  });
}

/** Where nodes keep their changes: on disk if an overlay can have its upper layer there, else in memory. Found out by really trying. */
async function chooseStorage(paths: LabPaths, ground: Ground, node: NodeState): Promise<"disk" | "memory"> {
  if (overlapsLayout(ground.layout, paths.lab)) return "memory";
  try {
    await (await startMachine(paths, ground, node, "disk")).stop();
    return "disk";
  } catch (onDisk) {
    try {
      await (await startMachine(paths, ground, node, "memory")).stop();
      return "memory";
    } catch {
      throw onDisk;
    }
  }
}

/**
 * Starts every node of a sandbox lab in this process, all or none.
 * @throws LAB_UNSUPPORTED, LAB_ADDRESS_TAKEN, LAB_FAILED
 */
export async function serveSandbox(paths: LabPaths, wanted: SandboxState, onProgress: (fact: LabFact) => void): Promise<ServedLab> {
  const ground = survey();
  mkdirSync(paths.nodes, { recursive: true, mode: 0o755 });
  prepareBase(join(paths.lab, "base"), ground.layout, ground.owner);
  const pipes = new PipeMaker();
  let running: readonly RunningNode[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((node) => node.stop()));
  };
  try {
    const [first] = wanted.nodes;
    const state = { ...wanted, storage: first === undefined ? "disk" : await chooseStorage(paths, ground, first) } satisfies SandboxState;
    const started = await Promise.allSettled(
      state.nodes.map(async (node) => {
        const up = await startNode(paths, ground, node, state, pipes);
        onProgress({ type: "lab.node.up", node: node.name, address: node.address, port: node.port });
        return up;
      }),
    );
    running = started.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    const failed = started.find((each) => each.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    return { state: { ...state, nodes: running.map((node) => node.state) }, stop };
  } catch (error) {
    await stop();
    throw explain(error);
  }
}
