import type { Violation } from "../../authority/policy/report.ts";
import type { Problem } from "../../errors.ts";
import type { House } from "../../house.ts";
import { intentChanges } from "../../intent/changes.ts";
import { denials, newViolations } from "../../intent/commit.ts";
import type { GitAuthor, GitOutcome } from "../../intent/desk.ts";
import { listProposals, type OpenedProposal, type Proposal, readProposal } from "../../intent/proposals.ts";
import { changesOf, conflictsOf, isStale, pathsOf, type ProposalConflict, type ProposeDeps } from "../../intent/proposing.ts";
import { type Touched, touchedBy } from "../../intent/touched.ts";
import { unifiedDiff } from "../../intent/unified.ts";
import type { CommandContext } from "../command.ts";

/** A proposal as front ends show it. */
export interface ProposalView extends Proposal {
  /** The cluster file is no longer what it was made on. */
  readonly stale: boolean;
  /** What it changes by meaning: settings paths. */
  readonly paths: readonly string[];
  readonly touched: Touched;
  /** Unified, values of secrets masked. */
  readonly diff: string;
  /** What is wrong with the file that it would make; empty = valid. */
  readonly problems: readonly Problem[];
  /** Rules about intent that do not hold with it and held before. */
  readonly violations: readonly Pick<Violation, "rule" | "level" | "message" | "blocks">[];
  /** Other open proposals that change the same, otherwise. */
  readonly conflicts: readonly ProposalConflict[];
}

/** What a command did with a proposal. */
export type ProposalDeed = "shown" | "made" | "changed" | "rebased" | "dropped" | "committed";

/** `propose`, `propose show`, `set` ... `--json`. */
export interface ProposalDocument extends ProposalView {
  readonly halligan: 1;
  readonly kind: "proposal";
  readonly did: ProposalDeed;
  /** Only `committed`: what became of the git commit. */
  readonly git?: GitOutcome;
  readonly notices: readonly Problem[];
  readonly now: number;
}

/** An entry of `proposals --json`. */
export interface ProposalEntry extends Proposal {
  readonly stale: boolean;
  readonly paths: readonly string[];
  readonly conflicts: readonly ProposalConflict[];
}

/** `proposals --json`. */
export interface ProposalsDocument {
  readonly halligan: 1;
  readonly kind: "proposals";
  /** Newest first; open ones, or all. */
  readonly proposals: readonly ProposalEntry[];
  readonly more: number;
  readonly at: number;
}

/** What proposals are made and changed with, for the person of a command. */
export function proposeDeps(context: CommandContext, house: House): ProposeDeps {
  const { store, clock, intent } = house;
  return {
    store,
    clock,
    intent,
    by: context.by,
    redacted: (text) => house.audit.redacted(text),
    authorise: (action, resource) => context.authorise(action, resource),
  };
}

/** The person of a command as git knows authors; `undefined` without people.yaml: git's own settings say who it is. */
export async function gitAuthor(context: CommandContext, house: House): Promise<GitAuthor | undefined> {
  const authority = await house.authority();
  if (authority.mode === "single-user") return undefined;
  const name = authority.people.people.get(context.by)?.name ?? context.by;
  return { name: name.replaceAll(/[<>\r\n]/gu, " ").trim() || context.by, email: `${context.by}@halligan.invalid` };
}

/** A proposal with everything that is to be known before it is committed. */
export async function proposalDocument(
  house: House,
  opened: OpenedProposal,
  did: ProposalDeed,
  more: { readonly git?: GitOutcome; readonly notices?: readonly Problem[] } = {},
): Promise<ProposalDocument> {
  const { git, notices = [] } = more;
  const view = await viewOf(house, opened);
  return { halligan: 1, kind: "proposal", did, ...view, ...(git === undefined ? {} : { git }), notices, now: house.clock.now() };
}

async function viewOf(house: House, opened: OpenedProposal): Promise<ProposalView> {
  const { proposal, before, text } = opened;
  const isOpen = proposal.state.phase === "open";
  const [was, judged] = [await house.intent.check(before), await house.intent.check(text)];
  const report = isOpen && judged.loaded !== undefined ? await house.intent.judge(judged.loaded) : undefined;
  const violations = report === undefined ? [] : newViolations(report);
  return {
    ...proposal,
    stale: isOpen && isStale(opened, await house.intent.read()),
    paths: pathsOf(opened),
    touched: touchedBy(changesOf(opened), was.loaded, judged.loaded),
    diff: await house.audit.redacted(unifiedDiff("cluster.yaml", before, text, { before: "now", after: proposal.proposal })),
    problems: isOpen ? [...judged.problems, ...(report === undefined ? [] : denials(report))] : [],
    violations: violations.map(({ rule, level, message, blocks }) => ({ rule, level, message, blocks })),
    conflicts: isOpen ? await conflictsOf(house.store, opened) : [],
  };
}

/** Proposals: the open ones, or all, newest first. */
export async function proposalsDocument(house: House, limit: number, all: boolean): Promise<ProposalsDocument> {
  const wanted = (await listProposals(house.store)).filter((each) => all || each.state.phase === "open");
  const present = wanted.length === 0 ? "" : await house.intent.read();
  const proposals: ProposalEntry[] = [];
  for (const each of wanted.slice(0, limit)) {
    const opened = await readProposal(house.store, each.proposal);
    const isOpen = each.state.phase === "open";
    proposals.push({
      ...each,
      stale: isOpen && isStale(opened, present),
      paths: intentChanges(opened.before, opened.text).map(({ path }) => path.join(".")),
      conflicts: isOpen ? await conflictsOf(house.store, opened) : [],
    });
  }
  return { halligan: 1, kind: "proposals", proposals, more: wanted.length - proposals.length, at: house.clock.now() };
}
