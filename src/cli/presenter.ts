import type { CommandDefinition, Passing } from "../core/commands/command.ts";
import type { Output } from "./output.ts";
import { progressLine } from "./progress.ts";
import { renderProblems } from "./problems.ts";
import { safeJson, safeText, safeValue } from "../core/words/safe-text.ts";
import type { Screen } from "./screen.ts";

/** Shows what passes while a command goes on. */
export interface Presenter {
  pass(passing: Passing): void;
  /** The person pressed Ctrl+C. `stay`: it was dealt with (a question was shown); `leave`: the command shall end. */
  interrupt(): "stay" | "leave";
  /** Called once before the answer or the problems are printed: what was drawn to be redrawn is cleared or finished. */
  end(): void;
  /** Lets the person cancel the run that is followed (CommandContext.offerCancel). */
  offerCancel?(run: string, cancel: (how: "after-step" | "now") => Promise<void>): () => void;
  /** How many events have been shown. */
  readonly events: number;
}

/** With `--json`: events and logs of following commands, one per line; nothing else. */
export function jsonPresenter(definition: CommandDefinition, output: Output): Presenter {
  let events = 0;
  return {
    pass(passing) {
      if (!definition.follows) return;
      if (passing.type === "event") {
        const { type, seq, at, ...rest } = passing.event;
        output.out(`${safeJson({ type, seq, at, ...rest })}\n`);
        events += 1;
      } else if (passing.type === "log") {
        output.out(`${safeJson(passing)}\n`);
        events += 1;
      }
    },
    interrupt: () => "leave",
    end: () => undefined,
    get events() {
      return events;
    },
  };
}

/** Progress as progress.ts tells it; logs as they come; problems at once. */
export function plainPresenter(output: Output, screen: Screen): Presenter {
  const progress = progressLine(output, screen, () => performance.now());
  return {
    pass(passing) {
      const safe = safeValue(passing);
      if (safe.type !== "progress") progress.clear();
      switch (safe.type) {
        case "progress":
          progress.show(safe);
          return;
        case "log":
          output.out(safe.text);
          return;
        case "event":
          output.out(`${new Date(safe.event.at).toISOString()} ${safe.event.type} ${safeText(safe.event.stream)}\n`);
          return;
        case "plan":
          return; // live/presenter.ts shows plans
        case "problem":
          output.err(`${renderProblems([safe.problem], screen).join("\n")}\n`);
          return;
        default:
          safe satisfies never;
      }
    },
    interrupt: () => "leave",
    end: () => progress.clear(),
    events: 0,
  };
}
