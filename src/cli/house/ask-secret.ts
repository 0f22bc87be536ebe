import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { fail } from "../../core/errors.ts";
import { longestBytes } from "../../core/model/secret-policy.ts";
import { SecretValue } from "../../core/model/secret.ts";
import type { Secret } from "../../core/ports.ts";

/** Asks at the terminal without echo; `undefined` where there is no terminal, or when the person gives nothing. */
export async function askSecret(what: string): Promise<Secret | undefined> {
  const [answer] = await askHidden([what]);
  return answer === undefined || answer === "" ? undefined : new SecretValue(answer);
}

/** Asks one after the other. The terminal shows nothing from before the first question until after the last answer, also of what is typed ahead. */
async function askHidden(questions: readonly string[]): Promise<readonly string[]> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return [];
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true, historySize: 0 });
  const typed = lines[Symbol.asyncIterator]();
  const answers: string[] = [];
  try {
    for (const question of questions) {
      process.stderr.write(`${question}: `);
      const { value, done } = await typed.next();
      process.stderr.write("\n");
      if (done === true) break;
      answers.push(value);
    }
  } finally {
    lines.close();
  }
  return answers;
}

/**
 * Takes a value for keeping: all of standard input without the newline at its end, or typed twice at the terminal.
 * @throws `SECRET_MISSING` when there is none, `SECRET_UNFIT` when what was typed differs or is no text.
 */
export async function takeSecret(what: string): Promise<Secret> {
  if (!process.stdin.isTTY) return await secretFromInput(what);
  const [first = "", again = ""] = await askHidden([what, `${what}, again`]);
  if (first === "") throw fail("SECRET_MISSING", { message: `Nothing was given for the ${what}.` });
  if (again !== first) throw fail("SECRET_UNFIT", { message: "What was typed the second time differs.", hint: "Try again." });
  return new SecretValue(first);
}

async function secretFromInput(what: string): Promise<Secret> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > longestBytes + 2) throw fail("SECRET_UNFIT", { message: `The ${what} has more than ${longestBytes} bytes.` });
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks)
    .toString("utf8")
    .replace(/\r?\n$/u, "");
  if (text === "")
    throw fail("SECRET_MISSING", {
      message: `Nothing was given for the ${what} on standard input.`,
      hint: "Pipe the value in, or run the command in a terminal to be asked for it. It is never an argument: arguments are seen by others.",
    });
  return new SecretValue(text);
}
