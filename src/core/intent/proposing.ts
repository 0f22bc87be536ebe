import type { Action, Resource } from "../authority/authorise.ts";
import { fail, HalliganError, type Problem } from "../errors.ts";
import { type JournalEvent, toStored } from "../journal/events.ts";
import type { Clock, Store } from "../ports.ts";
import { type IntentChange, intentChanges, overlap, pathText, sameValue } from "./changes.ts";
import type { IntentDesk } from "./desk.ts";
import {
  createProposal,
  listProposals,
  type OpenedProposal,
  type Proposal,
  readProposal,
  requireOpen,
  updateProposal,
} from "./proposals.ts";
import { rebase } from "./rebase.ts";
import { textDigest } from "./text-digest.ts";
import { changeAction, changeResource } from "./touched.ts";

/** What proposals are made and changed with, for one person. */
export interface ProposeDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly intent: IntentDesk;
  readonly by: string;
  /** Takes values of secrets out of a text. */
  redacted(text: string): Promise<string>;
  /** @throws `NOT_ALLOWED`. */
  authorise(action: Action, resource: Resource): Promise<void>;
}

/** Another open proposal that changes the same, otherwise. */
export interface ProposalConflict {
  readonly proposal: string;
  readonly author: string;
  readonly paths: readonly string[];
}

/** Makes a proposal of a text, on the cluster file as it is. @throws `PROPOSAL_EMPTY`. */
export async function propose(deps: ProposeDeps, text: string, note?: string): Promise<OpenedProposal> {
  return await proposeOn(deps, await deps.intent.read(), text, note);
}

/** Makes a proposal of a change from one text to another. @throws `PROPOSAL_EMPTY`. */
export async function proposeOn(deps: ProposeDeps, before: string, text: string, note?: string): Promise<OpenedProposal> {
  if (before === text) throw fail("PROPOSAL_EMPTY", { message: "That is what the cluster file says already." });
  const draft = { author: deps.by, at: deps.clock.now(), before, text };
  const made = await createProposal(deps.store, note === undefined || note === "" ? draft : { ...draft, note });
  const { proposal, base, after } = made.proposal;
  await append(deps, {
    type: "proposal.made",
    v: 1,
    proposal,
    by: deps.by,
    base,
    after,
    paths: pathsOf(made),
    ...(made.proposal.note === undefined ? {} : { note: made.proposal.note }),
  });
  return made;
}

/** Gives a proposal another text: whoever does is its last editor. @throws `PROPOSAL_NOT_FOUND`, `PROPOSAL_ENDED`, `PROPOSAL_EMPTY`, `NOT_ALLOWED`. */
export async function amendProposal(deps: ProposeDeps, id: string, change: (text: string) => string): Promise<OpenedProposal> {
  const opened = await readProposal(deps.store, id);
  requireOpen(opened.proposal);
  const text = change(opened.text);
  if (text === opened.text) throw fail("PROPOSAL_EMPTY", { message: `${id} says so already.` });
  // Somebody else's words are changed only by who could commit the result.
  if (!opened.proposal.editors.includes(deps.by)) await requireChange(deps, changesOf({ before: opened.before, text }));
  const editors = withEditor(opened.proposal, deps.by);
  const { proposal, after } = await updateProposal(deps.store, opened, { text, editors });
  const next = await readProposal(deps.store, id);
  await append(deps, { type: "proposal.changed", v: 1, proposal, by: deps.by, after, paths: pathsOf(next), why: "edited" });
  return next;
}

/** Gives a proposal up. Its author, its editors, and whoever may operate what it touches may do so. @throws `PROPOSAL_NOT_FOUND`, `PROPOSAL_ENDED`, `NOT_ALLOWED`. */
export async function dropProposal(deps: ProposeDeps, id: string): Promise<OpenedProposal> {
  const opened = await readProposal(deps.store, id);
  requireOpen(opened.proposal);
  if (!opened.proposal.editors.includes(deps.by)) await deps.authorise("operate", changeResource(changesOf(opened)));
  const { proposal } = await updateProposal(deps.store, opened, { state: { phase: "dropped", by: deps.by, at: deps.clock.now() } });
  await append(deps, { type: "proposal.dropped", v: 1, proposal, by: deps.by });
  return await readProposal(deps.store, id);
}

/**
 * Puts a proposal on the cluster file as it is now.
 * @throws `PROPOSAL_CONFLICT` when both change the same, `PROPOSAL_EMPTY` when nothing of it is left, `PROPOSAL_NOT_FOUND`, `PROPOSAL_ENDED`.
 */
export async function rebaseProposal(deps: ProposeDeps, id: string): Promise<OpenedProposal> {
  const opened = await readProposal(deps.store, id);
  requireOpen(opened.proposal);
  const present = await deps.intent.read();
  if (present === opened.before) return opened;
  const rebased = rebase(opened.before, opened.text, present);
  if ("conflicts" in rebased) {
    throw fail("PROPOSAL_CONFLICT", {
      message: `${id} cannot be put on the present cluster file: ${rebased.conflicts.join(", ")} changed there as well.`,
      cause: await blame(deps, opened, present),
      hint: `Agree on what it shall be, then \`halligan propose drop ${id}\` and propose it anew.`,
    });
  }
  if (rebased.text === present)
    throw fail("PROPOSAL_EMPTY", {
      message: `The cluster file says by now what ${id} proposes.`,
      hint: `Drop it: \`halligan propose drop ${id}\`.`,
    });
  const { proposal, after } = await updateProposal(deps.store, opened, { before: present, text: rebased.text });
  const next = await readProposal(deps.store, id);
  await append(deps, { type: "proposal.changed", v: 1, proposal, by: deps.by, after, paths: pathsOf(next), why: "rebased" });
  return next;
}

/** What a proposal changes by meaning. */
export function changesOf({ before, text }: Pick<OpenedProposal, "before" | "text">): readonly IntentChange[] {
  return intentChanges(before, text);
}

/** Paths that a proposal changes, as people write them. */
export function pathsOf(opened: Pick<OpenedProposal, "before" | "text">): string[] {
  return changesOf(opened).map((each) => pathText(each.path));
}

/** True when the cluster file is neither what the proposal was made on nor what it makes. */
export function isStale({ proposal }: OpenedProposal, present: string): boolean {
  const digest = textDigest(present);
  return digest !== proposal.base && digest !== proposal.after;
}

/** Other open proposals that change the same paths to something else. */
export async function conflictsOf(store: Store, opened: OpenedProposal): Promise<readonly ProposalConflict[]> {
  const own = changesOf(opened);
  const found: ProposalConflict[] = [];
  for (const other of await listProposals(store)) {
    if (other.proposal === opened.proposal.proposal || other.state.phase !== "open") continue;
    const theirs = changesOf(await readProposal(store, other.proposal));
    const paths = own.filter((each) => theirs.some((their) => differs(each, their))).map((each) => pathText(each.path));
    if (paths.length > 0) found.push({ proposal: other.proposal, author: other.editors.at(-1) ?? other.author, paths });
  }
  return found;
}

function differs(one: IntentChange, other: IntentChange): boolean {
  return overlap(one.path, other.path) && !(one.path.length === other.path.length && sameValue(one.after, other.after));
}

/** Who changed the file since a proposal was made, as far as the store knows, and what. */
export async function blame({ store }: Pick<ProposeDeps, "store">, opened: OpenedProposal, present: string): Promise<string> {
  const paths = intentChanges(opened.before, present).map((each) => pathText(each.path));
  const what =
    paths.length === 0
      ? "only comments and layout"
      : `${paths.slice(0, 8).join(", ")}${paths.length > 8 ? ` and ${paths.length - 8} more` : ""}`;
  const committed = (await listProposals(store)).filter(({ state }) => state.phase === "committed" && state.at >= opened.proposal.at);
  const by = committed.flatMap(({ proposal, state }) => (state.phase === "committed" ? [`${proposal} by ${state.by}`] : []));
  return `Changed since: ${what} (${by.length === 0 ? "by hand" : `committed since: ${by.slice(0, 5).join(", ")}`}).`;
}

/** Refuses who may not make this change. @throws `NOT_ALLOWED`. */
export async function requireChange(deps: ProposeDeps, changes: readonly IntentChange[]): Promise<void> {
  const action = changeAction(changes);
  await deps.authorise(action, action === "administer" ? { kind: "cluster" } : changeResource(changes));
}

/** Everybody who wrote at a proposal, whoever did last at the end. */
function withEditor({ editors }: Proposal, by: string): readonly string[] {
  return [...editors.filter((each) => each !== by), by];
}

/** Announces what became of a proposal. */
export async function append({ store }: Pick<ProposeDeps, "store">, event: JournalEvent): Promise<void> {
  await store.append("proposals", [toStored(event)]);
}

/** Throws all problems of a list; nothing when there are none. */
export function throwAll(problems: readonly Problem[]): void {
  const [first, ...rest] = problems;
  if (first !== undefined) throw new HalliganError([first, ...rest]);
}
