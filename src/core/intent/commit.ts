import { blockingProblems, type PolicyReport, type Violation } from "../authority/policy/report.ts";
import { fail, HalliganError, type Problem, problem } from "../errors.ts";
import type { RevisionId } from "../model/ids.ts";
import type { GitAuthor, GitOutcome } from "./desk.ts";
import { type OpenedProposal, readProposal, requireDigest, requireOpen, updateProposal } from "./proposals.ts";
import { append, blame, changesOf, isStale, pathsOf, type ProposeDeps, requireChange, throwAll } from "./proposing.ts";

/** A proposal that is in the cluster file. */
export interface Committed {
  readonly opened: OpenedProposal;
  readonly revision: RevisionId;
  readonly git: GitOutcome;
}

/**
 * Rules that come not to hold with a proposal. What did not hold before is no fault of it, and what cannot be known without looking at nodes is
 * judged when it is planned.
 */
export function newViolations({ violations }: PolicyReport): readonly Violation[] {
  return violations.filter((each) => each.change === "new" && each.outcome === "fail" && each.waived === undefined);
}

/** What stands against a proposal by the rules of the policy. */
export function denials(report: PolicyReport): readonly Problem[] {
  return blockingProblems({ ...report, violations: newViolations(report) });
}

/**
 * Commits a proposal: writes the cluster file in one go, keeps it as a revision, and makes a git commit of that file alone where it lies in a
 * repository. Two that commit at once end in one winner: the other finds the file changed. Whoever died between the file and the store is
 * completed by the next call. `digest` (its first 8 hex digits or more) is that of the text that was read.
 * @throws `PROPOSAL_NOT_FOUND`, `PROPOSAL_ENDED`, `PROPOSAL_DIGEST`, `PROPOSAL_STALE`, `NOT_ALLOWED`, everything that is wrong with the text, `POLICY_*`,
 * `INTENT_BUSY`, `FILE_UNWRITABLE`.
 */
export async function commitProposal(deps: ProposeDeps, id: string, author: GitAuthor | undefined, digest?: string): Promise<Committed> {
  return await deps.intent.exclusively(async () => {
    const opened = await readProposal(deps.store, id);
    requireOpen(opened.proposal);
    if (digest !== undefined) requireDigest(opened.proposal, digest);
    await requireChange(deps, changesOf(opened));
    const present = await deps.intent.read();
    if (isStale(opened, present)) throw await stale(deps, opened, present);
    const judged = await deps.intent.check(opened.text);
    if (judged.loaded === undefined) throw wrong(id, judged.problems);
    throwAll(denials(await deps.intent.judge(judged.loaded)));
    const isWritten = present === opened.text;
    const git = isWritten ? ({ kind: "left", why: "the file held it already" } as const) : await deps.intent.prepareGit();
    if (!isWritten) {
      await keepBefore(deps, opened);
      await deps.intent.write(opened.before, opened.text);
    }
    const { proposal, editors } = opened.proposal;
    const now = deps.clock.now();
    const by = deps.by;
    const { revision } = await deps.intent.keep(opened.text, { by, at: now, head: true, proposal: { proposal, editors } });
    const outcome: GitOutcome = git.kind === "ready" ? await deps.intent.commitToGit(await messageOf(deps, opened), author) : git;
    const commit = outcome.kind === "committed" ? { git: outcome.commit } : {};
    await updateProposal(deps.store, opened, { state: { phase: "committed", by, at: now, revision, ...commit } });
    await append(deps, { type: "proposal.committed", v: 1, proposal, by, revision, ...commit });
    return { opened: await readProposal(deps.store, id), revision, git: outcome };
  });
}

/** What was there before can be gone back to, too, although nobody planned with it. */
async function keepBefore(deps: ProposeDeps, { before }: OpenedProposal): Promise<void> {
  const { loaded } = await deps.intent.check(before);
  if (loaded !== undefined) await deps.intent.keep(before, { by: deps.by, at: deps.clock.now(), head: true });
}

async function stale(deps: ProposeDeps, opened: OpenedProposal, present: string): Promise<HalliganError> {
  const { proposal } = opened.proposal;
  return fail("PROPOSAL_STALE", {
    message: `${proposal} was made on another cluster file than there is now; nothing was written.`,
    cause: await blame(deps, opened, present),
    hint: `\`halligan propose rebase ${proposal}\` puts it on the present file where both do not change the same; read it and commit it then.`,
  });
}

/** What is wrong with the text, and what to do about the proposal. */
function wrong(id: string, [first, ...rest]: readonly [Problem, ...Problem[]]): HalliganError {
  const hint = `${first.hint} Then correct the proposal (\`halligan set PATH=VALUE --proposal ${id}\`), or drop it.`;
  return new HalliganError([{ ...first, hint }, ...rest]);
}

/** What a git commit says: what changes, never the values. */
async function messageOf(deps: ProposeDeps, opened: OpenedProposal): Promise<string> {
  const { proposal, note, author, editors } = opened.proposal;
  const paths = pathsOf(opened);
  const [first] = paths;
  const what = first === undefined ? "comments and layout" : paths.length === 1 ? first : `${first} and ${paths.length - 1} more`;
  const lines = [
    `${proposal}: ${what.length > 60 ? `${what.slice(0, 57)}...` : what}`,
    "",
    ...(note === undefined ? [] : [await deps.redacted(note), ""]),
    ...(paths.length > 1 ? [...paths.slice(0, 50).map((path) => `- ${path}`), ""] : []),
    `Proposed by ${author}${editors.length > 1 ? `, written by ${editors.join(", ")}` : ""}; committed by ${deps.by} with Halligan.`,
  ];
  return `${lines.join("\n")}\n`;
}

/** What is told when no commit was made, or one that is easily lost. */
export function gitNotice(git: GitOutcome, file: string): Problem | undefined {
  switch (git.kind) {
    case "none":
      return undefined;
    case "committed":
      return git.detached
        ? problem("GIT_NOT_COMMITTED", {
            message: `The git commit ${git.commit.slice(0, 12)} is on no branch.`,
            hint: `\`git branch NAME ${git.commit.slice(0, 12)}\` keeps it.`,
          })
        : undefined;
    case "left":
      return problem("GIT_NOT_COMMITTED", { message: `${file} was written, and no git commit was made of it: ${git.why}.` });
    default:
      return git satisfies never;
  }
}
