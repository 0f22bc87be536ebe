import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { shippedBarclamps } from "../../core/adapters/files/find-barclamps.ts";
import { readLock } from "../../core/adapters/sources/lock-file.ts";
import type { NameKind } from "../../core/commands/local.ts";
import type { Series } from "../../core/run/numbers.ts";
import { expandRanges } from "../../core/model/range.ts";

const mostNames = 2000;
/** Older plans and runs are seldom typed. */
const mostIds = 20;

/**
 * Names for completion. Takes the file as it is: what cannot be read gives no names. Only YAML is read, nothing is checked, so it is fast.
 */
export async function readNames(clusterFile: string, kind: NameKind): Promise<readonly string[]> {
  try {
    const folder = dirname(clusterFile);
    if (kind === "barclamps") return await barclampNames(folder);
    if (kind === "rules") return await ruleNames(folder);
    if (kind === "runs" || kind === "plans" || kind === "nodeRoles") return await storedNames(folder, kind);
    if (kind === "revisions" || kind === "proposals") return await storedNames(folder, kind);
    if (kind === "requests") return await storedNames(folder, "approvals");
    if (kind === "targets") return [...(await readNames(clusterFile, "deployments")), ...(await storedNames(folder, "plans"))];
    if (kind === "logged") return [...(await storedNames(folder, "runs")), ...(await readNames(clusterFile, "nodes"))];
    // a key such as `ctl-[1-3]` is YAML, but the address beside it is not always; quotes do no harm
    const text = (await readFile(clusterFile, "utf8")).replace(/(address:\s*)([^\s,}"']+\[[^\s,}"']*)/gu, '$1"$2"');
    const file = parse(text) as Record<string, object>;
    if (kind === "secrets") return secretNames(file["deployments"] ?? {}).slice(0, mostNames);
    const keys = Object.keys(file[kind] ?? {});
    if (kind === "freezes") return [...(await setFreezes(folder)), ...keys].slice(0, mostNames);
    const names = kind === "nodes" ? keys.flatMap(expanded) : keys;
    return names.slice(0, mostNames);
  } catch {
    return [];
  }
}

/** The newest ids of the embedded store, or the node-roles of its newest plan. Nothing where there is no store: none is made. */
async function storedNames(folder: string, kind: Series | "nodeRoles"): Promise<readonly string[]> {
  const file = join(folder, ".halligan", "state.db");
  if (!existsSync(file)) return [];
  const [{ openStore }, { lastNumber }, { newestPlan }] = await Promise.all([
    import("../../core/adapters/store/open.ts"),
    import("../../core/run/numbers.ts"),
    import("../../core/run/requests.ts"),
  ]);
  const store = await openStore(file);
  try {
    if (kind === "nodeRoles") return ((await newestPlan(store))?.body.nodeRoles ?? []).map((each) => each.id);
    const last = await lastNumber(store, kind);
    const letter = { plans: "P", runs: "R", approvals: "A", revisions: "V", proposals: "D" }[kind];
    return Array.from({ length: Math.min(last, mostIds) }, (_, index) => `${letter}-${last - index}`);
  } finally {
    await store.close();
  }
}

/** Freezes that people set and that are not over. Nothing where there is no store: none is made. */
async function setFreezes(folder: string): Promise<readonly string[]> {
  const file = join(folder, ".halligan", "state.db");
  if (!existsSync(file)) return [];
  const [{ openStore }, { readFreezes }] = await Promise.all([
    import("../../core/adapters/store/open.ts"),
    import("../../core/authority/locks/freeze-state.ts"),
  ]);
  const store = await openStore(file);
  try {
    const now = Date.now();
    return [...(await readFreezes(store)).set.values()].filter((each) => now < each.until).map((each) => each.freeze);
  } finally {
    await store.close();
  }
}

/** Rules that come with Halligan, and the cluster's own. */
async function ruleNames(folder: string): Promise<readonly string[]> {
  const { readPolicySources } = await import("../../core/adapters/policy/read-sources.ts");
  const { shipped, own } = await readPolicySources(folder);
  return [...shipped, ...own].flatMap(({ text }) => {
    const { rules } = parse(text) as { readonly rules?: readonly { readonly id?: unknown }[] };
    return (rules ?? []).flatMap(({ id }) => (typeof id === "string" ? [id] : []));
  });
}

function secretNames(deployments: object): readonly string[] {
  return Object.entries(deployments as Readonly<Record<string, { readonly secrets?: object } | null>>).flatMap(([deployment, each]) =>
    Object.keys(each?.secrets ?? {}).map((name) => `${deployment}/${name}`),
  );
}

function expanded(key: string): readonly string[] {
  const range = expandRanges(key);
  return range.ok ? range.values : [];
}

async function barclampNames(folder: string): Promise<readonly string[]> {
  const lists = await Promise.all([join(folder, "barclamps"), shippedBarclamps()].map((each) => readdir(each).catch((): string[] => [])));
  const { barclamps } = await readLock(folder);
  return [...new Set([...lists.flat(), ...Object.keys(barclamps)])].filter((name) => !name.startsWith(".")).sort();
}
