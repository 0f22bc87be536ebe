import { stat } from "node:fs/promises";
import { HalliganError } from "../../core/errors.ts";
import type { LoadedCluster } from "../../core/house.ts";
import type { ApprovalPolicies } from "../../core/authority/approvals/effective.ts";
import type { Cluster } from "../../core/model/cluster.ts";
import type { FreezeWindow } from "../../core/model/freeze-window.ts";
import type { Digest } from "../../core/model/ids.ts";
import type { readFiles } from "./files.ts";

type ReadFiles = Awaited<ReturnType<typeof readFiles>>;

/** The cluster's files as they are now, for a process that stays while they are edited. */
export interface FreshFiles {
  /** Reads all files and remembers what was read, for the questions below. @throws everything that is wrong with them. */
  read(): Promise<ReadFiles>;
  /** Freeze windows of the cluster file. While it cannot be read as a whole, those that were read last count. */
  windows(): Promise<readonly FreezeWindow[]>;
  /** Approvals blocks of the cluster file, by deployment; those that were read last while it cannot be read. */
  approvals(): Promise<ApprovalPolicies>;
  /** Digest of all files. What was read a moment ago is good enough when it is what is expected. @throws everything that is wrong with them. */
  revision(expected: Digest): Promise<Digest>;
}

/** What was read is good for this long where it is not known which files it depends on. */
const goodForMs = 1_000;

/** Reads anew what may have changed. `readAll` reads all files; `now` gives ms. */
export function createFreshFiles(file: string, readAll: () => Promise<ReadFiles>, now: () => number): FreshFiles {
  let last: { readonly loaded: LoadedCluster; readonly stamp: string; readonly at: number } | undefined;
  const stampNow = async (): Promise<string> => {
    const { mtimeMs, size, ino } = await stat(file);
    return `${mtimeMs} ${size} ${ino}`;
  };
  const read = async (): Promise<ReadFiles> => {
    const stamp = await stampNow().catch(() => "gone"); // reading it says what is wrong
    const files = await readAll();
    last = { loaded: files.loaded, stamp, at: now() };
    return files;
  };
  const cluster = async (): Promise<Cluster> => {
    const stamp = await stampNow().catch(() => "gone");
    if (last !== undefined && last.stamp === stamp) return last.loaded.cluster;
    try {
      return (await read()).loaded.cluster;
    } catch (error) {
      if (last === undefined || !(error instanceof HalliganError)) throw error;
      return last.loaded.cluster;
    }
  };
  return {
    read,
    windows: async () => (await cluster()).freezes ?? [],
    async approvals() {
      const { deployments } = await cluster();
      return new Map(deployments.flatMap(({ name, approvals }) => (approvals === undefined ? [] : [[name, approvals] as const])));
    },
    async revision(expected) {
      if (last?.loaded.revision === expected && Math.abs(now() - last.at) < goodForMs) return expected;
      return (await read()).loaded.revision;
    },
  };
}
