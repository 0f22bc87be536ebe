import { createTwoFilesPatch } from "diff";
import { fail, hasCode, problem, type Problem } from "../../errors.ts";
import type { CompiledScript, Frame } from "../../jigs/resolved.ts";
import type { Script } from "../../jigs/script.ts";
import { createFrameParser } from "../../jigs/shell/frame-parser.ts";
import type { Change } from "../../model/plan.ts";
import type { Clock } from "../../ports.ts";
import { noLongerNeeded, pastDeadline } from "./deadline.ts";
import { type NodeLink, notStarted, runScript } from "./node-link.ts";
import { checkReceiver, lookReceiver } from "./node-shell.ts";
import { createPrefaceReader, type Preface } from "./preface.ts";
import { type Shown, shownContents } from "./shown-contents.ts";
import { complaintsOf, takeTurn } from "./standing.ts";

/** What a step's check saw. */
export interface StepCheck {
  readonly id: string;
  readonly change: Change;
  readonly observed: string;
  readonly diff?: string;
}

/** A condition that does not hold: its step's id, what was seen, and what it printed. */
export interface Unmet {
  readonly id: string;
  readonly observed: string;
  readonly printed: string;
}

/** What the check of a node-role saw; `failed` when it could not be told. */
export interface CheckResult {
  readonly steps: readonly StepCheck[];
  readonly unmet: readonly Unmet[];
  readonly failed?: Problem;
}

/** How long a check may take, ms, and by whose clock. */
export interface CheckLimits {
  readonly clock: Clock;
  readonly deadlineMs: number;
  /** More is to be done on the node over this connection, soon: the channel stays for it. */
  readonly moreFollows?: boolean;
}

/** Diffs longer than this are cut, and say so. */
const diffLimitChars = 16_384;

/**
 * Runs a compiled check script on a node: read-only, in one channel, nothing stays behind.
 * @throws `NODE_DISK_FULL`, `BECOME_*`, `NODE_SHELL`, `CONNECTION_LOST`, `PROTOCOL_ERROR`, `STEP_TIMEOUT`.
 */
export async function runCheck(link: NodeLink, name: string, script: Script, limits: CheckLimits): Promise<readonly Frame[]> {
  const who = `${name} check 0`;
  // A shell's variable holds no NUL.
  const isText = !script.some((piece) => piece.includes(0));
  const turn = isText && limits.moreFollows === true ? await takeTurn(link, who, script) : undefined;
  const command = turn ?? (await runScript(link, isText ? lookReceiver : checkReceiver, who, script));
  const stop = new AbortController();
  let late = false;
  const deadline = pastDeadline(limits.clock, limits.deadlineMs, () => command, stop.signal).then(
    () => {
      late = true;
      command.abandon();
    },
    () => undefined,
  );
  const complaints = complaintsOf(command);
  let giveBack = turn?.abandon;
  try {
    const said = createAnswerReader(name);
    for await (const chunk of command.stdout) {
      said.push(chunk);
      if (turn === undefined || !said.isWhole()) continue;
      giveBack = turn.over;
      return said.frames;
    }
    const [stderr, exit] = await Promise.all([complaints(), command.exit]);
    if (late) {
      throw fail("STEP_TIMEOUT", {
        message: `The check on ${link.node} did not end within ${limits.deadlineMs / 1000} s.`,
        at: { node: link.node },
      });
    }
    const { preface, frames } = said;
    if (preface === undefined && turn?.first === false && exit.kind !== "lost") return await runCheck(link, name, script, limits);
    if (preface === undefined) throw notStarted(link, stderr.toString("utf8"), exit);
    if (preface.word === "nospace") {
      throw fail("NODE_DISK_FULL", {
        message: `${link.node} has no room for the check script.`,
        at: { node: link.node },
        cause: preface.rest || undefined,
      });
    }
    if (!said.isWhole()) {
      const cause = stderr.toString("utf8").trim().slice(-400) || (exit.kind === "lost" ? exit.reason : undefined);
      throw fail(exit.kind === "lost" ? "CONNECTION_LOST" : "PROTOCOL_ERROR", {
        message: `The check on ${link.node} stopped before its end.`,
        at: { node: link.node },
        cause,
      });
    }
    return frames;
  } finally {
    giveBack?.();
    stop.abort(noLongerNeeded);
    await deadline;
  }
}

/** Reads what a check says, as it comes. */
function createAnswerReader(name: string) {
  const prefaceReader = createPrefaceReader(name);
  const parser = createFrameParser();
  const frames: Frame[] = [];
  let preface: Preface | undefined;
  return {
    frames,
    get preface() {
      return preface;
    },
    push(chunk: Uint8Array): void {
      const begun = preface !== undefined;
      preface ??= prefaceReader.push(chunk);
      if (preface !== undefined) frames.push(...parser.push(begun ? chunk : preface.remainder));
    },
    isWhole: () => frames.at(-1)?.type === "done",
  };
}

/**
 * `runCheck`, and once more over a new connection where that breaks: looking changes nothing, and a connection that was kept may have been dead for a while
 * without anybody noticing. `link` is told whether it is the second time. @throws what `runCheck` and `link` throw.
 */
export async function runCheckAgain(
  link: (again: boolean) => Promise<NodeLink>,
  name: string,
  script: Script,
  limits: CheckLimits,
): Promise<readonly Frame[]> {
  const first = await link(false);
  try {
    return await runCheck(first, name, script, limits);
  } catch (error) {
    if (!hasCode(error, "CONNECTION_LOST")) throw error;
    return await runCheck(await link(true), name, script, limits);
  }
}

/** Reads the frames of a check: one entry per step of the node-role, diffs for people, and the conditions that do not hold. Pure. */
export function checkResult(
  compiled: Pick<CompiledScript, "steps">,
  frames: readonly Frame[],
  place: { readonly node: string; readonly role: string },
): CheckResult {
  const ids = new Map(
    compiled.steps.filter((step) => step.section === "steps" || step.section === "undo").map((step) => [step.index, step.id]),
  );
  const judged = new Map(compiled.steps.flatMap((step) => (step.section === "checks" ? [[step.index, step.id] as const] : [])));
  const printed = new Map<number, Uint8Array[]>();
  const contents = shownContents(frames);
  const steps: StepCheck[] = [];
  const unmet: Unmet[] = [];
  let failed: Problem | undefined;
  for (const frame of frames) {
    if (frame.type === "out" && judged.has(frame.index)) printed.set(frame.index, [...(printed.get(frame.index) ?? []), frame.content]);
    else if (frame.type === "end" && (frame.status === "failed" || frame.status === "timeout")) {
      failed ??= problem("CHECK_FAILED", { message: frame.message, at: { ...place, step: ids.get(frame.index) ?? "?" } });
    } else if (frame.type === "observed" && frame.change !== "none" && judged.has(frame.index)) {
      const said = Buffer.concat(printed.get(frame.index) ?? []).toString("utf8");
      unmet.push({ id: judged.get(frame.index) ?? "?", observed: frame.observed, printed: said });
    }
  }
  for (const frame of frames) {
    if (frame.type !== "observed") continue;
    const id = ids.get(frame.index);
    if (id === undefined) continue;
    const diff = frame.change === "none" ? undefined : describeChange(id, contents.get(frame.index));
    steps.push({ id, change: frame.change, observed: frame.observed, ...(diff === undefined ? {} : { diff }) });
  }
  return failed === undefined ? { steps, unmet } : { steps, unmet, failed };
}

function describeChange(id: string, content: Shown | undefined): string | undefined {
  if (content === undefined) return undefined;
  const parts: string[] = [];
  if (content.text !== undefined && content.text.trim() !== "") parts.push(content.text.trimEnd());
  if (content.new !== undefined || content.old !== undefined)
    parts.push(unifiedDiff(id, content.old ?? new Uint8Array(), content.new ?? new Uint8Array()));
  if (parts.length === 0) return undefined;
  const text = parts.join("\n");
  return text.length <= diffLimitChars
    ? text
    : `${text.slice(0, diffLimitChars)}\n... cut, ${text.length - diffLimitChars} more characters`;
}

function unifiedDiff(id: string, before: Uint8Array, after: Uint8Array): string {
  if (before.includes(0) || after.includes(0)) return `binary content: ${before.length} -> ${after.length} bytes`;
  const patch = createTwoFilesPatch(id, id, Buffer.from(before).toString("utf8"), Buffer.from(after).toString("utf8"), "", "", {
    context: 3,
  });
  return patch.split("\n").slice(2).join("\n").trimEnd();
}
