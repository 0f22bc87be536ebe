import type { CommandDefinition } from "../../core/commands/command.ts";
import { parseArguments } from "../../core/commands/arguments.ts";
import { fail } from "../../core/errors.ts";
import { readPlan } from "../../core/run/requests.ts";
import { purposeCommand } from "../../core/words/purpose.ts";
import type { Store } from "../../core/ports.ts";
import type { Act } from "../messages/button-value.ts";
import type { Subject } from "./subject.ts";

/** A command with its arguments, as a line would give them. */
export interface Wish {
  readonly definition: CommandDefinition;
  readonly args: Readonly<Record<string, unknown>>;
}

/** What was filled into a modal, by field. */
export type Filled = Readonly<Record<string, string>>;

/** The command that a button stands for: the same that one would type. @throws `CHAT_QUESTION_GONE` when there is none. */
export async function wishOf(
  commands: readonly CommandDefinition[],
  store: Store,
  act: Act,
  subject: Subject,
  filled: Filled,
): Promise<Wish> {
  const words = await wordsOf(store, act, subject, filled);
  const { command, args, problems } = parseArguments(words, commands);
  if (command === undefined || problems.length > 0)
    throw fail("CHAT_QUESTION_GONE", { message: `That button means ${words.slice(0, 2).join(" ")}, which cannot be done here.` });
  return { definition: command, args };
}

async function wordsOf(store: Store, act: Act, subject: Subject, filled: Filled): Promise<readonly string[]> {
  if (subject.kind === "plan") {
    const { document, phase } = subject.view;
    const request = "request" in phase && phase.request !== undefined ? phase.request.request : "";
    switch (act) {
      case "apply":
        return ["apply", document.id, "--detach"];
      case "review":
        return ["approve", request, "--digest", document.digest];
      case "reject":
        return ["reject", request, "--reason", filled["reason"] ?? ""];
      case "withdraw":
        return ["withdraw", request];
      case "diff":
        return ["diff", document.id];
      case "replan": {
        const { body } = await readPlan(store, document.id);
        if (body.purpose !== undefined) return purposeCommand(body.purpose).split(" ").slice(1);
        return ["plan", ...document.deployments];
      }
      default:
        return [act];
    }
  }
  const { state } = subject.view;
  switch (act) {
    case "pause":
    case "resume":
    case "logs":
      return [act, state.run];
    case "cancel":
      return ["cancel", state.run, ...(state.cancel === undefined ? [] : ["--now"])];
    case "handoff":
      return ["handoff", state.run, filled["person"] ?? "", ...((filled["note"] ?? "") === "" ? [] : ["--note", filled["note"] ?? ""])];
    case "retry":
      return ["retry", state.run, "--plan-only"];
    case "rollback":
      return ["rollback", ...subject.deployments, "--commit"];
    default:
      return [act];
  }
}
