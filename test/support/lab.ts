import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labDown, labUp } from "../../src/core/adapters/lab/lab.ts";
import type { LabDriver, LabFact, LabStatus, LabUpOptions } from "../../src/core/adapters/lab/types.ts";
import type { SshTarget } from "../../src/core/ports.ts";

/** A lab of its own for one test file. */
export interface TestLab {
  readonly status: LabStatus;
  readonly folder: string;
  /** How to reach each node as root, in order n1, n2, ... */
  readonly targets: readonly SshTarget[];
  readonly facts: readonly LabFact[];
  /** Stops the lab and removes its folder. */
  dispose(): Promise<void>;
}

async function start(driver: LabDriver, nodes: number, more: Pick<LabUpOptions, "providerNetwork" | "layer"> = {}): Promise<TestLab> {
  const folder = mkdtempSync(join(tmpdir(), "halligan-lab-"));
  const facts: LabFact[] = [];
  const dispose = async (): Promise<void> => {
    await labDown({ folder, discard: true });
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const status = await labUp({ folder, nodes, driver, clusterName: "test-lab", onProgress: (fact) => facts.push(fact), ...more });
    const targets = status.nodes.map(
      (node): SshTarget => ({
        node: node.name,
        address: node.address,
        port: node.port,
        user: "root",
        transport: "ssh2",
        keys: [status.key],
        jumps: [],
        hostKeys: "strict",
        knownHosts: { file: status.knownHosts, alsoRead: [] },
        connectTimeoutMs: 10_000,
      }),
    );
    return { status, folder, targets, facts, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Brings up a sandbox lab of `nodes` nodes in a folder of its own. */
export async function startSandbox(nodes: number): Promise<TestLab> {
  return await start("sandbox", nodes);
}

/** Brings up an nspawn lab (root, Debian or Ubuntu) of `nodes` machines in a folder of its own. */
export async function startNspawn(nodes: number, more: Pick<LabUpOptions, "providerNetwork" | "layer"> = {}): Promise<TestLab> {
  return await start("nspawn", nodes, more);
}
