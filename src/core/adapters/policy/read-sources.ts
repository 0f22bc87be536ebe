import { lstat, readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import type { KeptSources } from "../../authority/policy/kept.ts";
import type { PolicySource } from "../../authority/policy/load-policy.ts";
import { fail } from "../../errors.ts";
import { maxYamlBytes } from "../../files/yaml-text.ts";
import { packageFolder } from "../files/package.ts";
import { unreadable } from "../files/read-cluster.ts";

/**
 * Policy files as they are now: `policy/*.yaml` of this package and of a cluster folder, each sorted by name. A folder that is not there has none;
 * one that cannot be read is a problem, because its rules would count for nothing. @throws `FILE_NOT_FOUND`, `FILE_TOO_LARGE`.
 */
export async function readPolicySources(clusterFolder: string): Promise<KeptSources> {
  const [shipped, own] = await Promise.all([readShipped(), readYamlFolder(join(clusterFolder, "policy"))]);
  return { shipped, own };
}

let shippedOnce: Promise<readonly PolicySource[]> | undefined;

/** They do not change while a program runs. */
function readShipped(): Promise<readonly PolicySource[]> {
  return (shippedOnce ??= readYamlFolder(join(packageFolder(), "policy")));
}

/** Fixtures of rules: those of a cluster folder, or (without one) of this package. @throws `FILE_NOT_FOUND`, `FILE_TOO_LARGE`. */
export async function readPolicyFixtures(clusterFolder: string | undefined): Promise<readonly PolicySource[]> {
  return await readYamlFolder(join(clusterFolder ?? packageFolder(), "policy", "fixtures"));
}

async function readYamlFolder(folder: string): Promise<readonly PolicySource[]> {
  const names = (await listed(folder)).filter((name) => /\.ya?ml$/u.test(name) && !name.startsWith(".")).sort();
  return Promise.all(names.map((name) => readOne(join(folder, name))));
}

async function listed(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const gone = typeof error === "object" && error !== null && "code" in error && error.code === "ENOENT";
    // A link that leads nowhere is there: whoever made it relies on rules.
    if (gone && (await lstat(folder).catch(() => undefined)) === undefined) return [];
    throw unreadable(error, folder);
  }
}

async function readOne(path: string): Promise<PolicySource> {
  try {
    const { size } = await stat(path);
    if (size > 4 * maxYamlBytes) throw fail("FILE_TOO_LARGE", { message: `${path} has ${size} bytes; that is no policy file.` });
    return { file: relative(process.cwd(), path) || path, text: await readFile(path, "utf8") };
  } catch (error) {
    throw unreadable(error, path);
  }
}
