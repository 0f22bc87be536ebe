import { problem, type Problem } from "../../errors.ts";
import type { CompiledScript, Frame } from "../../jigs/resolved.ts";
import { lastWords } from "../last-words.ts";
import type { Redactor } from "../redactor.ts";
import type { ProofOutcome, ProvedStep } from "./outcome.ts";

/** What a proof is about, for messages. */
export interface ProofPlace {
  readonly capability: string;
  readonly node: string;
  readonly role: string;
  readonly withinMs: number;
}

type Ended = Extract<Frame, { type: "end" }>;

/** Tells from the frames of a proof how it ended. A cleanup that failed makes it a failure: something may have been left behind. Pure. */
export function judgeProof(
  compiled: CompiledScript,
  frames: readonly Frame[],
  place: ProofPlace,
  redactor: Redactor,
): ProofOutcome & { readonly steps: readonly ProvedStep[] } {
  const known = new Map(compiled.steps.map((step) => [step.index, step]));
  const ends = frames.filter((frame) => frame.type === "end");
  const steps = ends.map(({ index, status, durationMs }): ProvedStep => {
    const step = known.get(index);
    return { id: step?.id ?? "?", part: partOf(compiled, index), status: statusOf(status), durationMs };
  });
  const done = frames.find((frame) => frame.type === "done");
  const bad = ends.filter((end) => statusOf(end.status) !== "ok");
  const failed = bad.find((end) => partOf(compiled, end.index) === "steps");
  const left = bad.filter((end) => partOf(compiled, end.index) === "cleanup");
  const leftBehind = left[0] === undefined ? undefined : leftProblem(left[0]);
  if (done?.status === "cancelled") return { outcome: "interrupted", ...(leftBehind === undefined ? {} : { problem: leftBehind }), steps };
  if (done?.status !== "ok") return { outcome: "failed", problem: failedProblem(failed), steps };
  return leftBehind === undefined ? { outcome: "proven", steps } : { outcome: "failed", problem: leftBehind, steps };

  function failedProblem(end: Ended | undefined): Problem {
    const { capability, node, role, withinMs } = place;
    const again = `try it alone with \`halligan verify --capability ${capability}\`.`;
    const log = `Read the service's own log on ${node}, then ${again}`;
    if (end === undefined) {
      const message = `${capability}: not all steps ended within ${withinMs / 1000} s.`;
      return problem("PROOF_FAILED", { message, at: { node, role }, hint: log });
    }
    const { id, said, cause } = told(end);
    const also = leftBehind === undefined ? "" : " Its cleanup failed too, so something may have been left behind.";
    const hint = cause === undefined ? log : `The cause is what the step printed last. ${log}`;
    return problem("PROOF_FAILED", { message: `${capability}: ${said}.${also}`, at: { node, role, step: id }, cause, hint });
  }

  function leftProblem(end: Ended): Problem {
    const { capability, node, role } = place;
    const { id, said, cause } = told(end);
    const message = `${capability}: what its proof made may still be there: ${said}.`;
    return problem("PROOF_LEFT_BEHIND", { message, at: { node, role, step: id }, cause });
  }

  function told(end: Ended): { readonly id: string; readonly said: string; readonly cause: string | undefined } {
    const id = known.get(end.index)?.id ?? "?";
    const said = redactor.redactText(end.message).replace(/\.$/u, "") || `exit code ${end.exitCode}`;
    return { id, said, cause: lastWords(frames, end.index, redactor) };
  }
}

function partOf(compiled: CompiledScript, index: number): ProvedStep["part"] {
  return compiled.steps.find((step) => step.index === index)?.section === "cleanup" ? "cleanup" : "steps";
}

function statusOf(status: Ended["status"]): ProvedStep["status"] {
  switch (status) {
    case "ok":
    case "changed":
    case "skipped":
      return "ok";
    case "failed":
    case "timeout":
    case "cancelled":
      return status;
    default:
      return status satisfies never;
  }
}
