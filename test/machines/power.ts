import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { labUp } from "../../src/core/adapters/lab/lab.ts";
import { childrenOf, type ProcessIdentity, waitForEnd } from "../../src/core/adapters/lab/processes.ts";
import type { TestLab } from "../support/lab.ts";

/** Ends a machine of an nspawn lab as a power cut would: all of its processes at once, without a word. Returns when it is gone. */
export async function cutPower(lab: TestLab, name: string): Promise<void> {
  const state = JSON.parse(readFileSync(`${lab.folder}/.halligan/lab/lab.json`, "utf8")) as {
    readonly nodes: readonly { readonly name: string; readonly holder?: ProcessIdentity }[];
  };
  const holder = state.nodes.find((node) => node.name === name)?.holder;
  if (holder === undefined) throw new Error(`${name} is not up`);
  // With its first process every process of the machine goes; what holds it ends then by itself.
  const first = childrenOf(holder.pid).flatMap(childrenOf);
  if (first.length === 0) throw new Error(`${name} has no machine`);
  for (const pid of first) process.kill(pid, "SIGKILL");
  if (!(await waitForEnd([holder], 60_000))) throw new Error(`${name} is still there without its first process`);
}

/** Boots the machines again that are without power. */
export async function giveBack(lab: TestLab): Promise<void> {
  await until("the machines boot", async () => {
    await labUp({ folder: lab.folder, nodes: lab.status.nodes.length, driver: "nspawn", clusterName: "test-lab" });
    return true;
  });
}

/** Waits for a condition; an attempt that fails counts as not yet. Five minutes, since members of clusters wait for each other. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 300_000;
  let why: unknown;
  while (Date.now() < end) {
    try {
      if (await holds()) return;
    } catch (error) {
      why = error;
    }
    await sleep(1000);
  }
  throw new Error(`not in five minutes: ${what}`, { cause: why });
}
