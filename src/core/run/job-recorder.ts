import { type Problem, problem } from "../errors.ts";
import type { Frame, Section } from "../jigs/resolved.ts";
import type { JournalEvent } from "../journal/events.ts";
import type { PlannedNodeRole } from "../model/plan.ts";
import type { LogName, Logs } from "../ports.ts";
import { createRedactor, type Redactor } from "./redactor.ts";
import { seenOf, unmetProblem } from "./unmet.ts";
import type { Prepared } from "./workshop.ts";

/** Output kept for a failed step's problem, in bytes. */
const tailBytes = 2_000;

/** Of these, so many lines stand with the problem. */
const causeLines = 6;

/** Turns the frames of one job into events and log bytes. Everything that leaves it is redacted. */
export interface JobRecorder {
  /** Takes the next frame; it need not be waited for before the one after it. Resolves when what it says is kept. */
  frame(frame: Frame): Promise<void>;
  /** Steps that changed something so far. */
  readonly changed: number;
  /** The problem to report when the job ended in failure. */
  problemOf(end: Extract<Frame, { type: "done" }>): Problem;
}

/** What a recorder writes to. */
export interface RecorderOutlets {
  readonly logs: Logs;
  /** Nobody has written to the job's log yet. */
  readonly freshLog: boolean;
  /** Appends an event once: `key` is unique within the job. */
  append(event: JournalEvent, key: string): Promise<void>;
}

/**
 * Makes the recorder of one job. After a re-attach the frames come again from the first: events are the same by key,
 * and log bytes that are already there are not written twice.
 */
export async function createJobRecorder(
  planned: PlannedNodeRole,
  { compiled, secrets, checks }: Prepared,
  log: LogName,
  outlets: RecorderOutlets,
): Promise<JobRecorder> {
  const steps = new Map(compiled.steps.map((step) => [step.index, step]));
  const approved = new Map(planned.steps.map((step) => [step.id, step]));
  const logWriter = await createLogWriter(outlets, log);
  const texts = createRedactor(secrets);
  let output: Redactor | undefined;
  let tail = Buffer.alloc(0);
  let judging = { index: -1, printed: Buffer.alloc(0) };
  let changed = 0;
  let failed:
    | { readonly id: string; readonly section: Section; readonly end: Extract<Frame, { type: "end" }>; readonly tail: string }
    | undefined;
  const stale: string[] = [];

  const write = async (bytes: Uint8Array): Promise<void> => {
    tail = Buffer.concat([tail, bytes]).subarray(-tailBytes);
    await logWriter(bytes);
  };

  return {
    async frame(frame) {
      const step = "index" in frame ? steps.get(frame.index) : undefined;
      switch (frame.type) {
        case "begin": {
          if (step === undefined) return;
          tail = step.section === "checks" && judging.index === frame.index ? judging.printed : Buffer.alloc(0);
          output = createRedactor(secrets);
          await outlets.append(
            { type: "step.started", v: 1, id: planned.id, step: step.id, section: step.section },
            `${frame.index}:begin`,
          );
          return;
        }
        case "out":
          if (output !== undefined) await write(output.push(frame.content));
          // A condition begins only once it is known not to hold.
          else if (step?.section === "checks") {
            const before = judging.index === frame.index ? judging.printed : Buffer.alloc(0);
            judging = { index: frame.index, printed: Buffer.concat([before, frame.content]).subarray(-tailBytes) };
          }
          return;
        case "capped":
          // What was dropped may have been the middle of a secret.
          await write(
            Buffer.concat([output?.cut() ?? Buffer.alloc(0), Buffer.from(`\n[output capped: more than ${frame.limitBytes} bytes]\n`)]),
          );
          return;
        case "observed": {
          const was = step === undefined ? undefined : approved.get(step.id);
          if (
            step !== undefined &&
            was !== undefined &&
            (was.change !== frame.change || (was.observed !== undefined && was.observed !== frame.observed))
          ) {
            stale.push(`${step.id}: planned ${was.change} (${was.observed ?? "?"}), now ${frame.change} (${frame.observed})`);
          }
          return;
        }
        case "end": {
          const written = output === undefined ? undefined : write(output.end());
          output = undefined;
          if (step === undefined) return await written;
          if (frame.status === "changed" && (step.section === "steps" || step.section === "undo")) changed += 1;
          const bad = frame.status === "failed" || frame.status === "timeout";
          const said = texts.redactText(tail.toString("utf8"));
          if (bad && step.section !== "on-failure") failed ??= { id: step.id, section: step.section, end: frame, tail: said };
          const kept = outlets.append(
            {
              type: "step.finished",
              v: 1,
              id: planned.id,
              step: step.id,
              section: step.section,
              status: frame.status,
              exitCode: frame.exitCode,
              durationMs: frame.durationMs,
              ...(frame.message === "" ? {} : { message: texts.redactText(frame.message) }),
              ...(bad && said !== "" ? { tail: said } : {}),
            },
            `${frame.index}:end:${step.section}`,
          );
          await Promise.all([written, kept]);
          return;
        }
        case "value": {
          const name = compiled.outputs[frame.index];
          if (name === undefined) return;
          const value = texts.redactText(Buffer.from(frame.content).toString("utf8"));
          await outlets.append({ type: "output.known", v: 1, id: planned.id, name, value }, `value:${frame.index}`);
          return;
        }
        case "hello":
        case "phase":
        case "reboot":
        case "reconnect":
        case "old":
        case "new":
        case "line":
        case "diff":
        case "done":
          return;
        default:
          return frame satisfies never;
      }
    },
    get changed() {
      return changed;
    },
    problemOf(end) {
      const at = { node: planned.node, role: planned.role, ...(failed === undefined ? {} : { step: failed.id }) };
      if (end.status === "stale") {
        return problem("PLAN_STALE", {
          message: `${planned.id} is no longer as the plan saw it; nothing was changed there.`,
          at,
          cause: texts.redactText(stale.join("; ")) || undefined,
        });
      }
      if (end.status === "cancelled") return problem("RUN_CANCELLED", { message: `${planned.id} was stopped before its end.`, at });
      if (failed === undefined)
        return problem("STEP_FAILED", { message: `${planned.id}: ${texts.redactText(end.message) || "failed"}.`, at });
      const { id } = failed;
      const condition = failed.section === "checks" ? checks.find(({ step }) => step.id === id) : undefined;
      if (condition !== undefined) return unmetProblem(condition, seenOf(texts.redactText(failed.end.message), failed.tail), at);
      const code = failed.end.status === "timeout" ? "STEP_TIMEOUT" : failed.section === "verify" ? "VERIFY_FAILED" : "STEP_FAILED";
      const label = approved.get(failed.id)?.label ?? failed.id.replace(":", " ");
      const said = texts.redactText(failed.end.message) || `exit code ${failed.end.exitCode}`;
      const message = `${planned.id}: ${namesItself(said, label) ? "" : `${label}: `}${said}`;
      return problem(code, { message, at, cause: failed.tail.trim().split("\n").slice(-causeLines).join("\n") || undefined });
    },
  };
}

/** True when what a step said names already what the step works on, such as the address that it asked. */
function namesItself(said: string, label: string): boolean {
  const object = label.slice(label.indexOf(" ") + 1);
  return said.startsWith(object);
}

/** A writer that drops the bytes which an earlier engine has already written for the same job. */
async function createLogWriter(
  { logs, freshLog }: Pick<RecorderOutlets, "logs" | "freshLog">,
  log: LogName,
): Promise<(bytes: Uint8Array) => Promise<void>> {
  const existing = freshLog ? 0 : (await logs.tail(log, 1)).next;
  let position = 0;
  return async (bytes) => {
    const skip = Math.max(0, Math.min(bytes.length, existing - position));
    position += bytes.length;
    if (skip < bytes.length) await logs.append(log, bytes.subarray(skip));
  };
}
