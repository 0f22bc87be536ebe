import { createInterface } from "node:readline/promises";
import type { Confirmation } from "../core/commands/command.ts";
import { safeText } from "../core/words/safe-text.ts";

const questions: Readonly<Record<Confirmation["what"], string>> = {
  apply: "Apply this plan?",
  remove: "Remove this?",
  reset: "Take all of this away?",
  forget: "Forget this?",
  breakglass: "Break the glass and run it?",
  "lab down": "Take the lab down?",
  overwrite: "Overwrite?",
  link: "Do you want that?",
  exec: "Run this?",
};

/** Asks on the terminal; only `y` or `yes` is a yes, or exactly what is to be typed. `undefined` where there is no terminal to ask on. */
export async function askPerson(confirmation: Confirmation, signal: AbortSignal): Promise<boolean | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const detail = confirmation.detail === undefined ? "" : `${safeText(confirmation.detail)}\n`;
    const { typed } = confirmation;
    const how = typed === undefined ? "[y/N]" : `Type ${safeText(typed)} to do it:`;
    const answer = (await lines.question(`${detail}${questions[confirmation.what]} ${how} `, { signal })).trim();
    return typed === undefined ? /^y(es)?$/iu.test(answer) : answer === typed;
  } catch {
    return false; // Ctrl+C or Ctrl+D at the question
  } finally {
    lines.close();
  }
}
