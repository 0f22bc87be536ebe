import { section } from "../text/blocks.ts";
import type { Message } from "../text/message.ts";
import { type SlackText, empty, esc, joined, moment, mrkdwn } from "../text/slack-text.ts";
import type { PlanView } from "./plan-view.ts";
import { countWords, planSentence, purposeText, stateText } from "./plan-words.ts";
import { changesText, riskText } from "./plan-changes.ts";
import type { RunView } from "./run-view.ts";
import { nextText, runSentence, runStateText } from "./run-words.ts";
import { blocks, fitted, typed } from "./voice.ts";

/** Where the whole message stands. */
function place(link: SlackText): SlackText {
  return link === "" ? mrkdwn`` : mrkdwn` The whole plan and the buttons: ${link}`;
}

/** To somebody whose approval is needed. */
export function approverMessage(view: PlanView, link: SlackText): Message {
  const { document, phase, style } = view;
  const request = "request" in phase ? phase.request : undefined;
  const text = mrkdwn`Your approval is asked for plan ${esc(document.id)} of ${esc(style.cluster)} by ${esc(view.author)}: ${esc(countWords(document.summary))}.`;
  return fitted(text, () =>
    blocks(
      section(mrkdwn`*${text}*${request === undefined ? mrkdwn`` : mrkdwn` Until ${moment(request.expiresAt)}.`}`),
      section(joined([joined([purposeText(view), riskText(view)], " "), changesText(view, 0.6)], "\n"), 1900),
      link === "" ? undefined : section(place(link)),
      request === undefined
        ? undefined
        : section(
            mrkdwn`By command: ${typed(style, `halligan approve ${request.request}`)} or ${typed(style, `halligan reject ${request.request} --reason TEXT`)}.`,
          ),
    ),
  );
}

/** To whoever asked, when the others have decided. */
export function decidedMessage(view: PlanView, link: SlackText): Message {
  return fitted(planSentence(view), () =>
    blocks(section(mrkdwn`${planSentence(view)}`), section(stateText(view), 1500), link === "" ? undefined : section(place(link))),
  );
}

/** To whoever asked for a run, when it has ended. */
export function runEndedMessage(view: RunView, link: SlackText): Message {
  return fitted(runSentence(view), () =>
    blocks(
      section(runSentence(view), 1500),
      section(nextText(view), 900),
      link === "" ? undefined : section(mrkdwn`The whole story: ${link}`),
    ),
  );
}

/** Who answers for a run from now on, and what they were told. */
export function handedMessage(
  view: RunView,
  { from, to, note }: { readonly from: string; readonly to: string; readonly note: string },
  link: SlackText,
): Message {
  const { run } = view.state;
  const text = mrkdwn`${esc(to)} answers for run ${esc(run)} on ${esc(view.style.cluster)} from now on; it was ${esc(from)}’s.`;
  return fitted(text, () =>
    blocks(
      section(joined([text, note === "" ? empty : mrkdwn`${esc(from)} says: “${esc(note.slice(0, 600))}”.`], " "), 1500),
      section(runStateText(view), 900),
      link === "" ? undefined : section(mrkdwn`Its message and buttons: ${link}`),
    ),
  );
}

/** Loudly, where everybody responsible sees it: somebody took a run past its gates. */
export function breakglassMessage(view: RunView, passed: readonly string[]): Message {
  const { state, style } = view;
  const reason = state.breakglass?.reason ?? "";
  const text = mrkdwn`BREAK-GLASS on ${esc(style.cluster)}: ${esc(state.by)} runs ${esc(state.run)} (plan ${esc(state.plan)}) past what stood in the way. Reason: ${esc(reason.slice(0, 500))}`;
  return fitted(text, (room) =>
    blocks(
      section(mrkdwn`*${text}*`, 1500),
      passed.length === 0
        ? undefined
        : section(
            mrkdwn`What was passed:\n${joined(
              passed.slice(0, Math.round(8 * room)).map((each) => mrkdwn`• ${esc(each.slice(0, 300))}`),
              "\n",
            )}`,
            2500,
          ),
      section(
        mrkdwn`Somebody else has to review it afterwards: ${typed(style, `halligan breakglass --reviewed ${state.run} --note TEXT`)}.`,
      ),
    ),
  );
}
