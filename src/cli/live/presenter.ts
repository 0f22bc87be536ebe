import type { Passing } from "../../core/commands/command.ts";
import { documentPlan } from "../../core/commands/plan-document.ts";
import type { Recorded } from "../../core/journal/events.ts";
import type { RunState } from "../../core/run/state.ts";
import { hasEnded } from "../../core/run/state.ts";
import type { Output } from "../output.ts";
import { type Presenter, plainPresenter } from "../presenter.ts";
import { safeText, safeValue } from "../../core/words/safe-text.ts";
import type { Screen } from "../screen.ts";
import { planView } from "../views/plan.ts";
import { failureLines } from "../views/run.ts";
import { LiveView } from "./live-view.ts";
import { eventLines, outputLines } from "./lines.ts";
import { logLines } from "./log-lines.ts";
import type { Terminal } from "./terminal.ts";

/** What a person sees of a run: the live view, if there is a terminal for it. */
export interface RunPresenterOptions {
  readonly output: Output;
  readonly outScreen: Screen;
  readonly errScreen: Screen;
  /** Present where the live view can be drawn and keys can be read. */
  readonly terminal?: Terminal;
  /** Ends the command, not the run. */
  readonly leave: () => void;
}

/** Ways to cancel the run that is followed, offered by the command. */
type Offer = { readonly run: string; readonly cancel: (how: "after-step" | "now") => Promise<void> };

/** Presents plans, runs and logs: live on a terminal, in plain lines elsewhere; other facts as all commands do. */
export function runPresenter(options: RunPresenterOptions): Presenter & { offerCancel(run: string, cancel: Offer["cancel"]): () => void } {
  const { output, outScreen, errScreen, terminal, leave } = options;
  const plain = plainPresenter(output, errScreen);
  let offer: Offer | undefined;
  let live: LiveView | undefined;
  let events = 0;

  const follow = (event: Recorded, state: RunState | undefined): void => {
    events += 1;
    if (terminal === undefined || state === undefined) {
      plain.end();
      const lines = eventLines(event);
      if (lines.length > 0) output.out(`${lines.join("\n")}\n`);
      return;
    }
    plain.end();
    live ??= new LiveView({
      terminal,
      screen: outScreen,
      state,
      leave,
      cancel: (how) =>
        offer
          ?.cancel(how)
          .catch((error: unknown) => live?.say([`Could not cancel: ${safeText(error instanceof Error ? error.message : String(error))}`])),
    });
    live.fold(event, state, noticeOf(event, state.run, outScreen));
    if (hasEnded(state.phase)) live.end();
  };

  return {
    pass(passing: Passing) {
      if (passing.type === "event") follow(passing.event, passing.state);
      else if (passing.type === "log") {
        plain.end();
        output.out(logLines(safeValue(passing), outScreen));
      } else if (passing.type === "plan") {
        plain.end();
        output.out(
          `${planView(safeValue(documentPlan(passing.plan, passing.policy)), outScreen)
            .slice(0, -1)
            .join("\n")}\n`,
        );
      } else plain.pass(passing);
    },
    interrupt() {
      if (live === undefined || !live.open) return "leave";
      return live.interrupt();
    },
    end() {
      live?.end();
      plain.end();
    },
    get events() {
      return events;
    },
    offerCancel(run, cancel) {
      offer = { run, cancel };
      return () => {
        offer = undefined;
      };
    },
  };
}

/** What is printed for good above the live view: failures as they come, contact, and what people asked for. */
function noticeOf(event: Recorded, run: string, screen: Screen): readonly string[] {
  if (event.type === "noderole.moved" && event.problem !== undefined && (event.state === "error" || event.state === "unknown")) {
    const { problem } = event;
    return failureLines(run, safeValue(problem), screen);
  }
  if (event.type === "step.finished" && event.status === "failed" && event.section === "on-failure" && event.tail !== undefined)
    return outputLines(event.tail);
  if (event.type === "intent.cancel" || event.type === "intent.pause" || event.type === "intent.resume" || event.type === "run.resumed")
    return eventLines(event);
  return [];
}
