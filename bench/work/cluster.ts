import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Rig } from "../rig/nodes.ts";

/** Makes an archive of ten small files, the same bytes each time. */
export function makeArchive(folder: string): Uint8Array {
  const app = join(folder, "app");
  for (const part of ["bin", "conf", "lib"]) mkdirSync(join(app, part), { recursive: true });
  const files = {
    VERSION: "1.4.2\n",
    README: "The application of the overhead benchmark.\n",
    "bin/hgbenchctl": "#!/bin/sh\necho ok\n",
    ...Object.fromEntries(["a", "b", "c"].map((name) => [`conf/${name}.ini`, `[${name}]\nenabled = true\n`])),
    ...Object.fromEntries(["a", "b", "c", "d"].map((name) => [`lib/${name}.txt`, `${name}\n`.repeat(200)])),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(app, name), text, { mode: name.startsWith("bin/") ? 0o755 : 0o644 });
  const file = join(folder, "app.tar.gz");
  const how = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--mode=u=rwX,go=rX", "--use-compress-program=gzip -n"];
  execFileSync("tar", [...how, "-cf", file, "-C", app, "."]);
  return readFileSync(file);
}

/** Writes the archive to a file of this folder, for those who read it from there. */
export function makeArchiveFile(folder: string, archive: Uint8Array): string {
  const file = join(folder, "release.tar.gz");
  writeFileSync(file, archive);
  return file;
}

/** Writes a cluster folder for the rig: cluster file, the barclamp with its archive, pinned host keys. */
export function writeCluster(folder: string, rig: Rig, archive: Uint8Array): void {
  const barclamp = join(folder, "barclamps/hgbench");
  cpSync(join(import.meta.dirname, "hgbench"), barclamp, { recursive: true });
  mkdirSync(join(barclamp, "files"));
  writeFileSync(join(barclamp, "files/app.tar.gz"), archive);
  writeClusterFile(folder, rig, ["bench-app"]);
}

/** Writes the cluster file of a rig with these roles on all nodes, and the pinned host keys. */
export function writeClusterFile(folder: string, rig: Rig, roles: readonly string[]): void {
  mkdirSync(join(folder, ".halligan"), { mode: 0o700 });
  copyFileSync(rig.knownHosts, join(folder, ".halligan/known_hosts"));
  const nodes = rig.nodes.map(({ name, address, port }) => `  ${name}: { address: ${address}, port: ${port} }`);
  const head = ["halligan: 1", "cluster: bench", `ssh: { user: root, key: ${rig.key}, hostKeys: strict }`, "nodes:"];
  const deployments = ["deployments:", "  bench:", "    place:", ...roles.map((role) => `      ${role}: { on: all }`)];
  writeFileSync(join(folder, "cluster.yaml"), [...head, ...nodes, ...deployments, ""].join("\n"));
}
