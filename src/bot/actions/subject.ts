import { shortDigest } from "../messages/voice.ts";
import { type Carried, nonceOf } from "../messages/button-value.ts";
import { type PlanView, planActs, planPhaseKey } from "../messages/plan-view.ts";
import { stateText } from "../messages/plan-words.ts";
import { type RunView, runActs, runPhaseKey } from "../messages/run-view.ts";
import { runStateText } from "../messages/run-words.ts";
import type { Board } from "../publish/board.ts";
import { type SlackText, bold, esc, mrkdwn } from "../text/slack-text.ts";
import { hasCode } from "../../core/errors.ts";

/** What a button is about, read anew when it is pressed. */
export type Subject =
  | { readonly kind: "plan"; readonly view: PlanView; readonly digest: string; readonly deployments: readonly string[] }
  | { readonly kind: "run"; readonly view: RunView; readonly digest: string; readonly deployments: readonly string[] };

/** A press that counts, or why it does not. */
export type Judged = { readonly subject: Subject } | { readonly stale: SlackText };

/** Buttons that mean the same in every state that offers them: nothing of a machine is changed by them. */
const stateless: ReadonlySet<Carried["act"]> = new Set(["replan", "diff", "logs"]);

/** Judges a press by what stands now: the button must be one of this plan or run, in this state. */
export async function judgePress(board: Board, carried: Carried): Promise<Judged> {
  const { id, cluster, act, digest, nonce } = carried;
  const subject = await readSubject(board, id);
  if (subject === undefined) return { stale: mrkdwn`Nothing was done: there is no ${esc(id)} in ${bold(esc(cluster))}.` };
  if (shortDigest(subject.digest) !== digest)
    return {
      stale: mrkdwn`Nothing was done: that button was for another plan than the ${esc(id)} of ${bold(esc(cluster))} (its digest is ${esc(shortDigest(subject.digest))}).`,
    };
  const legal = subject.kind === "plan" ? planActs(subject.view) : runActs(subject.view);
  const phase = subject.kind === "plan" ? planPhaseKey(subject.view) : runPhaseKey(subject.view);
  if (!legal.includes(act) || (!stateless.has(act) && nonce !== nonceOf(cluster, id, act, phase)))
    return {
      stale: mrkdwn`Nothing was done: ${esc(id)} of ${bold(esc(cluster))} is in another state by now than that button was for. ${stateOf(subject)}`,
    };
  return { subject };
}

/** Where it stands, in a sentence. */
function stateOf(subject: Subject): SlackText {
  return subject.kind === "plan" ? stateText(subject.view) : runStateText(subject.view);
}

async function readSubject(board: Board, id: string): Promise<Subject | undefined> {
  if (id.startsWith("P-")) {
    try {
      const view = await board.plan(id);
      return { kind: "plan", view, digest: view.document.digest, deployments: view.document.deployments };
    } catch (error) {
      if (hasCode(error, "RUN_NOT_FOUND")) return undefined;
      throw error;
    }
  }
  const found = await board.run(id);
  if (found === undefined) return undefined;
  return { kind: "run", view: found.view, digest: found.story.plan.digest, deployments: found.view.deployments };
}
