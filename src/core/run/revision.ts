import { createHash } from "node:crypto";
import { hasCode } from "../errors.ts";
import type { Digest } from "../model/ids.ts";
import type { MigrationStep } from "../model/migration-file.ts";
import type { Json, Store } from "../ports.ts";
import { putLargeOnce, putOnce } from "./put-once.ts";

/** Collection of immutable revisions, by digest. */
const revisionsCollection = "revisions";
/** Collection of barclamp bundles, by digest: what another engine needs to carry out a plan. */
const bundlesCollection = "bundles";

/** The text of a cluster's intent, as it was when a plan was made. */
export interface Revision {
  readonly file: string;
  readonly text: string;
  /** By the name under which a barclamp is used. */
  readonly barclamps: Readonly<Record<string, RevisedBarclamp>>;
}

/** A barclamp of a revision: folder and digest of its bundle, and what the lock file said of settings that it needs carried over. */
export interface RevisedBarclamp {
  readonly folder: string;
  readonly digest: Digest;
  readonly carry?: readonly MigrationStep[];
}

/** Files of a barclamp by path. */
export type BundleFiles = ReadonlyMap<string, Uint8Array>;

/** Digest over the cluster text and the barclamps it was read with. */
export function revisionDigest({ text, barclamps }: Revision): Digest {
  const hash = createHash("sha256").update(text);
  for (const name of Object.keys(barclamps).toSorted()) {
    const { digest = "", carry } = barclamps[name] ?? {};
    hash.update(`\0${name}\0${digest}${carry === undefined ? "" : `\0${JSON.stringify(carry)}`}`);
  }
  return `sha256:${hash.digest("hex")}`;
}

/** Keeps a revision and its bundles, each once. */
export async function keepRevision(store: Store, revision: Revision, bundles: ReadonlyMap<Digest, BundleFiles>): Promise<Digest> {
  const digest = revisionDigest(revision);
  for (const [key, files] of bundles) {
    await putLargeOnce(store, bundlesCollection, key, () =>
      Object.fromEntries([...files].map(([path, bytes]) => [path, Buffer.from(bytes).toString("base64")])),
    );
  }
  await putOnce(store, revisionsCollection, digest, { ...revision, barclamps: { ...revision.barclamps } } as unknown as Json);
  return digest;
}

/** The text of a revision and what it was read with, without the bundles; `undefined` when the store does not have it. */
export async function readRevisionText(store: Store, digest: Digest): Promise<Revision | undefined> {
  return (await store.get<Json>(revisionsCollection, digest))?.value as unknown as Revision | undefined;
}

/** Lets go of a revision's text, and of bundles that `isNeeded` says no other revision names. */
export async function dropRevision(store: Store, digest: Digest, isNeeded: (bundle: Digest) => boolean): Promise<void> {
  const revision = await readRevisionText(store, digest);
  if (revision === undefined) return;
  await remove(store, revisionsCollection, digest);
  for (const { digest: bundle } of Object.values(revision.barclamps)) if (!isNeeded(bundle)) await remove(store, bundlesCollection, bundle);
}

/** Removes a document, whoever else removes it. */
async function remove(store: Store, collection: string, key: string): Promise<void> {
  const doc = await store.get(collection, key);
  if (doc === undefined) return;
  try {
    await store.delete(collection, key, doc.rev);
  } catch (error) {
    if (!hasCode(error, "VERSION_CONFLICT")) throw error;
  }
}

/** Reads a revision back; `undefined` when the store does not have it. */
export async function readRevision(
  store: Store,
  digest: Digest,
): Promise<{ readonly revision: Revision; readonly bundles: ReadonlyMap<string, BundleFiles> } | undefined> {
  const revision = await readRevisionText(store, digest);
  if (revision === undefined) return undefined;
  const bundles = new Map<string, BundleFiles>();
  for (const [name, { digest: key }] of Object.entries(revision.barclamps)) {
    const files = (await store.get<Json>(bundlesCollection, key))?.value as Readonly<Record<string, string>> | undefined;
    if (files === undefined) return undefined;
    bundles.set(name, new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text, "base64")])));
  }
  return { revision, bundles };
}
