import { spawn } from "node:child_process";
import { fail, type HalliganError } from "../../errors.ts";
import { longestBytes } from "../../model/secret-policy.ts";
import { SecretValue } from "../../model/secret.ts";
import type { Secret } from "../../ports.ts";

/** How a program is run for a secret. */
export interface SecretCommand {
  /** Program and arguments; no shell sees them. */
  readonly words: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How long it may take, in ms; then it is killed with all that it started. */
  readonly deadlineMs: number;
  /** The secret, for messages. */
  readonly what: string;
}

/**
 * What a program prints on standard output, without the newline at its end. It gets no input and no terminal. Nothing that it prints is ever shown, on
 * standard error neither: it may hold the value. @throws `SECRET_COMMAND_FAILED`.
 */
export async function secretFromCommand({ words, folder, environment, deadlineMs, what }: SecretCommand): Promise<Secret> {
  const [program = "", ...args] = words;
  const wrong = (how: string, action?: string): HalliganError =>
    fail("SECRET_COMMAND_FAILED", { message: `The ${what} comes from the program ${program}, which ${how}.`, hint: action });
  const child = spawn(program, args, { cwd: folder, env: environment, stdio: ["ignore", "pipe", "ignore"], detached: true });
  const chunks: Buffer[] = [];
  let bytes = 0;
  let killed: string | undefined;
  const kill = (why: string): void => {
    killed ??= why;
    try {
      // Its whole process group: a helper that keeps the pipe open would keep us waiting.
      process.kill(-(child.pid ?? 0), "SIGKILL");
    } catch {
      child.kill("SIGKILL"); // it has ended, or has another group
    }
    child.stdout.destroy();
  };
  const timer = setTimeout(() => kill(`did not end within ${Math.round(deadlineMs / 1000)} s`), deadlineMs);
  child.stdout.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > longestBytes + 2) kill(`printed more than ${longestBytes} bytes`);
    else chunks.push(chunk);
  });
  const ended = await new Promise<{ readonly code: number | null; readonly signal: string | null } | { readonly missing: string }>(
    (resolve) => {
      child.once("error", (error: NodeJS.ErrnoException) => resolve({ missing: error.code ?? "?" }));
      child.once("close", (code, signal) => resolve({ code, signal }));
    },
  );
  clearTimeout(timer);
  if ("missing" in ended) {
    if (ended.missing === "ENOENT") throw wrong("is not there", "Install it, or write its path; programs are looked for in PATH.");
    throw wrong(`cannot be started (${ended.missing})`);
  }
  if (killed !== undefined) throw wrong(killed);
  if (ended.code !== 0)
    throw wrong(ended.code === null ? `was ended by ${ended.signal ?? "a signal"}` : `ended with exit code ${ended.code}`);
  return new SecretValue(decoded(Buffer.concat(chunks), wrong).replace(/\r?\n$/u, ""));
}

function decoded(bytes: Uint8Array, wrong: (how: string) => HalliganError): string {
  if (bytes.length === 0) throw wrong("printed nothing");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw wrong("printed something that is not text in UTF-8");
  }
}
