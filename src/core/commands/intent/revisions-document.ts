import type { House } from "../../house.ts";
import { intentChanges, pathText } from "../../intent/changes.ts";
import { findRevision, headRevision, listRevisions, type RevisionEntry, type RevisionRun, runsByRevision } from "../../intent/revisions.ts";
import { unifiedDiff } from "../../intent/unified.ts";
import { fail } from "../../errors.ts";
import type { Digest } from "../../model/ids.ts";
import { readRevisionText, type Revision } from "../../run/revision.ts";

/** A revision as front ends show it. */
export interface RevisionView extends RevisionEntry {
  /** The files are it, as far as they were looked at last. */
  readonly present: boolean;
  /** Runs that were asked for it, newest first. */
  readonly runs: readonly RevisionRun[];
}

/** `revisions --json`. */
export interface RevisionsDocument {
  readonly halligan: 1;
  readonly kind: "revisions";
  /** Newest first. */
  readonly revisions: readonly RevisionView[];
  /** Revisions that are not listed. */
  readonly more: number;
  readonly at: number;
}

/** `revisions show --json`. */
export interface RevisionDocument extends RevisionView {
  readonly halligan: 1;
  readonly kind: "revision";
  /** The cluster file, values of secrets masked. */
  readonly content: string;
  /** When this was answered, in ms since the epoch; `at` is when the revision was seen first. */
  readonly now: number;
}

/** A barclamp that is another one in a second revision; `null` = it has none. */
export interface BarclampChange {
  readonly barclamp: string;
  readonly before: Digest | null;
  readonly after: Digest | null;
}

/** `revisions diff --json`. */
export interface RevisionDiffDocument {
  readonly halligan: 1;
  readonly kind: "revision-diff";
  readonly from: string;
  /** `present` = the cluster file as it is now. */
  readonly to: string;
  /** What differs by meaning: settings paths. */
  readonly paths: readonly string[];
  /** Unified, values of secrets masked; empty = the cluster files are the same. */
  readonly diff: string;
  readonly barclamps: readonly BarclampChange[];
}

/** The newest revisions with the runs that were asked for them. */
export async function revisionsDocument(house: House, limit: number): Promise<RevisionsDocument> {
  const all = await listRevisions(house.store);
  const viewOf = await viewer(house);
  const revisions = all.slice(0, limit).map((each) => viewOf(each));
  return { halligan: 1, kind: "revisions", revisions, more: all.length - revisions.length, at: house.clock.now() };
}

/** One revision with its text. @throws `REVISION_NOT_FOUND`. */
export async function revisionDocument(house: House, name: string): Promise<RevisionDocument> {
  const entry = await findRevision(house.store, name);
  const { text } = await textOf(house, entry);
  const view = (await viewer(house))(entry);
  return { halligan: 1, kind: "revision", ...view, content: await house.audit.redacted(text), now: house.clock.now() };
}

/** What differs between two revisions, or between one and the files as they are. @throws `REVISION_NOT_FOUND`. */
export async function revisionDiffDocument(house: House, from: string, to: string | undefined): Promise<RevisionDiffDocument> {
  const first = await sideOf(house, from);
  const second = to === undefined ? await presentSide(house) : await sideOf(house, to);
  const names = new Set([...Object.keys(first.barclamps), ...Object.keys(second.barclamps)]);
  const barclamps = [...names]
    .toSorted()
    .map((barclamp) => ({ barclamp, before: first.barclamps[barclamp] ?? null, after: second.barclamps[barclamp] ?? null }));
  const diff = unifiedDiff("cluster.yaml", first.text, second.text, { before: first.name, after: second.name });
  return {
    halligan: 1,
    kind: "revision-diff",
    from: first.name,
    to: second.name,
    paths: intentChanges(first.text, second.text).map((each) => pathText(each.path)),
    diff: await house.audit.redacted(diff),
    barclamps: barclamps.filter((each) => each.before !== each.after),
  };
}

interface Side {
  readonly name: string;
  readonly text: string;
  readonly barclamps: Readonly<Record<string, Digest>>;
}

async function sideOf(house: House, name: string): Promise<Side> {
  const entry = await findRevision(house.store, name);
  return { name: entry.revision, text: (await textOf(house, entry)).text, barclamps: entry.barclamps };
}

async function presentSide(house: House): Promise<Side> {
  const text = await house.intent.read();
  const { barclamps } = await house.load();
  return { name: "present", text, barclamps: Object.fromEntries([...barclamps].map(([name, each]) => [name, each.digest])) };
}

async function textOf({ store }: House, { revision, digest }: RevisionEntry): Promise<Revision> {
  const kept = await readRevisionText(store, digest);
  if (kept !== undefined) return kept;
  throw fail("REVISION_NOT_FOUND", { message: `The text of ${revision} is not in the store any more.` });
}

/** Makes views of revisions. The file counts as looked at when it was planned with last. */
async function viewer({ store }: House): Promise<(entry: RevisionEntry) => RevisionView> {
  const [head, runs] = await Promise.all([headRevision(store), runsByRevision(store)]);
  return (entry) => ({ ...entry, present: entry.revision === head?.revision, runs: runs.get(entry.digest) ?? [] });
}
