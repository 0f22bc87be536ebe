import { lstatSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type FoundBarclamp, type FoundBarclamps, findBarclamps, readFoundBarclamp } from "../../core/adapters/files/find-barclamps.ts";
import { readClusterFolder } from "../../core/adapters/files/read-cluster.ts";
import { readPeopleFile } from "../../core/adapters/files/read-people.ts";
import { AtHand } from "../../core/at-hand.ts";
import { HalliganError, type Problem, fail } from "../../core/errors.ts";
import { carryCluster } from "../../core/files/carry-cluster.ts";
import { deprecations } from "../../core/files/deprecations.ts";
import { loadBarclamp } from "../../core/files/load-barclamp.ts";
import { loadCluster } from "../../core/files/load-cluster.ts";
import { barclampsNamed, validateCluster } from "../../core/files/validate-cluster.ts";
import type { LoadedCluster } from "../../core/house.ts";
import { noteRevision, type RevisionEntry, type Seen } from "../../core/intent/revisions.ts";
import { stepKinds } from "../../core/jigs/shell/kinds/index.ts";
import type { Barclamp } from "../../core/model/barclamp.ts";
import type { Cluster } from "../../core/model/cluster.ts";
import type { Digest } from "../../core/model/ids.ts";
import type { MigrationStep } from "../../core/model/migration-file.ts";
import type { Store } from "../../core/ports.ts";
import {
  type BundleFiles,
  type RevisedBarclamp,
  type Revision,
  keepRevision,
  readRevision,
  revisionDigest,
} from "../../core/run/revision.ts";

/** Defaults that are not in the file. */
export interface FileDefaults {
  readonly user: string;
}

/** A barclamp's files, whether the cluster folder brings it, and what the lock file says of settings that it needs carried over. */
interface Source {
  readonly folder: string;
  readonly files: BundleFiles;
  readonly own: boolean;
  readonly carry?: readonly MigrationStep[];
}

/** A cluster file and what it says, before it is judged with its barclamps. */
interface Written {
  readonly file: string;
  readonly text: string;
  readonly cluster?: Cluster;
  readonly problems: readonly Problem[];
}

/** What was judged: the cluster as the barclamps want it, or what is wrong. */
interface Judged {
  readonly cluster?: Cluster;
  readonly barclamps: ReadonlyMap<string, Barclamp>;
  readonly problems: readonly Problem[];
  readonly notices: readonly Problem[];
}

/** The files of a cluster folder, read once. */
interface ReadFiles {
  readonly loaded: LoadedCluster;
  readonly revision: Revision;
  readonly bundles: ReadonlyMap<Digest, BundleFiles>;
}

/** Reads and checks a cluster file, or a text in its place, and every barclamp that is there. @throws all problems at once. */
export async function readFiles(file: string, defaults: FileDefaults, instead?: string): Promise<ReadFiles> {
  const text = instead ?? (await readClusterFolder(file)).text;
  const folder = dirname(file);
  const others = [...(await peopleProblems(folder)), ...(await policyProblems(folder))];
  const before = last?.written.file === file && last.user === defaults.user ? last : undefined;
  const written = before?.written.text === text ? before.written : readText(file, text, defaults);
  const found = await findBarclamps(folder);
  const judgeWith = async (barclamps: FoundBarclamps["barclamps"]): Promise<ReadFiles> => {
    const { sources, problems } = await readSources(folder, barclamps);
    const judged = before?.written === written && isDeepStrictEqual(before.sources, sources) ? before.judged : judge(written, sources);
    last = { written, user: defaults.user, sources, judged };
    // Problems are told with everything known that there is.
    if (judged.problems.length > 0 && barclamps.size < found.barclamps.size) return await judgeWith(found.barclamps);
    return settle(written, judged, sources, [...found.problems, ...problems, ...others]);
  };
  const files = await judgeWith(likelyBarclamps(written, found.barclamps));
  read.keep(readingOf(files.loaded.revision, file, defaults), files.loaded);
  return files;
}

/** What was read and judged last: files that are the same byte by byte are not parsed again, as by the engine of a run that was just planned. */
let last:
  | {
      readonly written: Written;
      readonly user: string;
      readonly sources: ReadonlyMap<string, Source>;
      readonly judged: Judged;
    }
  | undefined;

/** What was read from files: an engine carries out what has just been planned, and reading a large cluster takes a while. */
const read = new AtHand<LoadedCluster>();

function readingOf(revision: Digest, file: string, { user }: FileDefaults): string {
  return [revision, file, user].join("\n");
}

/** The files of barclamps. Problems: those of barclamps that the lock file names. */
async function readSources(
  folder: string,
  barclamps: FoundBarclamps["barclamps"],
): Promise<{ readonly sources: ReadonlyMap<string, Source>; readonly problems: readonly Problem[] }> {
  const sources = new Map<string, Source>();
  const found: Problem[] = [];
  for (const [name, each] of barclamps) {
    try {
      const files = await readFoundBarclamp(folder, name, each);
      const carry = each.origin === "fetched" && each.locked.carry !== undefined ? { carry: each.locked.carry } : {};
      sources.set(name, { folder: each.folder, files, own: each.origin !== "shipped", ...carry });
    } catch (error) {
      if (!(error instanceof HalliganError)) throw error;
      found.push(...error.problems);
    }
  }
  return { sources, problems: found };
}

/** What is wrong with people.yaml: told along with everything else. */
async function peopleProblems(folder: string): Promise<readonly Problem[]> {
  const read = await readPeopleFile(folder);
  if (read === undefined) return [];
  const { loadPeople } = await import("../../core/files/load-people.ts");
  return loadPeople({ file: relative(process.cwd(), read.file) || read.file, text: read.text }).problems;
}

/** What is wrong with the rules in policy/. */
async function policyProblems(folder: string): Promise<readonly Problem[]> {
  if (lstatSync(join(folder, "policy"), { throwIfNoEntry: false }) === undefined) return [];
  const [{ readPolicySources }, { loadPolicy }] = await Promise.all([
    import("../../core/adapters/policy/read-sources.ts"),
    import("../../core/authority/policy/load-policy.ts"),
  ]);
  const { shipped, own } = await readPolicySources(folder);
  return loadPolicy(shipped, own).problems;
}

/** Keeps what was read, so that another process, or this one later, can carry out plans made from it, and gives it its number. */
export async function keepFiles(store: Store, { revision, bundles }: ReadFiles, seen: Seen): Promise<RevisionEntry> {
  return await noteRevision(store, await keepRevision(store, revision, bundles), revision, seen);
}

/** The files as they were when a plan was made. @throws `PLAN_OUTDATED` when the store does not have them. */
export async function readKept(store: Store, digest: Digest, file: string, defaults: FileDefaults): Promise<LoadedCluster> {
  const known = read.find(readingOf(digest, file, defaults));
  if (known !== undefined) return known;
  const kept = await readRevision(store, digest);
  if (kept === undefined) throw fail("PLAN_OUTDATED", { message: "The files from which the plan was made are not in the store." });
  const sources = new Map(
    [...kept.bundles].map(([name, files]): [string, Source] => {
      const { folder = name, carry } = kept.revision.barclamps[name] ?? {};
      return [name, { folder, files, own: true, ...(carry === undefined ? {} : { carry }) }];
    }),
  );
  const written = readText(file, kept.revision.text, defaults);
  return settle(written, judge(written, sources), sources).loaded;
}

function readText(file: string, text: string, defaults: FileDefaults): Written {
  return { file, text, ...loadCluster({ file: relative(process.cwd(), file) || file, text, defaults }) };
}

/** What was judged, unless there is a problem. @throws all of them */
function settle(written: Written, judged: Judged, sources: ReadonlyMap<string, Source>, others: readonly Problem[] = []): ReadFiles {
  // What cannot be read explains roles and barclamps that are not known better than these do.
  const [first, ...rest] = others.some((each) => unread.has(each.code))
    ? [...others, ...written.problems]
    : [...judged.problems, ...others];
  if (first !== undefined) throw new HalliganError([first, ...rest]);
  if (judged.cluster === undefined) throw fail("BUG", { message: `${written.file} gave neither a cluster nor a problem.` });
  return together(written, judged.cluster, judged, sources);
}

const unread: ReadonlySet<string> = new Set(["BARCLAMP_NOT_FETCHED", "BARCLAMP_ALTERED", "SOURCE_INVALID"]);

/**
 * All but the shipped barclamps that have none of the placed roles and that the cluster file does not name: reading and checking them would take longer than
 * all the rest. One that is missed is found once its absence is a problem.
 */
function likelyBarclamps({ cluster, text }: Written, found: FoundBarclamps["barclamps"]): FoundBarclamps["barclamps"] {
  if (cluster === undefined) return found;
  const roles = new Set(cluster.deployments.flatMap((deployment) => deployment.place.map((each) => each.role)));
  const isNamed = (name: string): boolean => text.includes(name) && new RegExp(`(?<![a-z0-9-])${name}(?![a-z0-9-])`, "u").test(text);
  const isLikely = (name: string, { origin, folder }: FoundBarclamp): boolean =>
    origin !== "shipped" || isNamed(name) || rolesIn(manifestOf(folder)).some((role) => roles.has(role));
  return new Map([...found].filter(([name, each]) => isLikely(name, each)));
}

/** The names of roles as shipped barclamps write them. Words of descriptions would be the names of many people's roles. */
function rolesIn(manifest: string): readonly string[] {
  const section = /^roles:\n((?:[ #].*\n|\n)*)/mu.exec(manifest)?.[1] ?? "";
  return [...section.matchAll(/^ {2}([a-z0-9][a-z0-9-]*):/gmu)].flatMap(([, name]) => name ?? []);
}

/** Empty when it cannot be read: that is told where it is needed. */
function manifestOf(folder: string): string {
  try {
    return readFileSync(join(folder, "barclamp.yaml"), "utf8");
  } catch {
    return "";
  }
}

function judge({ cluster, problems: ofCluster }: Written, sources: ReadonlyMap<string, Source>): Judged {
  const problems = [...ofCluster];
  const barclamps = new Map<string, Barclamp>();
  const carry = new Map<string, readonly MigrationStep[]>();
  const foreign: Problem[] = [];
  for (const [name, { folder, files, own, carry: steps }] of sources) {
    const found = loadBarclamp({ folder: relative(process.cwd(), folder) || folder, files, as: name }, stepKinds);
    if (found.barclamp !== undefined) barclamps.set(name, found.barclamp);
    if (steps !== undefined) carry.set(name, steps);
    (own ? problems : foreign).push(...found.problems);
  }
  const carried = cluster === undefined ? undefined : carryCluster(cluster, barclamps, carry);
  // A barclamp of the cluster's own that cannot be read explains roles that are not known better than the roles would.
  if (carried !== undefined && problems.length === 0)
    problems.push(...carried.problems, ...settled(validateCluster(carried.cluster, barclamps), carried.problems));
  // One that came with Halligan matters only where something is missing without it.
  if (problems.some((each) => each.code === "ROLE_UNKNOWN")) problems.push(...foreign);
  if (carried === undefined) return { barclamps, problems, notices: [] };
  return { cluster: carried.cluster, barclamps, problems, notices: [...carried.notices, ...deprecations(carried.cluster, barclamps)] };
}

/** What could not be carried over is told once, not as an unknown or wrong setting too. */
function settled(problems: readonly Problem[], told: readonly Problem[]): readonly Problem[] {
  const lineOf = ({ at }: Problem): number | undefined => (at !== undefined && "line" in at ? at.line : undefined);
  const lines = new Set(told.map(lineOf));
  return problems.filter((each) => lineOf(each) === undefined || !lines.has(lineOf(each)));
}

/**
 * Only barclamps that are placed, or named in settings or secrets (which are judged with them), belong to the revision: others may change
 * without making a plan outdated.
 */
function together(
  { file, text }: Written,
  cluster: Cluster,
  { barclamps, notices }: Judged,
  sources: ReadonlyMap<string, Source>,
): ReadFiles {
  const roles = new Set(cluster.deployments.flatMap((deployment) => deployment.place.map((each) => each.role)));
  const used = new Map<string, Barclamp>();
  const named = barclampsNamed(cluster);
  for (const [name, barclamp] of barclamps)
    if (named.has(name) || Object.keys(barclamp.roles).some((role) => roles.has(role))) used.set(name, barclamp);
  const bundles = new Map<Digest, BundleFiles>();
  const index: Record<string, RevisedBarclamp> = {};
  for (const [name, barclamp] of used) {
    const source = sources.get(name);
    if (source === undefined) continue;
    bundles.set(barclamp.digest, source.files);
    const { carry } = source;
    index[name] = { folder: source.folder, digest: barclamp.digest, ...(carry === undefined ? {} : { carry }) };
  }
  const revision: Revision = { file, text, barclamps: index };
  const loaded = { file, folder: dirname(file), cluster, barclamps: used, revision: revisionDigest(revision), notices };
  return { loaded, revision, bundles };
}
