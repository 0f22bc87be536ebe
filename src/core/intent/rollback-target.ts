import { fail, hasCode } from "../errors.ts";
import type { LoadedCluster } from "../house.ts";
import type { RunId } from "../model/ids.ts";
import type { Store } from "../ports.ts";
import { readRun } from "../run/annealer.ts";
import { listRuns, readPlan, type RunEntry } from "../run/requests.ts";
import type { IntentDesk } from "./desk.ts";
import { entryOf, findRevision, type RevisionEntry, revisionOfRun } from "./revisions.ts";
import { sameDeployment } from "./touched.ts";

/** An earlier state of a deployment's intent. */
export interface RollbackTarget {
  readonly entry: RevisionEntry;
  /** The run that brought it about last. */
  readonly run: RunId;
  readonly loaded: LoadedCluster;
}

/** A run that has ended. */
type PastRun = Exclude<RunEntry, { readonly phase: "requested" }>;

/** Runs further back are not looked at where none was named. */
const mostLookedAt = 100;

/**
 * What a deployment shall go back to: the revision that is named, which a run must have applied to it; or, without a name, the newest that was
 * applied in full before the present one and says something else of the deployment.
 * @throws `ROLLBACK_NOWHERE`, `REVISION_NOT_FOUND`, `RUN_NOT_FOUND`.
 */
export async function rollbackTarget(
  { store, intent }: { readonly store: Store; readonly intent: IntentDesk },
  deployment: string,
  to: string | undefined,
): Promise<RollbackTarget> {
  const runs = await runsOf(store, deployment);
  if (to !== undefined) return await namedTarget({ store, intent, runs }, deployment, to);
  const [present, ...earlier] = runs;
  const now = present === undefined ? undefined : await intent.kept(await revisionOfRun(store, present));
  if (present === undefined || now === undefined)
    throw nowhere(deployment, `No run has worked on deployment ${deployment} of which the revision was kept.`);
  const seen = new Set<string>();
  for (const run of earlier.slice(0, mostLookedAt)) {
    const digest = await revisionOfRun(store, run);
    if (run.phase !== "succeeded" || seen.has(digest)) continue;
    seen.add(digest);
    const [loaded, entry] = [await intent.kept(digest), await entryOf(store, digest)];
    if (loaded === undefined || entry === undefined || !has(loaded, deployment) || sameDeployment(deployment, now, loaded)) continue;
    return { entry, run: run.run, loaded };
  }
  throw nowhere(
    deployment,
    `Every run before ${present.run} that succeeded applied the same of deployment ${deployment} as ${present.run}, or none did.`,
  );
}

async function namedTarget(
  { store, intent, runs }: { readonly store: Store; readonly intent: IntentDesk; readonly runs: readonly PastRun[] },
  deployment: string,
  to: string,
): Promise<RollbackTarget> {
  const entry = await findRevision(store, to);
  const run = /^R-\d+$/u.test(to) ? runs.find((each) => each.run === to) : await runWith(store, runs, entry);
  if (run === undefined) throw nowhere(deployment, `No run has applied ${to} to deployment ${deployment}.`);
  const loaded = await intent.kept(entry.digest);
  if (loaded === undefined)
    throw nowhere(deployment, `The files of ${entry.revision} are not in the store any more, or cannot be read by this version.`);
  if (!has(loaded, deployment)) throw nowhere(deployment, `${entry.revision} has no deployment ${deployment}.`);
  return { entry, run: run.run, loaded };
}

async function runWith(store: Store, runs: readonly PastRun[], { digest }: RevisionEntry): Promise<PastRun | undefined> {
  for (const run of runs) if ((await revisionOfRun(store, run)) === digest) return run;
  return undefined;
}

/** How a run ended, by its journal: the index has it a moment later. */
async function endOf(store: Store, run: string): Promise<PastRun["phase"] | undefined> {
  const end = (await readRun(store, run)).at(-1);
  return end?.type === "run.ended" ? end.phase : undefined;
}

/** Runs that ended and were about a deployment, newest first. */
async function runsOf(store: Store, deployment: string): Promise<readonly PastRun[]> {
  const found: PastRun[] = [];
  for (const run of (await listRuns(store)).toReversed()) {
    const phase = run.phase === "requested" ? await endOf(store, run.run) : run.phase;
    if (phase === undefined) continue;
    const about = run.deployments !== undefined && run.revision !== undefined ? run.deployments : await deploymentsOf(store, run);
    if (about.includes(deployment)) found.push({ ...run, phase } as PastRun);
  }
  return found;
}

async function deploymentsOf(store: Store, { plan }: RunEntry): Promise<readonly string[]> {
  try {
    return (await readPlan(store, plan)).body.deployments;
  } catch (error) {
    if (hasCode(error, "RUN_NOT_FOUND")) return [];
    throw error;
  }
}

function has({ cluster }: LoadedCluster, deployment: string): boolean {
  return cluster.deployments.some((each) => each.name === deployment);
}

function nowhere(deployment: string, cause: string): Error {
  return fail("ROLLBACK_NOWHERE", { message: `There is nothing to which deployment ${deployment} could go back.`, cause });
}
