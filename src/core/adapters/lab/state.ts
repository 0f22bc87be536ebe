import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { fail } from "../../errors.ts";
import { makePrivateFolder } from "../store/private-folder.ts";

const processIdentity = z.object({ pid: z.int(), started: z.string() });

const nodeState = z.object({
  name: z.string(),
  address: z.string(),
  port: z.int(),
  /** The process whose end is the node's end. */
  holder: processIdentity.optional(),
});

const common = {
  version: z.literal(1),
  clusterName: z.string(),
  daemon: processIdentity.optional(),
  nodes: z.array(nodeState),
};

const sandboxState = z.object({ ...common, driver: z.literal("sandbox"), storage: z.enum(["disk", "memory"]) });

const nspawnState = z.object({
  ...common,
  driver: z.literal("nspawn"),
  bridge: z.string(),
  /** The bridge of the second network, which has no address; absent = there is none. */
  provider: z.string().optional(),
  /** First three numbers of the nodes' /24, e.g. `10.77.0`. */
  subnet: z.string(),
  cacheDir: z.string(),
  base: z.string(),
  /** A folder that lies between the base and the nodes' own files; absent = there is none. */
  layer: z.string().optional(),
  mirror: z.string(),
});

const labState = z.discriminatedUnion("driver", [sandboxState, nspawnState]);

/** The content of `.halligan/lab/lab.json`. */
export type LabState = z.infer<typeof labState>;
/** The state of a sandbox lab. */
export type SandboxState = z.infer<typeof sandboxState>;
/** The state of an nspawn lab. */
export type NspawnState = z.infer<typeof nspawnState>;
/** One node in the state file. */
export type NodeState = z.infer<typeof nodeState>;

/** The places a lab uses in its folder, absolute. */
export interface LabPaths {
  readonly folder: string;
  readonly lab: string;
  readonly state: string;
  readonly log: string;
  readonly key: string;
  readonly publicKey: string;
  readonly hostKeys: string;
  readonly nodes: string;
  readonly knownHosts: string;
  readonly clusterFile: string;
}

/** Where things are in the lab of a folder. */
export function labPaths(folder: string): LabPaths {
  const root = resolve(folder);
  const lab = join(root, ".halligan", "lab");
  return {
    folder: root,
    lab,
    state: join(lab, "lab.json"),
    log: join(lab, "lab.log"),
    key: join(lab, "id_ed25519"),
    publicKey: join(lab, "id_ed25519.pub"),
    hostKeys: join(lab, "hostkeys"),
    nodes: join(lab, "nodes"),
    knownHosts: join(root, ".halligan", "known_hosts"),
    clusterFile: join(root, "cluster.yaml"),
  };
}

/** Reads the state file; `undefined` when there is no lab. @throws LAB_STATE_INVALID */
export function readState(paths: LabPaths): LabState | undefined {
  let text: string;
  try {
    text = readFileSync(paths.state, "utf8");
  } catch {
    return undefined;
  }
  try {
    return labState.parse(JSON.parse(text));
  } catch (error) {
    throw fail("LAB_STATE_INVALID", { message: `${paths.state} is damaged or was written by another version.`, error });
  }
}

/** Replaces a file in one step, so that no reader ever sees half of it. */
export function writeWhole(path: string, text: string, mode: number): void {
  makePrivateFolder(dirname(path));
  const draft = `${path}.${process.pid}.new`;
  writeFileSync(draft, text, { mode });
  renameSync(draft, path);
}

/** Writes the state file. */
export function writeState(paths: LabPaths, state: LabState): void {
  writeWhole(paths.state, `${JSON.stringify(state, undefined, 2)}\n`, 0o600);
}
