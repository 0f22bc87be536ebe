import { fail, hasCode } from "../errors.ts";
import type { Digest, ProposalId, RevisionId } from "../model/ids.ts";
import type { EpochMs, Json, Store } from "../ports.ts";
import { nextNumber } from "../run/numbers.ts";
import { putOnce } from "../run/put-once.ts";
import { textDigest } from "./text-digest.ts";

const collection = "proposals";
/** Texts of cluster files that proposals begin and end with, by digest. */
const textsCollection = "proposal-texts";
/** Proposals that are over are kept up to this number, with their texts. */
const mostEnded = 200;

/** What became of a proposal. */
export type ProposalPhase =
  | { readonly phase: "open" }
  | { readonly phase: "committed"; readonly by: string; readonly at: EpochMs; readonly revision: RevisionId; readonly git?: string }
  | { readonly phase: "dropped"; readonly by: string; readonly at: EpochMs };

/** A draft of a change: the cluster file before and after it. */
export interface Proposal {
  readonly proposal: ProposalId;
  readonly author: string;
  /** Everybody who wrote at it, the author first, the last editor last. */
  readonly editors: readonly string[];
  readonly at: EpochMs;
  readonly note?: string;
  /** Digest of the file's text that it was made on. */
  readonly base: Digest;
  /** Digest of the text that it makes. */
  readonly after: Digest;
  readonly state: ProposalPhase;
}

/** A proposal with its texts, as the store has it at `rev`. */
export interface OpenedProposal {
  readonly proposal: Proposal;
  readonly before: string;
  readonly text: string;
  readonly rev: number;
}

/** Stores a new proposal under the next id. */
export async function createProposal(
  store: Store,
  draft: { readonly author: string; readonly at: EpochMs; readonly note?: string; readonly before: string; readonly text: string },
): Promise<OpenedProposal> {
  const { author, at, note, before, text } = draft;
  await pruneProposals(store);
  const proposal: Proposal = {
    proposal: `D-${await nextNumber(store, "proposals")}`,
    author,
    editors: [author],
    at,
    ...(note === undefined ? {} : { note }),
    base: await keepText(store, before),
    after: await keepText(store, text),
    state: { phase: "open" },
  };
  const rev = await store.put(collection, proposal.proposal, proposal as unknown as Json, 0);
  return { proposal, before, text, rev };
}

/** Reads a proposal with its texts. @throws `PROPOSAL_NOT_FOUND`. */
export async function readProposal(store: Store, id: string): Promise<OpenedProposal> {
  const doc = /^D-\d+$/u.test(id) ? await store.get<Json>(collection, id) : undefined;
  const proposal = doc?.value as unknown as Proposal | undefined;
  const message = `There is no proposal ${id.slice(0, 80)}; they are named like D-3.`;
  if (doc === undefined || proposal === undefined) throw fail("PROPOSAL_NOT_FOUND", { message });
  const [before, text] = await Promise.all([readText(store, proposal.base), readText(store, proposal.after)]);
  if (before === undefined || text === undefined)
    throw fail("PROPOSAL_NOT_FOUND", { message: `The text of ${id} is not in the store any more.` });
  return { proposal, before, text, rev: doc.rev };
}

/** All proposals, newest first. */
export async function listProposals(store: Store): Promise<readonly Proposal[]> {
  const docs = await store.list<Json>(collection);
  return docs.map((doc) => doc.value as unknown as Proposal).toSorted((a, b) => numberOf(b) - numberOf(a));
}

/**
 * Changes a proposal that nobody has changed since it was read.
 * @throws `PROPOSAL_ENDED` when somebody else was faster.
 */
export async function updateProposal(
  store: Store,
  { proposal, rev }: OpenedProposal,
  change: Partial<Pick<Proposal, "editors" | "note" | "state">> & { readonly before?: string; readonly text?: string },
): Promise<Proposal> {
  const { before, text, ...rest } = change;
  const next: Proposal = {
    ...proposal,
    ...rest,
    ...(before === undefined ? {} : { base: await keepText(store, before) }),
    ...(text === undefined ? {} : { after: await keepText(store, text) }),
  };
  try {
    await store.put(collection, proposal.proposal, next as unknown as Json, rev);
    return next;
  } catch (error) {
    if (!hasCode(error, "VERSION_CONFLICT")) throw error;
    throw fail("PROPOSAL_ENDED", {
      message: `Somebody else changed ${proposal.proposal} at this moment.`,
      hint: `Look at it again: \`halligan propose show ${proposal.proposal}\`.`,
    });
  }
}

/** Refuses a proposal that is over. @throws `PROPOSAL_ENDED`. */
export function requireOpen({ proposal, state }: Proposal): void {
  if (state.phase === "open") return;
  const what = state.phase === "committed" ? `committed by ${state.by} as ${state.revision}` : `dropped by ${state.by}`;
  throw fail("PROPOSAL_ENDED", { message: `${proposal} is over: ${what}.` });
}

/** Refuses a proposal that makes another text than the one that was read. @throws `PROPOSAL_DIGEST`, `USAGE`. */
export function requireDigest({ proposal, after }: Proposal, read: string): void {
  const hex = read.toLowerCase().replace(/^sha256:/u, "");
  if (!/^[0-9a-f]{8,64}$/u.test(hex))
    throw fail("USAGE", { message: `"${read.slice(0, 80)}" is not a digest.`, hint: "Give at least its first 8 hex digits." });
  if (after.slice("sha256:".length).startsWith(hex)) return;
  throw fail("PROPOSAL_DIGEST", {
    message: `${proposal} makes the text with digest ${after.slice(0, "sha256:".length + 12)}, not ${hex.slice(0, 12)}; nothing was written.`,
    hint: `Read it again: \`halligan propose show ${proposal}\`.`,
  });
}

function numberOf({ proposal }: Proposal): number {
  return Number(proposal.slice(2));
}

async function keepText(store: Store, text: string): Promise<Digest> {
  const digest = textDigest(text);
  await putOnce(store, textsCollection, digest, { text });
  return digest;
}

async function readText(store: Store, digest: Digest): Promise<string | undefined> {
  return (await store.get<{ readonly text: string }>(textsCollection, digest))?.value.text;
}

/** Lets the oldest proposals go that are over, beyond a number, and the texts that no other proposal needs. */
async function pruneProposals(store: Store): Promise<void> {
  const all = await listProposals(store);
  const gone = all.filter((each) => each.state.phase !== "open").slice(mostEnded);
  if (gone.length === 0) return;
  const names = new Set(gone.map((each) => each.proposal));
  const needed = new Set(all.filter((each) => !names.has(each.proposal)).flatMap((each) => [each.base, each.after]));
  for (const each of gone) {
    await remove(store, collection, each.proposal);
    for (const digest of [each.base, each.after]) if (!needed.has(digest)) await remove(store, textsCollection, digest);
  }
}

async function remove(store: Store, from: string, key: string): Promise<void> {
  const doc = await store.get(from, key);
  if (doc === undefined) return;
  await store.delete(from, key, doc.rev).catch((error: unknown) => {
    if (!hasCode(error, "VERSION_CONFLICT")) throw error; // somebody else lets it go, or uses it again
  });
}
