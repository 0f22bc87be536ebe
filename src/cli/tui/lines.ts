import { createInterface } from "node:readline";
import { safeText } from "../../core/words/safe-text.ts";
import type { Lines } from "../../tui/plain/talk.ts";

/** Lines from standard input, sentences to standard output: works on any terminal, and in a pipe. */
export function askLines(): Lines {
  const { stdin, stdout } = process;
  const reader = createInterface({ input: stdin, output: stdout, terminal: stdin.isTTY && stdout.isTTY && process.env["TERM"] !== "dumb" });
  const lines = reader[Symbol.asyncIterator]();
  return {
    say: (text) => void stdout.write(`${safeText(text)}\n`),
    async ask(prompt) {
      stdout.write(prompt);
      const { done, value } = await lines.next();
      if (!stdin.isTTY) stdout.write("\n");
      return done === true ? undefined : value;
    },
    close: () => reader.close(),
  };
}
