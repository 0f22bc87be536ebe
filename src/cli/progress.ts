import type { Passing } from "../core/commands/command.ts";
import { count } from "../core/words/count.ts";
import type { Output } from "./output.ts";
import type { Screen } from "./screen.ts";
import { cutToWidth } from "../core/words/text-width.ts";

/** Where nothing can be redrawn, a phase that goes on is told again after this time. */
const repeatMs = 5_000;

/** Tells how far a command is: on one line that is redrawn on a terminal; elsewhere a line per phase, and now and then one more. */
export interface Progress {
  /** `passing` is safe to print. */
  show(passing: Extract<Passing, { type: "progress" }>): void;
  /** Takes the redrawn line away. */
  clear(): void;
}

/** Makes the teller of progress. `now` gives ms of a clock that only goes forward. */
export function progressLine(output: Output, screen: Screen, now: () => number): Progress {
  let drawn = false;
  let last: { readonly what: string; readonly done: number; readonly toldAt: number } | undefined;
  return {
    show({ what, done, total, item }) {
      const named = item === undefined ? "" : `, ${item}`;
      if (screen.live) {
        output.err(`\r\u001b[K${cutToWidth(`${phaseWords(what, total)}: ${done} of ${total}${named}`, screen.width - 1)}`);
        drawn = true;
        return;
      }
      const before = last?.what === what ? last : undefined;
      // something that takes its time without getting a piece further, such as installing packages
      const stage = done === (before?.done ?? 0);
      const due = before === undefined || now() - before.toldAt >= repeatMs;
      if (due || stage)
        output.err(`${phaseWords(what, total)}${before === undefined ? "" : `: ${done} of ${total}`}${stage ? named : ""}\n`);
      last = { what, done, toldAt: due || stage ? now() : before.toldAt };
    },
    clear() {
      if (drawn) output.err("\r\u001b[K");
      drawn = false;
    },
  };
}

/** What goes on, in words; `what` is a fact of the core. */
function phaseWords(what: string, total: number): string {
  switch (what) {
    case "prune":
      return `Removing ${count(total, "run or plan", "runs and plans")}`;
    case "discover":
      return `Looking at ${count(total, "node")}`;
    case "check":
      return `Checking ${count(total, "node-role")}`;
    case "prove":
      return `Proving ${count(total, "capability", "capabilities")}`;
    case "prove end":
      return "Ending the proofs, and cleaning up after them; Ctrl+C again leaves at once";
    case "exec":
      return `Running on ${count(total, "node")}`;
    case "exec end":
      return "Ending what runs on the nodes; Ctrl+C again leaves at once";
    case "wait":
      return "Waiting for the run that goes on";
    case "approval":
      return "Waiting for approval";
    case "queue":
      return `Waiting behind ${count(total, "run")}; \`halligan queue\` tells why`;
    case "resume":
      return "A run was left by an engine that is gone; a new engine goes on with it first";
    case "lab up":
      return `Bringing up ${count(total, "machine")}`;
    case "lab down":
      return `Stopping ${count(total, "machine")}`;
    default:
      return what;
  }
}
