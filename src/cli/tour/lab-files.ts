import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageFolder } from "../../core/adapters/files/package.ts";
import { fail } from "../../core/errors.ts";
import type { Scenario } from "./scenario.ts";

const mark = "# Written by `halligan lab tour`; the next tour writes it anew and keeps this one as cluster.yaml.before.\n";

/** Makes the lab's folder ready for a new tour. @throws `LAB_CLUSTER_EXISTS` when a person's own cluster file lies there. */
export function clearFolder(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "cluster.yaml");
  if (!existsSync(file)) return;
  if (!readFileSync(file, "utf8").startsWith(mark)) {
    throw fail("LAB_CLUSTER_EXISTS", {
      message: `${file} was not written by the tour and is left alone.`,
      hint: "Run the tour in another folder, or move the file away.",
    });
  }
  renameSync(file, `${file}.before`);
}

/** Forgets what an earlier tour knew of its nodes: they are made anew. */
export function forgetState(folder: string): void {
  rmSync(join(folder, ".halligan"), { recursive: true, force: true });
}

/** Writes the example's deployments below the nodes that the lab wrote. Returns the deployments' text. */
export function addDeployments(folder: string, { example }: Scenario): string {
  const file = join(folder, "cluster.yaml");
  const text = readFileSync(join(packageFolder(), "examples", example, "cluster.yaml"), "utf8");
  const deployments = text.slice(text.search(/^deployments:/mu));
  writeFileSync(file, `${mark}${readFileSync(file, "utf8").trimEnd()}\n${deployments}`);
  return deployments;
}

/** Replaces one piece of the cluster file's text, which must be there. Shows what a person would have edited. */
export function edit(folder: string, before: string, after: string): string {
  const file = join(folder, "cluster.yaml");
  const text = readFileSync(file, "utf8");
  if (!text.includes(before)) throw fail("BUG", { message: `The tour does not find "${before.trim()}" in ${file}.` });
  writeFileSync(
    file,
    text.replace(before, () => after),
  );
  const lines = (piece: string, sign: string): string =>
    piece
      .split("\n")
      .map((line) => `  ${sign} ${line.trim()}`)
      .join("\n");
  return `${lines(before, "-")}\n${lines(after, "+")}`;
}
