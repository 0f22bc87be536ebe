import { fail, hasCode, HalliganError, type Problem, problem } from "../errors.ts";
import type { PlannedNodeRole } from "../model/plan.ts";
import { compileScript } from "../jigs/shell/compile.ts";
import type { Clock, Logs } from "../ports.ts";
import { isEngineTrouble } from "./ending.ts";
import type { Intake } from "./intake.ts";
import { type JobOutcome, type JobOutlets, type JobTask, jobKey } from "./executor.ts";
import { createJobRecorder, type JobRecorder } from "./job-recorder.ts";
import { pushArtefacts } from "./remote/artefacts.ts";
import { checkResult, runCheck } from "./remote/check.ts";
import { type JobEnd, superviseJob } from "./remote/job.ts";
import type { NodeLink } from "./remote/node-link.ts";
import { fenceText } from "./remote/node-shell.ts";
import type { Workshop } from "./workshop.ts";

/** What carrying out a job needs of the process that does it: its own way to the nodes. */
export interface JobSite {
  readonly workshop: Workshop;
  readonly logs: Logs;
  readonly clock: Clock;
  readonly intake: Intake;
  /** Names the store on nodes: 8 hex digits. */
  readonly scope: string;
  link(node: string, signal: AbortSignal): Promise<NodeLink>;
  readonly limits: JobLimits;
}

/** Bounds of one job, ms. */
export interface JobLimits {
  /** How long to go on reconnecting to a started job before its outcome counts as unknown. */
  readonly patienceMs: number;
  readonly checkDeadlineMs: number;
}

/** By what right a process acts on a node: the engine's token, and its turn on that node where several processes work for the engine (else 0). */
export interface NodeFence {
  readonly token: number;
  readonly turn: number;
}

/**
 * Carries one job to its end over SSH and puts its steps into the journal and the logs.
 * @throws `FENCED` when a later engine or worker has spoken to the node, `STORE_*`, and the signal's reason; everything else is an outcome.
 */
export async function executeJob(
  site: JobSite,
  task: JobTask,
  fence: NodeFence,
  outlets: JobOutlets,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const { planned } = task;
  try {
    return await run(site, task, fence, outlets, signal);
  } catch (error) {
    if (!(error instanceof HalliganError) || isEngineTrouble(error)) throw error;
    const [first] = error.problems;
    return { end: "failed", changed: 0, problem: { ...first, at: first.at ?? { node: planned.node, role: planned.role } } };
  }
}

async function run(site: JobSite, task: JobTask, fence: NodeFence, outlets: JobOutlets, signal: AbortSignal): Promise<JobOutcome> {
  // What runs already is followed at once.
  if (task.attachFirst) return await follow(site, task, fence, outlets, signal);
  await reach(site, task.planned.node, signal);
  return await site.intake.take(signal, () => follow(site, task, fence, outlets, signal));
}

async function follow(site: JobSite, task: JobTask, fence: NodeFence, outlets: JobOutlets, signal: AbortSignal): Promise<JobOutcome> {
  const { planned, attempt } = task;
  const { id, node, role } = planned;
  const { workshop, logs, clock } = site;
  const { compiled, secrets, checks } = await workshop.prepare(planned, task.outputs, task.staleness);
  const log = { run: task.run, node, role: attempt === 1 ? role : `${role}.${attempt}` };
  const recorder = await createJobRecorder(planned, { compiled, secrets, checks }, log, {
    logs,
    freshLog: !task.attachFirst,
    append: (event, key) => outlets.append(event, jobKey(id, attempt, key)),
  });
  const end = await superviseJob(
    { name: task.job, scope: site.scope, fence: fenceText(fence), script: compiled.script },
    {
      link: (until) => site.link(node, until),
      clock,
      patienceMs: site.limits.patienceMs,
      async beforeSend(to) {
        if (outlets.cancelled() !== undefined) throw notStarted(planned);
        await pushArtefacts(to, planned, compiled);
      },
      onFrame: (frame) => recorder.frame(frame),
      onContact: (contact, reason) =>
        outlets.append({ type: "node.contact", v: 1, node, contact, reason }, `${id}:${contact}:${clock.now()}`),
    },
    { attachFirst: task.attachFirst, rebooting: task.attachFirst && task.rebooting, signal },
  );
  return await outcomeOf(site, task, end, recorder, signal);
}

/** A job of a run that was cancelled before the node had it: nothing of it was begun. */
function notStarted({ id, node, role }: PlannedNodeRole): Error {
  return fail("RUN_CANCELLED", { message: `${id} was not started: the run was cancelled.`, at: { node, role } });
}

/**
 * Waits for the connection before anything is rendered for the node: of a thousand jobs that start together only those have a script that can send it. A
 * connection that breaks is tried again with the job.
 * @throws what connecting to the node throws.
 */
async function reach(site: JobSite, node: string, signal: AbortSignal): Promise<void> {
  try {
    await site.link(node, signal);
  } catch (error) {
    if (!hasCode(error, "CONNECTION_LOST", "CHANNEL_REFUSED")) throw error;
  }
}

async function outcomeOf(site: JobSite, task: JobTask, end: JobEnd, recorder: JobRecorder, signal: AbortSignal): Promise<JobOutcome> {
  const { id, node, role } = task.planned;
  const { changed } = recorder;
  switch (end.type) {
    case "fenced":
      throw fail("FENCED", { message: "A newer engine has spoken to the nodes." });
    case "rebooting": {
      const message = `${node} did not come back within ${Math.round(end.limitMs / 1000)} s from the reboot that ${id} asked for.`;
      return { end: "failed", changed, problem: problem("NODE_NOT_BACK", { message, at: { node, role }, cause: end.reason }) };
    }
    case "unknown":
      return await settleUnknown(site, task, end, changed, signal);
    case "done":
      if (end.status === "ok" || end.status === "changed") return { end: "done", changed };
      return { end: "failed", changed, problem: recorder.problemOf(end) };
    default:
      return end satisfies never;
  }
}

/** A job whose fate is unknown is observed, never rerun: when every step holds, the node-role is active after all. */
async function settleUnknown(
  site: JobSite,
  { planned, run: name, outputs }: JobTask,
  { reason, gone }: Extract<JobEnd, { type: "unknown" }>,
  changed: number,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const at = { node: planned.node, role: planned.role };
  const unknown = (cause: string): JobOutcome => {
    const told: Problem = problem("OUTCOME_UNKNOWN", { message: `${planned.id}: ${reason}.`, at });
    return { end: "unknown", changed, gone, problem: { ...told, cause } };
  };
  try {
    const compiled = compileScript({ mode: "check", ...site.workshop.observe(planned, outputs).input });
    const link = await site.link(planned.node, signal);
    const limits = { clock: site.clock, deadlineMs: site.limits.checkDeadlineMs };
    const result = checkResult(compiled, await runCheck(link, `observe-${name}-${planned.role}`, compiled.script, limits), at);
    if (result.failed === undefined && result.steps.every((step) => step.change === "none"))
      return { end: "done", changed: 0, reason: `settled by check: ${reason}` };
    const open = result.steps.filter((step) => step.change !== "none").map((step) => step.id);
    return unknown(`Steps that do not hold: ${open.join(", ")}`);
  } catch (error) {
    if (!(error instanceof HalliganError) || isEngineTrouble(error)) throw error;
    return unknown(error.message);
  }
}
