import { HalliganError, type Problem, problem } from "../errors.ts";
import type { PlanningProgress } from "../house.ts";
import { toStored } from "../journal/events.ts";
import type { LookInput, ResolvedCheck } from "../jigs/resolved.ts";
import { lookGroups } from "../jigs/shell/look-groups.ts";
import type { Digest, NodeRoleId, PlanId } from "../model/ids.ts";
import type { Plan, PlanBody, PlanLimit, Rename } from "../model/plan.ts";
import { becauseOf } from "../plan/because.ts";
import { assembling } from "../plan/assemble.ts";
import { planDigesting } from "../plan/canonical.ts";
import { type CheckResult, sharedJudgements, Telling, type ToldResolution, type UnmetCheck } from "../plan/check-result.ts";
import type { OrderedNodeRole } from "../plan/graph.ts";
import { mergeProblems } from "../plan/merge-problems.ts";
import type { Resolution } from "../plan/resolve.ts";
import type { SecretLookup } from "../plan/settings-view.ts";
import { withRests } from "../portions.ts";
import type { Clock, Store } from "../ports.ts";
import { type AppliedRecord, takeable } from "./applied.ts";
import { type Draft, isAbout } from "./draft.ts";
import type { CheckResult as Looked } from "./remote/check.ts";
import { lookAt } from "./remote/look.ts";
import type { NodeLink } from "./remote/node-link.ts";
import { type Breath, createBreath, wholeGo } from "./breath.ts";
import type { Intake } from "./intake.ts";
import { keepFacts } from "./kept-facts.ts";
import { pooled } from "./pooled.ts";
import { nextNumber } from "./numbers.ts";
import { keepPlan } from "./requests.ts";
import { redactProblem } from "./redact-problem.ts";
import { createRedactor, type NamedSecret, type Redactor } from "./redactor.ts";
import { undoAlone } from "./shared-undo.ts";
import { seenOf, unmetProblem } from "./unmet.ts";
import { earlierOutputs } from "./earlier-outputs.ts";

/** What planning needs beside the draft. */
export interface PlanningOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly intake: Intake;
  readonly draft: Draft;
  /** Bounds of a plan with a purpose of its own: those of the draft. */
  readonly limit?: PlanLimit;
  readonly revision: Digest;
  readonly secrets: SecretLookup;
  readonly masked: SecretLookup;
  readonly named: readonly NamedSecret[];
  readonly applied: readonly AppliedRecord[];
  /** All notified restarts are put off. */
  readonly restarts?: "later";
  /** `no`: no node is asked (`PlanOptions`). */
  readonly refresh?: "no";
  /** Nodes that have other names now; `applied` and `remains` have the present ones. */
  readonly renames: readonly Rename[];
  /** What node-roles that failed may have left. */
  readonly remains: readonly AppliedRecord[];
  readonly by: string;
  link(node: string, signal: AbortSignal): Promise<NodeLink>;
  /** What is planned is carried out next, over the same connections. */
  readonly runFollows: boolean;
  /** Told when a node has been asked all there is, and whether nothing would be done on it. */
  readonly onAsked?: (link: NodeLink, unchanged: boolean) => void;
  /** Nodes that could not be reached or probed just now, with the reason: they are not tried again. */
  readonly unreachable: ReadonlyMap<string, Problem>;
  readonly onProgress: (progress: PlanningProgress) => void;
  readonly signal: AbortSignal;
  readonly limits: { readonly nodesAtOnce: number; readonly checksPerNode: number; readonly checkDeadlineMs: number };
}

/** A node-role to be checked: its steps as they will be carried out. */
interface Check {
  readonly id: NodeRoleId;
  readonly at: { readonly node: string; readonly role: string };
  readonly input: LookInput;
  readonly checks: readonly ResolvedCheck[];
  /** It would do exactly what was applied last: mostly nothing will be found to do. */
  readonly stands: boolean;
}

/**
 * Makes a plan: renders every node-role, asks the nodes what would change, puts the body together and stores it under a new id.
 * @throws all problems that prevent a plan. Nodes that do not answer do not prevent one: they are blocked in it.
 */
export async function makePlan(options: PlanningOptions): Promise<Plan> {
  const { draft, applied } = options;
  throwAll(draft.problems);
  const earlier = earlierOutputs(applied);
  const display = draft.resolver({ secrets: options.masked, lateOutputs: earlier, seen: true });
  const real = options.named.length === 0 ? display : draft.resolver({ secrets: options.secrets, lateOutputs: earlier, seen: true });
  const selected = draft.graph.nodeRoles.filter((each) => each.bound.selected);
  const resolutions = new Map<NodeRoleId, ToldResolution>();
  const telling = new Telling();
  const checks: Check[] = [];
  const problems: Problem[] = [];
  const results = new Map<NodeRoleId, CheckResult>();
  const digests = new Map(applied.map((record) => [record.id, record.digest]));
  const breath = createBreath(options.clock);
  for (const ordered of selected) {
    await breath(ordered.bound.role.steps.length);
    const resolution = display.resolve(ordered);
    const delivered = real === display ? resolution : real.resolve(ordered);
    const away = options.unreachable.get(ordered.bound.node.name);
    const found = mergeProblems([...resolution.problems, ...delivered.problems]);
    problems.push(...found.filter((each) => away === undefined || each.code !== "FACTS_MISSING"));
    const told = telling.of(resolution);
    resolutions.set(ordered.bound.id, told);
    if (away !== undefined) results.set(ordered.bound.id, { steps: [], failed: away });
    else if (options.refresh === "no") {
      // What would do exactly what was applied last stands. The rest stays unknown.
      if (digests.get(ordered.bound.id) === resolution.actions) results.set(ordered.bound.id, telling.unchanged(told));
    } else if (found.length === 0) checks.push(checkOf(ordered, delivered, digests.get(ordered.bound.id) === resolution.actions));
  }
  throwAll(mergeProblems(problems));
  const placed = draft.graph.byId;
  const nodes = new Set(draft.input.cluster.nodes.map((node) => node.name));
  const known = takeable(
    applied,
    options.remains.filter((record) => !placed.has(record.id)),
  );
  const undo = undoAlone(draft, display, known);
  const standing = known.map((record) => (placed.has(record.id) ? record : { ...record, undo: undo(record) }));
  for (const record of standing) {
    if (placed.has(record.id) || !nodes.has(record.node)) continue;
    if (!isAbout(draft.input, record)) continue;
    const nodeRole = { id: record.id, steps: record.undo, verify: [], around: { before: [], after: [], onFailure: [] }, outputs: [] };
    checks.push({ id: record.id, at: { node: record.node, role: record.role }, input: { nodeRole }, checks: [], stands: false });
  }
  const unfinished = new Map(options.remains.map(({ id, run }) => [id, run]));
  if (options.refresh !== "no") for (const [id, result] of await checkAll(checks, options, breath)) results.set(id, result);
  const { deployments } = draft.input;
  await breath(wholeGo);
  const assembly = assembling({
    cluster: draft.input.cluster,
    graph: draft.graph,
    resolutions,
    checks: results,
    applied: standing,
    ...(deployments.length === 0 ? {} : { deployments }),
    ...(options.limit === undefined ? {} : { limit: options.limit }),
    renames: options.renames,
    unfinished: new Set(unfinished.keys()),
    ...(options.refresh === "no" ? { preview: true as const } : {}),
    ...(options.restarts === undefined ? {} : { restarts: options.restarts }),
  });
  const body = await withRests(assembly, () => breath(wholeGo));
  const because = becauseOf({ body, graph: draft.graph, applied, unfinished, away: options.limit?.away ?? new Set() });
  return await numbered(body, because, breath, options);
}

function checkOf({ bound }: OrderedNodeRole, { resolved, checks }: Resolution, stands: boolean): Check {
  const input = { nodeRole: resolved, checks: checks.map((each) => each.step) };
  return { id: bound.id, at: { node: bound.node.name, role: bound.role.name }, input, checks, stands };
}

/** Asks the nodes, many at once, each over one connection. `checks` is emptied: what a node has been asked is not kept until the last one has been. */
async function checkAll(checks: Check[], options: PlanningOptions, breath: Breath): Promise<ReadonlyMap<NodeRoleId, CheckResult>> {
  const results = new Map<NodeRoleId, CheckResult>();
  const judgements = sharedJudgements();
  const redactor = createRedactor(options.named);
  const total = checks.length;
  const byNode = Map.groupBy(checks.splice(0), (check) => check.at.node);
  let done = 0;
  const ask = async (group: readonly [Check, ...Check[]], link: NodeLink): Promise<void> => {
    const found = await options.intake.take(options.signal, () => checkTogether(group, link, options, breath), group.length);
    for (const [check, seen] of found) {
      const result = withoutSecrets(check, seen, redactor);
      results.set(check.id, { ...result, steps: judgements.of(result.steps) });
      done += 1;
      options.onProgress({ what: "check", done, total, item: check.id });
    }
  };
  await pooled([...byNode.keys()], options.limits.nodesAtOnce, async (node) => {
    options.signal.throwIfAborted();
    const list = byNode.get(node) ?? [];
    byNode.delete(node);
    try {
      const link = await options.link(node, options.signal);
      await pooled(lookGroups(list, options.limits.checksPerNode), options.limits.checksPerNode, (group) => ask(group, link));
      options.onAsked?.(
        link,
        list.every(({ id }) => findsNothing(results.get(id))),
      );
    } catch (error) {
      if (!(error instanceof HalliganError)) throw error;
      const [why] = error.problems;
      const placed = { ...why, at: why.at ?? { node } };
      for (const check of list) if (!results.has(check.id)) results.set(check.id, { steps: [], failed: placed });
    }
  });
  return results;
}

function findsNothing(result: CheckResult | undefined): boolean {
  return result !== undefined && result.failed === undefined && result.steps.every(({ change }) => change === "none");
}

/** Asks a node about several node-roles at once. */
async function checkTogether(
  group: readonly [Check, ...Check[]],
  link: NodeLink,
  options: PlanningOptions,
  breath: Breath,
): Promise<readonly (readonly [Check, Looked])[]> {
  const { clock, limits, signal } = options;
  return await lookAt(group, {
    purpose: "plan",
    clock,
    breath,
    deadlineMs: limits.checkDeadlineMs,
    // A receiver that stays costs a process more, which only jobs are worth.
    moreFollows: options.runFollows && group.some(({ stands }) => !stands),
    link: async (again) => (again ? await options.link(link.node, signal) : link),
  });
}

function withoutSecrets({ at, checks }: Check, result: Looked, redactor: Redactor): CheckResult {
  const steps = result.steps.map((step) => ({
    ...step,
    observed: redactor.redactText(step.observed),
    ...(step.diff === undefined ? {} : { diff: redactor.redactText(step.diff) }),
  }));
  const unmet = result.unmet.flatMap((each): readonly UnmetCheck[] => {
    const declared = checks.find(({ step }) => step.id === each.id);
    if (declared === undefined) return [];
    const why = unmetProblem(declared, seenOf(each.observed, each.printed), { ...at, step: each.id });
    return [{ problem: redactProblem(why, redactor), kind: declared.step.kind, curedBy: declared.curedBy }];
  });
  return { steps, unmet, ...(result.failed === undefined ? {} : { failed: redactProblem(result.failed, redactor) }) };
}

function throwAll(problems: readonly Problem[]): void {
  const [first, ...rest] = problems;
  if (first !== undefined) throw new HalliganError([first, ...rest]);
}

/** Stores the plan under the next id. The same body made again gets an id of its own: who asked and when differ. */
async function numbered(
  body: PlanBody,
  because: NonNullable<Plan["because"]>,
  breath: Breath,
  { store, clock, by, revision, draft }: PlanningOptions,
): Promise<Plan> {
  const digest = await withRests(planDigesting(body), () => breath(wholeGo));
  const facts = await keepFacts(store, draft.input.facts);
  const id: PlanId = `P-${await nextNumber(store, "plans")}`;
  const plan: Plan = { id, digest, body, author: by, at: clock.now(), revision, facts, because };
  await keepPlan(store, plan);
  const changes = body.nodeRoles.filter((each) => each.action !== "skip").length;
  await store.append("plans", [toStored({ type: "plan.made", v: 1, plan: id, digest, by, deployments: [...body.deployments], changes })]);
  return plan;
}

/** A node that cannot be planned for, as a problem of the plan. */
export function awayProblem(node: string, error: HalliganError): Problem {
  const [why] = error.problems;
  return problem(why.code, { message: why.message, at: why.at ?? { node }, cause: why.cause, hint: why.hint });
}
