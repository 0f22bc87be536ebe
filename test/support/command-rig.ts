import type { Answer, CommandContext, CommandDefinition, Passing } from "../../src/core/commands/command.ts";
import { HalliganError } from "../../src/core/errors.ts";
import type { House } from "../../src/core/house.ts";

/** One call of a command by one person, with what passed. */
export interface Call {
  readonly passed: Passing[];
  readonly answer: Promise<Answer>;
  /** Ways to cancel that the command offers at present. */
  readonly offers: Map<string, (how: "after-step" | "now") => Promise<void>>;
  leave(): void;
  /** Waits until something that fits has passed. */
  until(fits: (passing: Passing) => boolean): Promise<void>;
}

/** Calls a command as a front end does; `confirm` is the person's answer. */
export function call(
  house: House,
  definition: CommandDefinition<never> | { run(context: CommandContext, args: never): Promise<Answer> },
  args: object,
  confirm?: boolean,
): Call {
  const leaving = new AbortController();
  const passed: Passing[] = [];
  const offers: Call["offers"] = new Map();
  let wake: () => void = () => undefined;
  const context: CommandContext = {
    house: async () => house,
    local: { zone: "Europe/Berlin" } as never,
    pass(passing) {
      passed.push(passing);
      wake();
    },
    confirm: async () => confirm,
    offerCancel(run, cancel) {
      offers.set(run, cancel);
      return () => void offers.delete(run);
    },
    signal: leaving.signal,
    by: "ann",
    front: "cli",
    authorise: async () => undefined,
    cwd: "/",
  };
  const answer = definition.run(context, args as never);
  answer.catch(() => undefined); // looked at by the test
  return {
    passed,
    answer,
    offers,
    leave: () => leaving.abort(new Error("the person left")),
    async until(fits) {
      while (!passed.some(fits)) {
        await Promise.race([
          new Promise<void>((resolve) => {
            wake = resolve;
          }),
          answer,
        ]);
      }
    },
  };
}

/** The codes of the problems that a command ended with; fails when it did not. */
export async function codesOf(answer: Promise<Answer>): Promise<readonly string[]> {
  const outcome = await answer.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof HalliganError) return outcome.problems.map((each) => each.code);
  throw outcome instanceof Error ? outcome : new Error("the command gave an answer");
}
