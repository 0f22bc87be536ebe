import { readdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { ServedCluster } from "../../bot/ports.ts";
import type { Local } from "../../core/commands/local.ts";
import { fail, HalliganError, problem } from "../../core/errors.ts";
import { type OpenedHouse, openHouse } from "../house/house.ts";
import { localPrincipal } from "../house/principal.ts";
import { lazyLocal } from "../local/lazy.ts";
import { userName } from "../user-name.ts";
import { createSettingsReader } from "./settings.ts";

/** A cluster that is served, with what is to be closed. */
export interface Opened extends ServedCluster {
  readonly house: OpenedHouse;
}

/** Which clusters are to be served. */
export interface ServedWish {
  /** Cluster files, as typed. */
  readonly files: readonly string[];
  /** A folder whose folders hold a `cluster.yaml`. */
  readonly folder: string | undefined;
  readonly stateUrl: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Opens every cluster, sorted by name. @throws `SERVE_CLUSTERS` and everything that is wrong with their files, of all clusters at once. */
export async function openServed(wish: ServedWish): Promise<ReadonlyMap<string, Opened>> {
  const files = await clusterFiles(wish);
  if (wish.stateUrl !== undefined && files.length > 1)
    throw fail("SERVE_CLUSTERS", {
      message: "--state names one store, and a store holds one cluster.",
      hint: "Start one `halligan serve` per store.",
    });
  const opened = await Promise.allSettled(files.map((file) => openOne(file, wish)));
  const failed = opened.flatMap((each) => (each.status === "rejected" ? [each.reason as unknown] : []));
  const clusters = opened.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  const twice = clusters.filter((each, index) => clusters.findIndex(({ name }) => name === each.name) !== index);
  if (failed.length > 0 || twice.length > 0) {
    await Promise.all(clusters.map(({ house }) => house.close()));
    for (const error of failed) if (!(error instanceof HalliganError)) throw error;
    const [first, ...others] = [
      ...failed.flatMap((error) => (error instanceof HalliganError ? error.problems : [])),
      ...twice.map(({ name, house }) => problem("SERVE_CLUSTERS", { message: `${house.file} is a second cluster called ${name}.` })),
    ];
    if (first !== undefined) throw new HalliganError([first, ...others]);
  }
  return new Map(clusters.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map((each) => [each.name, each]));
}

async function clusterFiles({ files, folder }: ServedWish): Promise<readonly string[]> {
  if (folder === undefined) return [...new Set((files.length === 0 ? ["cluster.yaml"] : files).map((file) => resolve(file)))];
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw fail("SERVE_CLUSTERS", { message: `The folder ${folder} cannot be read.`, cause: String(error), error });
  });
  const candidates = entries
    .filter((each) => each.isDirectory() || each.isSymbolicLink())
    .map(({ name }) => resolve(folder, name, "cluster.yaml"));
  const isThere = await Promise.all(
    candidates.map(
      async (file) =>
        await stat(file).then(
          () => true,
          () => false,
        ),
    ),
  );
  const found = candidates.filter((_, index) => isThere[index]);
  if (found.length + files.length === 0) throw fail("SERVE_CLUSTERS", { message: `No folder in ${folder} holds a cluster.yaml.` });
  return [...new Set([...files.map((file) => resolve(file)), ...found.toSorted()])];
}

async function openOne(file: string, { stateUrl, environment }: ServedWish): Promise<Opened> {
  const folder = dirname(file);
  const user = userName();
  const house = await openHouse({
    file,
    folder,
    stateUrl,
    user,
    prove: () => Promise.resolve(localPrincipal()),
    environment,
    ask: () => Promise.resolve(undefined),
    stays: true,
  });
  try {
    const { cluster } = await house.load();
    const local = askingNobody(lazyLocal(file, user, stateUrl === undefined ? {} : { state: stateUrl }));
    return { name: cluster.name, house, local, as: (principal) => house.as(principal), settings: createSettingsReader(folder) };
  } catch (error) {
    await house.close();
    throw error;
  }
}

/** What a terminal would be needed for gives nothing: nobody sits before this process. */
export function askingNobody(local: Local): Local {
  const needsTerminal = (what: string): never => {
    throw fail("CHAT_NOT_HERE", { message: `${what} needs a terminal.` });
  };
  return {
    ...local,
    zone: local.zone,
    askHidden: () => Promise.resolve(undefined),
    tui: () => Promise.resolve(needsTerminal("The terminal UI")),
    labTour: () => Promise.resolve(needsTerminal("The tour")),
  };
}
