import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ensureClusterFile, inspectClusterFile } from "../../../../src/core/adapters/lab/cluster-file.ts";
import { ensureKeys, pinHostKeys, unpinHostKeys } from "../../../../src/core/adapters/lab/keys.ts";
import { withLock } from "../../../../src/core/adapters/lab/lock.ts";
import { identify, isRunning } from "../../../../src/core/adapters/lab/processes.ts";
import { type LabPaths, labPaths, readState, type SandboxState, writeState } from "../../../../src/core/adapters/lab/state.ts";

let folder: string;
let paths: LabPaths;
const lab: SandboxState = {
  version: 1,
  driver: "sandbox",
  clusterName: "lab-a",
  storage: "disk",
  nodes: ["n1", "n2", "n3"].map((name, index) => ({ name, address: `127.77.9.${index + 1}`, port: 2222 })),
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "halligan-lab-"));
  paths = labPaths(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a cluster file is written once, and one that a user extended is kept", () => {
  expect(ensureClusterFile(paths, lab)).toBe("written");
  const text = readFileSync(paths.clusterFile, "utf8");
  expect(text).toBe(`halligan: 1
cluster: lab-a
ssh: { user: root, key: ${JSON.stringify(paths.key)}, hostKeys: strict }
nodes:
  n1: { address: 127.77.9.1, port: 2222, labels: { tier: lb } }
  n2: { address: 127.77.9.2, port: 2222, labels: { tier: web } }
  n3: { address: 127.77.9.3, port: 2222, labels: { tier: client } }
`);
  writeFileSync(paths.clusterFile, `${text}deployments: {}\n`);
  expect(ensureClusterFile(paths, lab)).toBe("kept");
  writeFileSync(paths.clusterFile, "nodes: [oops\n");
  expect(inspectClusterFile(paths, lab)).toBe("other");
});

test("pinning replaces the lab's own lines and leaves other hosts alone", () => {
  ensureKeys(paths, ["n1", "n2", "n3"]);
  writeFileSync(paths.knownHosts, "example.org ssh-ed25519 AAAA\n[127.77.9.2]:2222 ssh-ed25519 OLD\n");
  pinHostKeys(paths, lab.nodes);
  const lines = readFileSync(paths.knownHosts, "utf8").trimEnd().split("\n");
  expect(lines).toHaveLength(4);
  expect(lines[0]).toBe("example.org ssh-ed25519 AAAA");
  expect(lines.join("\n")).not.toContain("OLD");
  unpinHostKeys(paths, lab.nodes);
  expect(readFileSync(paths.knownHosts, "utf8")).toBe("example.org ssh-ed25519 AAAA\n");
});

test("state survives writing and reading; a damaged file is a coded problem", () => {
  expect(readState(paths)).toBeUndefined();
  writeState(paths, lab);
  expect(readState(paths)).toEqual(lab);
  writeFileSync(paths.state, "{");
  expect(() => readState(paths)).toThrow(expect.objectContaining({ code: "LAB_STATE_INVALID" }));
});

test("a pid of another start time is another process", () => {
  const self = identify(process.pid);
  if (self === undefined) throw new Error("this process runs");
  expect(isRunning(self)).toBe(true);
  expect(isRunning({ ...self, started: `${self.started}0` })).toBe(false);
});

test("a lock is held once; one whose process has ended does not count", async () => {
  const path = join(folder, "lock");
  await withLock(path, async () => {
    await expect(withLock(path, async () => 1)).rejects.toMatchObject({ code: "LAB_BUSY" });
  });
  writeFileSync(path, "1 never\n");
  expect(await withLock(path, async () => 2)).toBe(2);
});
