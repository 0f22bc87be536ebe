import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readFileSync } from "node:fs";
import type { TestLab } from "./lab.ts";

/** Writes the deployments and barclamps of a test into a lab's folder, below the nodes that the lab wrote. Paths are relative to the folder. */
export function writeCluster(lab: TestLab, deployments: string, files: Readonly<Record<string, string>>): string {
  const file = join(lab.folder, "cluster.yaml");
  const [nodes = ""] = readFileSync(file, "utf8").split(/^deployments:/mu);
  writeFileSync(file, `${nodes.trimEnd()}\n${deployments}`);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(lab.folder, path)), { recursive: true });
    writeFileSync(join(lab.folder, path), text);
  }
  return file;
}
