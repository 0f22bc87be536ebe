import { fail } from "../../errors.ts";
import type { House } from "../../house.ts";
import { valueOf } from "../../intent/changes.ts";
import { commitProposal, gitNotice } from "../../intent/commit.ts";
import type { OpenedProposal } from "../../intent/proposals.ts";
import { amendProposal, dropProposal, propose, type ProposeDeps, rebaseProposal } from "../../intent/proposing.ts";
import { settingEdits, type SettingWish } from "../../intent/setting-edits.ts";
import { editYaml } from "../../intent/yaml-edit.ts";
import type { Answer, CommandContext } from "../command.ts";
import { gitAuthor, type ProposalDeed, proposalDocument, proposeDeps } from "./proposal-document.ts";

/** Shows what became of a proposal. Exit code 0 also where its file would not be valid: that is told, and it cannot be committed. */
export async function answerProposal(house: House, opened: OpenedProposal, did: ProposalDeed): Promise<Answer> {
  return { exit: 0, document: { ...(await proposalDocument(house, opened, did)) } };
}

/** Commits a proposal and shows what came of it. @throws what committing throws. */
export async function commitAndAnswer(context: CommandContext, house: House, id: string, digest?: string): Promise<Answer> {
  const { opened, git } = await commitProposal(proposeDeps(context, house), id, await gitAuthor(context, house), digest);
  const notice = gitNotice(git, house.file);
  const notices = notice === undefined ? [] : [notice];
  return { exit: 0, document: { ...(await proposalDocument(house, opened, "committed", { git, notices })) } };
}

/** Puts a proposal on the present file and shows it. @throws what rebasing throws. */
export async function rebaseAndAnswer(context: CommandContext, house: House, id: string): Promise<Answer> {
  return await answerProposal(house, await rebaseProposal(proposeDeps(context, house), id), "rebased");
}

/** Gives a proposal up and shows it. @throws what dropping throws. */
export async function dropAndAnswer(context: CommandContext, house: House, id: string): Promise<Answer> {
  return await answerProposal(house, await dropProposal(proposeDeps(context, house), id), "dropped");
}

/** How `set` was called. */
export interface SetArgs {
  readonly changes: readonly string[];
  readonly unset: readonly string[];
  readonly deployment?: string | undefined;
  readonly node?: string | undefined;
  readonly note?: string | undefined;
  readonly proposal?: string | undefined;
  readonly commit: boolean;
}

/** Proposes settings, or adds them to a proposal. @throws everything that is wrong with them at once, and what proposing and committing throw. */
export async function setValues(context: CommandContext, args: SetArgs): Promise<Answer> {
  const { changes, unset, deployment, node, note } = args;
  if (changes.length === 0 && unset.length === 0)
    throw fail("USAGE", {
      message: "Nothing is to be set.",
      hint: "Write PATH=VALUE, such as `halligan set nginx.port=8080 --deployment web`.",
    });
  const house = await context.house();
  const deps = proposeDeps(context, house);
  const scope = { ...(deployment === undefined ? {} : { deployment }), ...(node === undefined ? {} : { node }) };
  const wish: SettingWish = { changes, unset, scope };
  const opened = args.proposal === undefined ? await proposeSettings(deps, wish, note) : await amendSettings(deps, args.proposal, wish);
  if (args.commit) return await commitAndAnswer(context, house, opened.proposal.proposal);
  return await answerProposal(house, opened, args.proposal === undefined ? "made" : "changed");
}

/**
 * Proposes settings on the cluster file as it is.
 * @throws everything that is wrong with them at once, `PROPOSAL_EMPTY`, and the problems of the file as it is.
 */
export async function proposeSettings(deps: ProposeDeps, wish: SettingWish, note?: string): Promise<OpenedProposal> {
  const present = await deps.intent.read();
  return await propose(deps, await edited(deps, present, wish), note);
}

async function amendSettings(deps: ProposeDeps, id: string, wish: SettingWish): Promise<OpenedProposal> {
  const { readProposal } = await import("../../intent/proposals.ts");
  const { text } = await readProposal(deps.store, id);
  const next = await edited(deps, text, wish);
  return await amendProposal(deps, id, () => next);
}

/** The text with the settings in it; it must be valid before and after. */
async function edited(deps: ProposeDeps, text: string, wish: SettingWish): Promise<string> {
  const { throwAll } = await import("../../intent/proposing.ts");
  const before = await deps.intent.check(text);
  throwAll(before.problems);
  if (before.loaded === undefined) throw fail("BUG", { message: "A cluster file gave neither a cluster nor a problem." });
  const next = settingEdits(wish, { value: valueOf(text) ?? null, loaded: before.loaded }).reduce(editYaml, text);
  throwAll((await deps.intent.check(next)).problems);
  return next;
}
