import { fail, type HalliganError } from "../errors.ts";
import type { Facts } from "../model/facts.ts";
import type { Clock, Connection, Exit, RemoteCommand } from "../ports.ts";
import { parseProbe } from "./parse.ts";
import { probeScript } from "./probe/script.ts";

/** What `discoverNode` works with. */
export interface DiscoverInput {
  readonly connection: Connection;
  readonly clock: Clock;
  /** Packages whose versions are wanted. */
  readonly packages: readonly string[];
  /** How long the probe may take. Default 30 s. */
  readonly deadlineMs?: number;
  /** Ends the wait early; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/**
 * Takes the whole script from stdin into a variable and only then runs it, with stdin closed: no child can eat the rest of the script,
 * and nothing is written, so a full or read-only file system does not matter. One line without backslash and inner single quotes, so
 * that csh and fish understand it as login shells too.
 */
const receiver = `exec sh -c 's=$(cat); eval "$s" </dev/null'`;

const outputLimit = 4 * 1024 * 1024;
const errorLimit = 4 * 1024;
const defaultDeadlineMs = 30_000;

/**
 * Probes a node over its connection, in one round trip. The probe only reads.
 * Problems: `PROBE_FAILED` (no answer in time, more than 4 MiB, or not the probe's document), and those of `Connection.exec`.
 */
export async function discoverNode(input: DiscoverInput): Promise<Facts> {
  const script = new TextEncoder().encode(probeScript({ packages: input.packages }));
  const stopTimer = new AbortController();
  const signal = input.signal === undefined ? stopTimer.signal : AbortSignal.any([stopTimer.signal, input.signal]);
  const deadlineMs = input.deadlineMs ?? defaultDeadlineMs;
  const late = input.clock.sleep(deadlineMs, signal).then(() => {
    throw fail("PROBE_FAILED", {
      message: `The probe did not end within ${deadlineMs / 1000} s.`,
      cause: "The node is overloaded, or a file system or a service manager on it hangs.",
    });
  });
  let command: RemoteCommand | undefined;
  let over = false;
  const answer = (async () => {
    const sentAt = input.clock.now();
    command = await input.connection.exec(receiver, { stdin: script });
    if (over) {
      command.abandon();
      throw fail("PROBE_FAILED", { message: "The probe was given up before it started." });
    }
    return collect(command, () => ({ sentAt, receivedAt: input.clock.now() }));
  })();
  try {
    return await Promise.race([answer, late]);
  } finally {
    over = true;
    stopTimer.abort();
    command?.abandon();
    // whichever lost the race ends by itself now; its failure is nobody's concern
    void Promise.allSettled([answer, late]);
  }
}

async function collect(command: RemoteCommand, times: () => { readonly sentAt: number; readonly receivedAt: number }): Promise<Facts> {
  const [output, errors] = await Promise.all([gather(command.stdout, outputLimit, "refuse"), gather(command.stderr, errorLimit, "drop")]);
  const exit = await command.exit;
  const result = parseProbe(output, times());
  if (!(result instanceof Error)) return result;
  throw explained(result, exit, errors);
}

/** Adds how the remote shell ended and what it said on stderr. */
function explained(error: HalliganError, exit: Exit, errors: Uint8Array): HalliganError {
  const said = new TextDecoder().decode(errors).trim();
  const [first] = error.problems;
  const cause = [first.cause, ended(exit), said === "" ? undefined : `On stderr: ${JSON.stringify(said.slice(0, 300))}.`];
  return fail("PROBE_FAILED", {
    message: first.message,
    cause: cause.filter((each) => each !== undefined).join(" "),
    hint: first.hint,
    error,
  });
}

function ended(exit: Exit): string | undefined {
  switch (exit.kind) {
    case "exited":
      return exit.code === 0 ? undefined : `The shell ended with exit code ${exit.code}.`;
    case "signalled":
      return `The shell was ended by signal ${exit.signal}.`;
    case "lost":
      return `The connection was lost: ${exit.reason}.`;
    default:
      return exit satisfies never;
  }
}

async function gather(stream: AsyncIterable<Uint8Array>, limit: number, beyond: "refuse" | "drop"): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    if (size + chunk.length > limit && beyond === "refuse") {
      throw fail("PROBE_FAILED", {
        message: `The node sent more than ${limit / 1024 / 1024} MiB in answer to the probe.`,
        cause: "A shell profile floods the output of commands.",
        hint: "Look at what `ssh NODE true` prints, and make the shell profile silent for shells that are not interactive.",
      });
    }
    const kept = chunk.subarray(0, Math.max(0, limit - size));
    chunks.push(kept);
    size += kept.length;
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
