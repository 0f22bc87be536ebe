import { fail } from "../../errors.ts";
import type { CompiledScript, Frame } from "../../jigs/resolved.ts";
import { createFrameParser } from "../../jigs/shell/frame-parser.ts";
import type { Clock, Exit, RemoteCommand } from "../../ports.ts";
import { askNode, collect, type NodeLink, notStarted, runScript } from "../remote/node-link.ts";
import { cancelProof, nodeExit, proofReceiver } from "../remote/node-shell.ts";
import { createPrefaceReader, type Preface } from "../remote/preface.ts";

/** A proof on its way to a node. */
export interface ProofOrder {
  /** Unique on the node; one word. */
  readonly name: string;
  readonly compiled: CompiledScript;
  /** From the beginning on: the proof's time, that of its cleanup, and some patience. */
  readonly deadlineMs: number;
  readonly clock: Clock;
  /** Called with the id of a step when the one before it has ended. */
  readonly onStep: (id: string) => void;
  /** Aborted: what goes on is ended, and cleaned up. */
  readonly signal: AbortSignal;
}

/** Output is kept of each proof up to this; what a step prints beyond is for its own program's log. */
const mostOutput = 4 << 20;

/**
 * Runs the script of a proof and reads what it says until it has cleaned up. A connection that is lost, or a front end that is killed, does not
 * end it: the node goes on and cleans up.
 * @throws `CONNECTION_LOST`, `STEP_TIMEOUT`, `NODE_DISK_FULL`, `BECOME_*`, `NODE_SHELL`, `PROTOCOL_ERROR`.
 */
export async function proveOnNode(link: NodeLink, order: ProofOrder): Promise<readonly Frame[]> {
  const { name, compiled, clock, signal } = order;
  const command = await runScript(link, proofReceiver, `${name} prove 0`, compiled.script);
  const over = new AbortController();
  let late = false;
  const deadline = clock.sleep(order.deadlineMs, over.signal).then(
    () => {
      late = true;
      command.abandon();
    },
    () => undefined,
  );
  // The script, once cancelled, still cleans up and says so on its own channel.
  const cancel = (): void => void tellToEnd(link, name, clock, over.signal).catch(() => undefined);
  if (signal.aborted) cancel();
  else signal.addEventListener("abort", cancel, { once: true });
  try {
    const [read, stderr, exit] = await Promise.all([readFrames(command, order), collect(command.stderr, 16_384), command.exit]);
    if (read.frames.at(-1)?.type === "done") return read.frames;
    throw cutShort(link, order, { ...read, late, stderr: stderr.toString("utf8"), exit });
  } finally {
    signal.removeEventListener("abort", cancel);
    over.abort();
    await deadline;
  }
}

/** The node may have taken the script and not yet made its folder: it is told again until it has heard. */
async function tellToEnd(link: NodeLink, name: string, clock: Clock, ended: AbortSignal): Promise<void> {
  for (let tries = 0; tries < 40 && !ended.aborted; tries += 1) {
    const { exit } = await askNode(link, cancelProof(name));
    if (exit.kind !== "exited" || exit.code !== nodeExit.absent) return;
    await clock.sleep(250, ended);
  }
}

async function readFrames(
  command: RemoteCommand,
  { name, compiled, onStep }: ProofOrder,
): Promise<{ readonly preface: Preface | undefined; readonly frames: readonly Frame[] }> {
  const reader = createPrefaceReader(name);
  const parser = createFrameParser();
  const ids = new Map(compiled.steps.map((step) => [step.index, step.id]));
  const frames: Frame[] = [];
  let preface: Preface | undefined;
  let kept = 0;
  for await (const chunk of command.stdout) {
    let bytes: Uint8Array = chunk;
    if (preface === undefined) {
      preface = reader.push(chunk);
      if (preface === undefined) continue;
      bytes = preface.remainder;
    }
    if (preface.word !== "started") continue;
    for (const frame of parser.push(bytes)) {
      if (frame.type === "out") kept += frame.content.length;
      if (frame.type !== "out" || kept <= mostOutput) frames.push(frame);
      if (frame.type === "end") {
        const next = ids.get(frame.index + 1);
        if (next !== undefined) onStep(next);
      }
    }
  }
  return { preface, frames };
}

interface CutShort {
  readonly preface: Preface | undefined;
  readonly late: boolean;
  readonly stderr: string;
  readonly exit: Exit;
}

/** Why a proof's script did not say that it is done. */
function cutShort(link: NodeLink, order: ProofOrder, { preface, late, stderr, exit }: CutShort): Error {
  const at = { node: link.node };
  if (late) {
    return fail("STEP_TIMEOUT", {
      message: `The proof on ${link.node} has not ended after ${Math.round(order.deadlineMs / 1000)} s, its cleanup neither.`,
      at,
      hint: `It may still go on there: \`halligan exec name=${link.node} -- ps aux\`.`,
    });
  }
  if (preface === undefined) return notStarted(link, stderr, exit);
  if (preface.word === "nospace")
    return fail("NODE_DISK_FULL", {
      message: `${link.node} has no room for the script of a proof.`,
      at,
      cause: preface.rest || undefined,
    });
  if (exit.kind === "lost")
    return fail("CONNECTION_LOST", {
      message: `The connection to ${link.node} was lost during a proof. The node goes on and cleans up by itself.`,
      at,
      cause: exit.reason,
    });
  return fail("PROTOCOL_ERROR", {
    message: `The proof on ${link.node} stopped before its end: what it made may still be there.`,
    at,
    cause: stderr.trim().slice(-400) || undefined,
  });
}
