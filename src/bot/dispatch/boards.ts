import type { GrammarContext } from "../grammar/parse.ts";
import type { ThreadSubject } from "../grammar/thread.ts";
import type { SlackCaller } from "../inbound/inbound.ts";
import type { ServedCluster } from "../ports.ts";
import type { Place, Posted } from "../send/sender.ts";
import type { Question } from "./dispatch.ts";

/** What is asked of the messages of plans and runs: they are kept up to date by themselves, and there is one of each. */
export interface Boards {
  /**
   * Shows a plan for review where it was asked for. `instead`: the message (`Planning…`) that becomes the review. Where the plan is shown
   * already, the message that exists is brought up to date and returned.
   */
  showPlan(cluster: ServedCluster, plan: string, to: Place, by: SlackCaller, instead?: Posted): Promise<Posted>;
  /** Shows a run where it was asked for, and follows it to its end. */
  showRun(cluster: ServedCluster, run: string, to: Place, by: SlackCaller): Promise<Posted>;
  /** What a thread is about; `undefined` = nothing of ours. */
  subject(place: Required<Place>): Promise<ThreadSubject | undefined>;
  /** What a message of ours is about, by where it stands. */
  subjectOf(at: Posted): Promise<ThreadSubject | undefined>;
  /**
   * Puts a question to a person, so that only they see it: a modal where there is a trigger, else a message with buttons. Its yes calls
   * `answerQuestion` (dispatch/questions.ts) with the question's id.
   */
  ask(question: AskedQuestion): Promise<void>;
}

/** A question with everything that is needed to put it. */
export interface AskedQuestion {
  readonly id: string;
  readonly question: Question;
  readonly cluster: ServedCluster | undefined;
  readonly caller: SlackCaller;
  readonly to: Place;
  /** The cluster's name has to be typed. */
  readonly protected: boolean;
  readonly trigger?: string;
}

/** How commands are written where somebody is: for hints in messages. */
export type Here = Pick<GrammarContext, "prefix" | "clusters">;
