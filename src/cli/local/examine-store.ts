import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { openState } from "../../core/adapters/store/open.ts";
import type { Examination } from "../../core/commands/local.ts";
import { fail, HalliganError } from "../../core/errors.ts";
import { readYaml } from "../../core/files/yaml-tree.ts";
import type { Store } from "../../core/ports.ts";
import { openRuns } from "../../core/run/queue.ts";
import { siteWords } from "../../core/run/workers/places.ts";
import { readWorkers } from "../../core/run/workers/presence.ts";
import { findEngine } from "../house/engine-process.ts";
import type { StoreAbout } from "../../core/model/store-about.ts";
import { storeAccess } from "../house/store-access.ts";
import { programVersion } from "../program-version.ts";

/** The store of a cluster folder, or the one that `--state` names: whether it can be opened, and what its server's settings put at risk. */
export async function examineStore(folder: string, url: string | undefined): Promise<readonly Examination[]> {
  const file = join(folder, ".halligan", "state.db");
  try {
    if (url === undefined && !existsSync(file)) {
      accessSync(nearest(join(folder, ".halligan")), constants.W_OK);
      return [{ name: "store", verdict: "ok", found: `None yet; ${folder} can be written to.` }];
    }
    const { store, about } = await openState({ url: url ?? file, logs: join(folder, ".halligan", "logs") }, storeAccess(process.env));
    try {
      const [head, said] = await Promise.all([store.head(), about()]);
      return [
        { name: "store", verdict: "ok", found: `${said.where} can be opened; the newest event is ${head}.` },
        ...(await examineEngine(folder, store)),
        ...(await examineWorkers(store)),
        ...risksOf(said),
      ];
    } finally {
      await store.close();
    }
  } catch (error) {
    return [faultOf(error, folder)];
  }
}

/** Who holds the lease of the cluster's engine, and when they were heard of last. */
async function examineEngine(folder: string, store: Store): Promise<readonly Examination[]> {
  const file = join(folder, "cluster.yaml");
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const cluster = (readYaml(file, text).value as { readonly cluster?: unknown } | undefined)?.cluster;
  if (typeof cluster !== "string") return [];
  const engine = await findEngine(store, cluster);
  const open = (await openRuns(store)).filter(({ notBefore }) => notBefore === undefined || notBefore <= Date.now());
  if (engine !== undefined) {
    const silent = engine.heardAt === undefined ? "" : `, heard of ${Math.max(0, Math.round((Date.now() - engine.heardAt) / 1000))} s ago`;
    return [{ name: "engine", verdict: "ok", found: `Process ${engine.pid} on ${engine.host} holds the lease of ${cluster}${silent}.` }];
  }
  const [first] = open;
  if (first === undefined)
    return [{ name: "engine", verdict: "ok", found: `Nobody holds the lease of ${cluster}; no run waits for an engine.` }];
  const action = `Start one: \`halligan serve\`, or \`halligan watch ${first.run}\`, which sees to it that there is one.`;
  return [{ name: "engine", verdict: "warn", found: `${first.run} is open and nobody holds the lease of ${cluster}.`, action }];
}

/** Workers that take no jobs, or went without a word; on a store without workers nothing. */
async function examineWorkers(store: Store): Promise<readonly Examination[]> {
  const own = programVersion();
  return (await readWorkers(store)).map(({ name, site, host, concurrency, running, version, draining, problem, alive }): Examination => {
    const who = `${name} on ${host} (${siteWords(site ?? undefined)})`;
    if (!alive)
      return {
        name: "worker",
        verdict: "warn",
        found: `${who} went without a word; others do its work.`,
        action: `Start it again on ${host}, or look at its journal there (docs/workers.md).`,
      };
    if (version !== own) {
      const [{ code, message, hint }] = fail("WORKER_VERSION", { message: `${who} is of version ${version}, this is ${own}.` }).problems;
      return { name: "worker", verdict: "warn", found: `${code}: ${message}`, action: hint };
    }
    if (problem !== null)
      return { name: "worker", verdict: "warn", found: `${who} takes no jobs: ${problem.code}: ${problem.message}`, action: problem.hint };
    return { name: "worker", verdict: "ok", found: `${who}: ${running} of ${concurrency} jobs${draining ? ", takes nothing new" : ""}.` };
  });
}

function risksOf(about: StoreAbout): readonly Examination[] {
  if (about.kind === "embedded") return [];
  const risks = about.risks.map(
    ({ setting, loses, better }): Examination => ({
      name: "store",
      verdict: "warn",
      found: `Redis ${about.version} has \`${setting}\`, which can lose: ${loses}`,
      action: `Set \`${better}\` in the server's configuration.`,
    }),
  );
  if (about.unseen.length === 0) return risks;
  const action = "Let this user run CONFIG GET, or look at the server's configuration yourself (docs/store.md).";
  return [
    ...risks,
    { name: "store", verdict: "warn", found: `This user may not read ${about.unseen.join(" and ")} of the server.`, action },
  ];
}

function faultOf(error: unknown, folder: string): Examination {
  if (error instanceof HalliganError) {
    const [{ code, message, hint }] = error.problems;
    return { name: "store", verdict: "fail", found: `${code}: ${message}`, action: hint };
  }
  const action = "Give yourself the right to write there, or use `-f` with a file in a folder of your own.";
  return { name: "store", verdict: "fail", found: `${folder} cannot be written to.`, action };
}

/** The path itself, or the nearest folder above it that exists. */
export function nearest(path: string): string {
  return existsSync(path) || path === "/" ? path : nearest(dirname(path));
}
