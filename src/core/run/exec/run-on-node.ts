import { HalliganError, type Problem, problem } from "../../errors.ts";
import type { Clock, Exit, RemoteCommand } from "../../ports.ts";
import { createRedactor, type NamedSecret } from "../redactor.ts";
import { askNode, type NodeLink, notStarted, runText } from "../remote/node-link.ts";
import { type Opening, openingOf } from "./opening.ts";
import { endSession, execHeader, execReceiver } from "./node-text.ts";
import { keepOutput, type Output } from "./output.ts";

/** How a command ended on one node. */
export type Outcome =
  | { readonly kind: "exited"; readonly code: number }
  /** `TERM`, `KILL` ... */
  | { readonly kind: "signalled"; readonly signal: string }
  /** It took too long. `gone`: it ended when it was told to; else it may still run. */
  | { readonly kind: "timeout"; readonly gone: boolean }
  /** The person left. `gone` as above. */
  | { readonly kind: "interrupted"; readonly gone: boolean }
  /** It began, and how it ended is not known. */
  | { readonly kind: "lost"; readonly reason: string }
  /** It did not begin: the node cannot be reached, or not as that user. */
  | { readonly kind: "unreachable"; readonly problem: Problem }
  /** The person left before it began. */
  | { readonly kind: "not-started" };

/** A command to run. */
export interface NodeOrder {
  readonly command: string;
  /** User whom root becomes on the node. */
  readonly su: string | undefined;
  readonly stdin: Uint8Array | undefined;
  readonly timeoutMs: number;
  /** Kept from the beginning, and from the end, of each output. */
  readonly keepBytes: number;
  readonly secrets: readonly NamedSecret[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What a command did on one node. */
export interface NodeResult {
  readonly outcome: Outcome;
  readonly stdout: Output;
  readonly stderr: Output;
}

/** After TERM. */
const termGraceMs = 3_000;
/** After KILL, and for the command to say in which session it runs: what is let go of before that goes on unseen. */
const killGraceMs = 10_000;

/** Runs a command on a node. Never rejects for what the node does; `HalliganError`s become the outcome `unreachable`. */
export async function runOnNode(link: NodeLink, order: NodeOrder): Promise<NodeResult> {
  const header = execHeader(order.command, order.su);
  const input = order.stdin === undefined ? header : Buffer.concat([header, order.stdin]);
  let command: RemoteCommand;
  try {
    command = await runText(link, execReceiver, input);
  } catch (error) {
    return { outcome: unreachable(error), stdout: keepOutput(0).finish(), stderr: keepOutput(0).finish() };
  }
  const out = openingOf(command.stdout);
  const err = openingOf(command.stderr);
  const reading = Promise.all([keep(out.rest, order), keep(err.rest, order)]);
  const stopper = stopWhen(order);
  const ended = Promise.all([reading, command.exit] as const);
  const why = await Promise.race([ended.then(() => "ended" as const), stopper.due]);
  stopper.cancel();
  const gone = why === "ended" || (await stop(link, command, out, order.clock));
  const [[stdout, stderr], exit] = await ended;
  return { outcome: outcomeOf(), stdout, stderr };

  function outcomeOf(): Outcome {
    const began = out.session() !== undefined;
    if (why === "interrupted") return { kind: "interrupted", gone };
    if (why === "timeout") return began ? { kind: "timeout", gone } : { kind: "unreachable", problem: silent(link, order.timeoutMs) };
    return began ? howItEnded(exit) : { kind: "unreachable", problem: problemOf(notStarted(link, err.before(), exit)) };
  }
}

function howItEnded(exit: Exit): Outcome {
  switch (exit.kind) {
    case "exited":
    case "lost":
      return exit;
    case "signalled":
      return { kind: "signalled", signal: exit.signal.replace(/^SIG/u, "") };
    default:
      return exit satisfies never;
  }
}

/** Settles when the time is up or the person leaves. */
function stopWhen({ clock, timeoutMs, signal }: NodeOrder): { readonly due: Promise<"timeout" | "interrupted">; cancel(): void } {
  const over = new AbortController();
  const due = clock.sleep(timeoutMs, AbortSignal.any([over.signal, signal])).then(
    () => "timeout" as const,
    () => "interrupted" as const,
  );
  return { due, cancel: () => over.abort() };
}

/** Ends the command's processes: TERM, a while later KILL; at last lets go of it. True when it is gone. */
async function stop(link: NodeLink, command: RemoteCommand, out: Opening, clock: Clock): Promise<boolean> {
  const over = new AbortController();
  const within = async <T>(work: Promise<T>, ms: number): Promise<T | undefined> =>
    await Promise.race([
      work,
      clock.sleep(ms, over.signal).then(
        () => undefined,
        () => undefined,
      ),
    ]);
  try {
    await within(out.begun, killGraceMs);
    const session = out.session() ?? 0;
    for (const [signal, graceMs] of session === 0
      ? []
      : ([
          ["TERM", termGraceMs],
          ["KILL", killGraceMs],
        ] as const)) {
      const told = askNode(link, endSession(session, signal)).then(
        () => command.exit,
        () => command.exit, // a node that hears nothing may still end by itself
      );
      const exit = await within(told, graceMs);
      if (exit !== undefined) return exit.kind !== "lost";
    }
  } finally {
    over.abort();
  }
  command.abandon();
  return false;
}

/** Reads an output to its end, without secrets. */
async function keep(bytes: AsyncIterable<Uint8Array>, { keepBytes, secrets }: NodeOrder): Promise<Output> {
  const keeper = keepOutput(keepBytes);
  if (secrets.length === 0) for await (const chunk of bytes) keeper.push(chunk);
  else {
    const redactor = createRedactor(secrets);
    for await (const chunk of bytes) keeper.push(redactor.push(chunk));
    keeper.push(redactor.end());
  }
  return keeper.finish();
}

/** The outcome for a node on which nothing could be begun. @throws what is no problem but a defect. */
export function unreachable(error: unknown): Outcome {
  return { kind: "unreachable", problem: problemOf(error) };
}

function problemOf(error: unknown): Problem {
  if (error instanceof HalliganError) return error.problems[0];
  throw error;
}

function silent(link: NodeLink, timeoutMs: number): Problem {
  return problem("NODE_SHELL", {
    message: `/bin/sh on ${link.node} did not begin within ${timeoutMs / 1000} s. It may still do so.`,
    at: { node: link.node },
    hint: "Log in with ssh and look at what the login shell does; `--timeout` gives it more time.",
  });
}
