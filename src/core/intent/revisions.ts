import { fail, hasCode } from "../errors.ts";
import { toStored } from "../journal/events.ts";
import type { Digest, PlanId, ProposalId, RevisionId, RunId } from "../model/ids.ts";
import type { EpochMs, Json, Store } from "../ports.ts";
import { nextNumber } from "../run/numbers.ts";
import { dropRevision, type Revision } from "../run/revision.ts";
import { listRuns, readPlan, type RunEntry } from "../run/requests.ts";
import { textDigest } from "./text-digest.ts";

/** Collection of what is known about each revision, by `V-n`; its text lies in the collection that run/revision.ts keeps. */
const indexCollection = "revision-index";
/** By digest: which number it has. */
const numbersCollection = "revision-numbers";
/** What the files were when they were looked at last. */
const headKey = "head";
/** Revisions that no run was asked for are kept up to this number; those that a run was asked for are kept for ever. */
const mostIdle = 200;

/** How a revision came about. `first`: the first that was seen here. `edit`: by hand. `barclamps`: the cluster file is the same, a barclamp is not. */
export type RevisionOrigin =
  | { readonly kind: "first" | "edit" | "barclamps" }
  | { readonly kind: "proposal"; readonly proposal: ProposalId };

/** What is known about a revision. */
export interface RevisionEntry {
  readonly revision: RevisionId;
  readonly digest: Digest;
  /** Of the cluster file's text alone. */
  readonly text: Digest;
  /** Barclamp name -> digest of its bundle. */
  readonly barclamps: Readonly<Record<string, Digest>>;
  /** When it was seen first. */
  readonly at: EpochMs;
  /** Who committed it; for an edit by hand: who planned with it first. */
  readonly by: string;
  readonly origin: RevisionOrigin;
  /** Who wrote the change. Empty = nobody knows: it was made by hand. */
  readonly editors: readonly string[];
  /** What the files were before. */
  readonly before?: RevisionId;
}

/** Who keeps a revision, and how it came about. `head`: the files are it from now on. */
export interface Seen {
  readonly by: string;
  readonly at: EpochMs;
  readonly head: boolean;
  readonly proposal?: { readonly proposal: ProposalId; readonly editors: readonly string[] };
}

type Head = { readonly revision: RevisionId; readonly text: Digest };

/** Gives a kept revision its number, once for each content, and notes that the files are it now. Announces new ones (`revision.made`). */
export async function noteRevision(store: Store, digest: Digest, { text, barclamps }: Revision, seen: Seen): Promise<RevisionEntry> {
  const known = await entryOf(store, digest);
  if (known !== undefined) {
    if (seen.head) await moveHead(store, { revision: known.revision, text: known.text });
    return known;
  }
  const head = (await store.get<Head>(indexCollection, headKey))?.value;
  const ofText = textDigest(text);
  const revision: RevisionId = `V-${await nextNumber(store, "revisions")}`;
  const entry: RevisionEntry = {
    revision,
    digest,
    text: ofText,
    barclamps: Object.fromEntries(Object.entries(barclamps).map(([name, each]) => [name, each.digest])),
    at: seen.at,
    by: seen.by,
    origin: originOf(seen, head, ofText),
    editors: seen.proposal?.editors ?? [],
    ...(head === undefined ? {} : { before: head.revision }),
  };
  await store.put(indexCollection, revision, entry as unknown as Json, 0);
  try {
    await store.put(numbersCollection, digest, { revision }, 0);
  } catch (error) {
    if (!hasCode(error, "VERSION_CONFLICT")) throw error;
    const doc = await store.get(indexCollection, revision);
    if (doc !== undefined) await store.delete(indexCollection, revision, doc.rev); // somebody numbered the same content at the same moment
    return await noteRevision(store, digest, { file: "", text, barclamps }, seen);
  }
  if (seen.head) await moveHead(store, { revision, text: ofText });
  const { by, origin } = entry;
  await store.append("revisions", [toStored({ type: "revision.made", v: 1, revision, digest, by, origin })], { commandId: revision });
  await pruneRevisions(store);
  return entry;
}

function originOf({ proposal }: Seen, head: Head | undefined, text: Digest): RevisionOrigin {
  if (proposal !== undefined) return { kind: "proposal", proposal: proposal.proposal };
  if (head === undefined) return { kind: "first" };
  return { kind: head.text === text ? "barclamps" : "edit" };
}

async function moveHead(store: Store, head: Head): Promise<void> {
  for (;;) {
    const doc = await store.get<Head>(indexCollection, headKey);
    if (doc?.value.revision === head.revision) return;
    try {
      await store.put(indexCollection, headKey, { ...head }, doc?.rev ?? 0);
      return;
    } catch (error) {
      if (!hasCode(error, "VERSION_CONFLICT")) throw error;
    }
  }
}

/** The revision that the files were when they were looked at last. */
export async function headRevision(store: Store): Promise<RevisionEntry | undefined> {
  const head = (await store.get<Head>(indexCollection, headKey))?.value;
  return head === undefined ? undefined : await readEntry(store, head.revision);
}

/** All revisions, newest first. */
export async function listRevisions(store: Store): Promise<readonly RevisionEntry[]> {
  const docs = await store.list<Json>(indexCollection, "V-");
  return docs
    .map((doc) => doc.value as unknown as RevisionEntry)
    .toSorted((a, b) => Number(b.revision.slice(2)) - Number(a.revision.slice(2)));
}

/** What is known about the revision with this digest. */
export async function entryOf(store: Store, digest: Digest): Promise<RevisionEntry | undefined> {
  const number = (await store.get<{ readonly revision: RevisionId }>(numbersCollection, digest))?.value;
  return number === undefined ? undefined : await readEntry(store, number.revision);
}

async function readEntry(store: Store, revision: string): Promise<RevisionEntry | undefined> {
  return (await store.get<Json>(indexCollection, revision))?.value as unknown as RevisionEntry | undefined;
}

/**
 * The revision that a person names: `V-4`, the revision of a plan or run (`P-7`, `R-3`), or the first 8 or more digits of its digest.
 * @throws `REVISION_NOT_FOUND`, `RUN_NOT_FOUND`.
 */
export async function findRevision(store: Store, name: string): Promise<RevisionEntry> {
  const entry = await named(store, name);
  if (entry !== undefined) return entry;
  const message = `There is no revision ${name.slice(0, 80)} in the store.`;
  throw fail("REVISION_NOT_FOUND", { message, cause: /^[PR]-\d+$/u.test(name) ? "It was made by a version that kept none." : undefined });
}

async function named(store: Store, name: string): Promise<RevisionEntry | undefined> {
  if (/^V-\d+$/u.test(name)) return await readEntry(store, name);
  if (/^P-\d+$/u.test(name)) return await entryOf(store, (await readPlan(store, name)).revision);
  if (/^R-\d+$/u.test(name)) {
    const run = (await listRuns(store)).find((each) => each.run === name);
    if (run === undefined) throw fail("RUN_NOT_FOUND", { message: `There is no run ${name}.` });
    return await entryOf(store, await revisionOfRun(store, run));
  }
  const hex = name.toLowerCase().replace(/^sha256:/u, "");
  if (!/^[0-9a-f]{8,64}$/u.test(hex)) return undefined;
  return (await listRevisions(store)).find((each) => each.digest.slice("sha256:".length).startsWith(hex));
}

/** The revision that a run was about. @throws `RUN_NOT_FOUND` when its plan is gone. */
export async function revisionOfRun(store: Store, run: RunEntry): Promise<Digest> {
  return run.revision ?? (await readPlan(store, run.plan)).revision;
}

/** A run that was asked for a revision. */
export interface RevisionRun {
  readonly run: RunId;
  readonly plan: PlanId;
  readonly phase: RunEntry["phase"];
  readonly at: EpochMs;
  readonly deployments: readonly string[];
}

/** Runs by the digest of their revision, newest first. */
export async function runsByRevision(store: Store): Promise<ReadonlyMap<Digest, readonly RevisionRun[]>> {
  const runs = new Map<Digest, RevisionRun[]>();
  for (const entry of (await listRuns(store)).toReversed()) {
    const digest = await revisionOfRun(store, entry).catch((error: unknown) => {
      if (hasCode(error, "RUN_NOT_FOUND")) return undefined;
      throw error;
    });
    if (digest === undefined) continue;
    const { run, plan, phase, at, deployments = [] } = entry;
    runs.set(digest, [...(runs.get(digest) ?? []), { run, plan, phase, at, deployments }]);
  }
  return runs;
}

/** Lets the oldest revisions go that were only planned with, beyond a number. */
async function pruneRevisions(store: Store): Promise<void> {
  const all = await listRevisions(store);
  if (all.length <= mostIdle) return;
  const asked = await runsByRevision(store);
  const idle = all.filter((each) => !asked.has(each.digest));
  const gone = new Set(idle.slice(mostIdle).map((each) => each.digest));
  if (gone.size === 0) return;
  const needed = new Set(all.filter((each) => !gone.has(each.digest)).flatMap((each) => Object.values(each.barclamps)));
  for (const entry of all) {
    if (!gone.has(entry.digest)) continue;
    for (const [collection, key] of [
      [numbersCollection, entry.digest],
      [indexCollection, entry.revision],
    ] as const) {
      const doc = await store.get(collection, key);
      if (doc !== undefined) await store.delete(collection, key, doc.rev).catch(ignoreConflict);
    }
    await dropRevision(store, entry.digest, (bundle) => needed.has(bundle));
  }
}

function ignoreConflict(error: unknown): void {
  if (!hasCode(error, "VERSION_CONFLICT")) throw error;
}
