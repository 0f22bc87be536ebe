import { HalliganError, type Problem, problem } from "../errors.ts";
import { resolveSettings } from "../files/settings.ts";
import type { PlanningProgress } from "../house.ts";
import { nodeRoleId, type NodeRoleId } from "../model/ids.ts";
import type { Change, Plan, PlannedNodeRole, Rename } from "../model/plan.ts";
import type { Clock } from "../ports.ts";
import { type Acceptance, acceptances } from "../plan/acceptance.ts";
import type { AppliedRecord } from "./applied.ts";
import type { Draft } from "./draft.ts";
import { earlierOutputs } from "./earlier-outputs.ts";
import { lookGroups } from "../jigs/shell/look-groups.ts";
import { createBreath } from "./breath.ts";
import type { Intake } from "./intake.ts";
import { pooled } from "./pooled.ts";
import { redactProblem } from "./redact-problem.ts";
import { createRedactor } from "./redactor.ts";
import type { CheckResult, StepCheck } from "./remote/check.ts";
import { type Look, lookAt } from "./remote/look.ts";
import type { NodeLink } from "./remote/node-link.ts";
import type { Observed, Workshop } from "./workshop.ts";

/** One step that is no longer as it was applied. */
export interface DriftedStep {
  readonly id: string;
  readonly kind: string;
  /** One line for people. */
  readonly label: string;
  /** What putting it back would do. */
  readonly change: Exclude<Change, "none">;
  /** From what is there to what was applied; never holds secret content. */
  readonly diff?: string;
}

/** What was found out about one node-role that stands. */
export type DriftFound = {
  readonly id: NodeRoleId;
  readonly node: string;
  readonly deployment: string;
  /** The run and plan that made it what it is. */
  readonly run: string;
  readonly plan: string;
} & (
  | { readonly state: "same" }
  | { readonly state: "drifted"; readonly steps: readonly DriftedStep[]; readonly accept: readonly Acceptance[] }
  | { readonly state: "unchecked"; readonly problem: Problem }
);

/** A plan that made something stand, with all that is needed to look at that again: as it was then. */
export interface Standpoint {
  readonly plan: Plan;
  readonly workshop: Workshop;
  readonly draft: Draft;
}

/** What looking for drift needs. */
export interface DriftOptions {
  /** What is looked at, by the names of when it was applied. */
  readonly records: readonly AppliedRecord[];
  /** Nodes that have other names since: they are reached, and told of, by these. */
  readonly renames: readonly Rename[];
  /** All that stands. */
  readonly applied: readonly AppliedRecord[];
  /** @throws when what the plan was made from is not kept any more. */
  standpoint(plan: string): Promise<Standpoint>;
  link(node: string, signal: AbortSignal): Promise<NodeLink>;
  readonly clock: Clock;
  readonly intake: Intake;
  readonly limits: { readonly nodesAtOnce: number; readonly checksPerNode: number; readonly checkDeadlineMs: number };
  readonly onProgress: (progress: PlanningProgress) => void;
  readonly signal: AbortSignal;
}

/**
 * Compares every given node-role with what is on its node, in the form in which it was applied: with the files, settings and secrets of then.
 * Read-only. What cannot be looked at is told with its problem; nothing is thrown for one node.
 */
export async function findDrift(options: DriftOptions): Promise<readonly DriftFound[]> {
  const { records, limits, signal } = options;
  const known = earlierOutputs(options.applied);
  const names = new Map(options.renames.map(({ from, to }) => [from, to]));
  const nodeNow = ({ node }: AppliedRecord): string => names.get(node) ?? node;
  const standpoints = new Map<string, Standpoint | Problem>();
  for (const { plan } of records) {
    if (standpoints.has(plan)) continue;
    standpoints.set(plan, await options.standpoint(plan).catch(onlyProblem));
  }
  const found = new Map<AppliedRecord, DriftFound>();
  const tell = (record: AppliedRecord, result: DriftFound): void => {
    found.set(record, result);
    options.onProgress({ what: "check", done: found.size, total: records.length, item: result.id });
  };
  const breath = createBreath(options.clock);
  await pooled([...Map.groupBy(records, nodeNow)], limits.nodesAtOnce, async ([node, list]) => {
    signal.throwIfAborted();
    const ready = list.flatMap((record) => {
      const subject = subjectOf(record, node, standpoints.get(record.plan), known);
      if ("at" in subject) return [subject];
      tell(record, subject);
      return [];
    });
    await pooled(lookGroups(ready, limits.checksPerNode), limits.checksPerNode, async (group) => {
      const link = (): ReturnType<typeof options.link> => options.link(node, signal);
      const site = { purpose: "drift", clock: options.clock, deadlineMs: limits.checkDeadlineMs, breath, link };
      const results = await options.intake.take(signal, () => lookAt(group, site), group.length);
      for (const [subject, result] of results) tell(subject.record, judged(subject, result));
    });
  });
  return records.flatMap((each) => found.get(each) ?? []);
}

/** A node-role that stands, with all that is needed to look at it. */
interface Subject extends Look {
  readonly record: AppliedRecord;
  readonly planned: PlannedNodeRole;
  readonly from: Standpoint;
  readonly observed: Observed;
}

function subjectOf(
  record: AppliedRecord,
  node: string,
  from: Standpoint | Problem | undefined,
  known: ReturnType<typeof earlierOutputs>,
): Subject | DriftFound {
  if (from === undefined || "code" in from) return unchecked(record, node, from);
  const planned = from.plan.body.nodeRoles.find((each) => each.id === record.id);
  if (planned === undefined) return unchecked(record, node, undefined);
  try {
    const observed = from.workshop.observe(planned, known);
    return { at: { node, role: record.role }, input: observed.input, record, planned, from, observed };
  } catch (error) {
    return { ...about(record, node), state: "unchecked", problem: onlyProblem(error) };
  }
}

function judged({ record, planned, from, at: { node }, observed: { secrets, hidden } }: Subject, result: CheckResult): DriftFound {
  const redactor = createRedactor(secrets);
  const { steps, failed } = result;
  if (failed !== undefined && steps.every((step) => step.change === "none"))
    return { ...about(record, node), state: "unchecked", problem: redactProblem(failed, redactor) };
  const drifted = steps
    .filter((step) => !isOnlyNotified(step, record))
    .flatMap((step) => driftedStep(step, planned, hidden, redactor.redactText));
  if (drifted.length === 0) return { ...about(record, node), state: "same" };
  return { ...about(record, node), state: "drifted", steps: drifted, accept: acceptable(record, from.draft, drifted) };
}

/**
 * A service that is as it was applied, but for a restart that was put off, or that putting back something else would bring: that is no drift
 * of its own.
 */
function isOnlyNotified({ id, observed }: StepCheck, { restarts = [] }: AppliedRecord): boolean {
  return observed.endsWith(", notified") || (restarts.includes(id) && observed.endsWith(", notified before"));
}

function acceptable({ id }: AppliedRecord, { graph, input }: Draft, drifted: readonly DriftedStep[]): readonly Acceptance[] {
  const bound = graph.byId.get(id)?.bound;
  if (bound === undefined) return [];
  return acceptances(bound, resolveSettings(input.cluster, bound.deployment, bound.node, bound.barclamp).values, drifted);
}

function driftedStep(
  { id, change, diff }: { readonly id: string; readonly change: Change; readonly diff?: string },
  planned: PlannedNodeRole,
  hidden: ReadonlySet<string>,
  redact: (text: string) => string,
): readonly DriftedStep[] {
  const step = planned.steps.find((each) => each.id === id);
  if (change === "none" || step === undefined) return [];
  const shown = diff === undefined || diff === "" || hidden.has(id) ? {} : { diff: redact(diff) };
  return [{ id, kind: step.kind, label: step.label, change, ...shown }];
}

function about(
  { role, deployment, run, plan }: AppliedRecord,
  node: string,
): Pick<DriftFound, "id" | "node" | "deployment" | "run" | "plan"> {
  return { id: nodeRoleId(node, role), node, deployment, run, plan };
}

function unchecked(record: AppliedRecord, node: string, why: Problem | undefined): DriftFound {
  const message = `${nodeRoleId(node, record.role)} was applied by ${record.plan}, of which too little is kept to compare with.`;
  const at = { node, role: record.role };
  return { ...about(record, node), state: "unchecked", problem: problem("DRIFT_UNKNOWN", { message, at, cause: why?.message }) };
}

function onlyProblem(error: unknown): Problem {
  if (error instanceof HalliganError) return error.problems[0];
  throw error;
}
