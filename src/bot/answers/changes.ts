import type { FreezeDocument } from "../../core/commands/authority/freeze.ts";
import type { LockedDocument } from "../../core/commands/authority/lock.ts";
import type { UnlockedDocument } from "../../core/commands/authority/unlock.ts";
import type { Answer } from "../../core/commands/command.ts";
import type { RollbackDocument } from "../../core/commands/intent/rollback-run.ts";
import type { ProposalDocument } from "../../core/commands/intent/proposal-document.ts";
import type { NotesDocument } from "../../core/commands/note.ts";
import { listed } from "../../core/words/count.ts";
import { cleanLine } from "../text/clean.ts";
import { code, empty, esc, mention, moment, mrkdwn, type SlackText } from "../text/slack-text.ts";

/** Who changed what, for the channel: one line. `text` is the command line's view of the answer, for kinds without words of their own here. */
export function changeLine(
  answer: Answer,
  by: { readonly user: string; readonly command: string; readonly cluster: string },
  text: string,
): SlackText {
  const who = mention(by.user);
  const where = esc(by.cluster);
  const { document } = answer;
  switch (document.kind) {
    case "locked": {
      const { locks } = document as unknown as LockedDocument;
      const [first] = locks;
      const until = first === undefined || first.until === null ? mrkdwn`until it is released` : mrkdwn`until ${moment(first.until)}`;
      return mrkdwn`${who} locked ${lockedText(locks)} in ${where} ${until}: ${esc(first?.reason ?? "")}`;
    }
    case "unlocked": {
      const { locks, takenFrom } = document as unknown as UnlockedDocument;
      const from = takenFrom.length === 0 ? empty : mrkdwn`, taken from ${esc(listed(takenFrom))}`;
      return mrkdwn`${who} unlocked ${lockedText(locks)} in ${where}${from}.`;
    }
    case "frozen":
    case "unfrozen": {
      const { freeze } = document as unknown as FreezeDocument;
      const what = freeze.deployments.length === 0 ? mrkdwn`the whole cluster` : esc(listed(freeze.deployments));
      const id = code(freeze.freeze);
      if (document.kind === "unfrozen") return mrkdwn`${who} ended freeze ${id} of ${what} in ${where}.`;
      return mrkdwn`${who} set freeze ${id} of ${what} in ${where}, ${moment(freeze.from)} to ${moment(freeze.until)}: ${esc(freeze.reason)}`;
    }
    case "notes": {
      const { did, notes } = document as unknown as NotesDocument;
      const [note] = notes;
      return mrkdwn`${who} ${did === "removed" ? esc("took away") : esc("made")} note ${code(note?.note ?? "N-?")} in ${where}: ${esc(note?.text ?? "")}`;
    }
    case "proposal": {
      const { did, proposal, paths } = document as unknown as ProposalDocument;
      const verb = {
        shown: "shows",
        made: "proposed",
        changed: "changed",
        rebased: "brought up to date",
        dropped: "dropped",
        committed: "committed",
      };
      return mrkdwn`${who} ${esc(verb[did])} ${code(proposal)} in ${where}: ${esc(listed(paths, 5))}.`;
    }
    default: {
      const first = text.split("\n").find((line) => line.trim() !== "") ?? "";
      return mrkdwn`${who}: ${code(by.command)} in ${where}: ${esc(cleanLine(first))}`;
    }
  }
}

/** What a rollback is about: where the deployment goes back to, and whether the cluster file says so already. */
export function rollbackLine(document: Answer["document"], by: { readonly user: string; readonly cluster: string }): SlackText {
  const { deployment, revision, run, way, proposal, differs, plan } = document as unknown as RollbackDocument;
  const isWritten = proposal !== undefined && proposal.state.phase !== "open";
  const file =
    way === "revision"
      ? mrkdwn`The cluster file still says otherwise (${esc(listed(differs, 3))}), and the next plan would bring that about again.`
      : proposal === undefined
        ? mrkdwn`The cluster file says so already.`
        : isWritten
          ? mrkdwn`The cluster file says so again (${esc(proposal.proposal)}).`
          : mrkdwn`It is proposed as ${esc(proposal.proposal)}; the plan can be applied once that is committed: ${code(`propose commit ${by.cluster} ${proposal.proposal}`)}.`;
  return mrkdwn`${mention(by.user)} takes ${esc(deployment)} of ${esc(by.cluster)} back to ${esc(revision)}, as ${esc(run)} applied it: ${esc(plan.id)} is the plan. ${file}`;
}

function lockedText(locks: LockedDocument["locks"]): SlackText {
  const names = locks.flatMap(({ deployment }) => (deployment === null ? [] : [deployment]));
  return names.length === 0 ? mrkdwn`the whole cluster` : esc(listed(names));
}
