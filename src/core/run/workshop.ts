import { fail, HalliganError, problem, type Problem } from "../errors.ts";
import type { CompiledScript, Expectation, LookInput, ResolvedCheck, ResolvedNodeRole, ResolvedStep } from "../jigs/resolved.ts";
import { compileScript } from "../jigs/shell/compile.ts";
import { checkValue } from "../model/attributes.ts";
import type { NodeRoleId } from "../model/ids.ts";
import type { Plan, PlannedNodeRole } from "../model/plan.ts";
import { usedOf } from "../plan/applied.ts";
import { addressOf } from "../plan/renames.ts";
import { typed } from "../plan/outputs.ts";
import type { Resolution, Resolver } from "../plan/resolve.ts";
import type { SecretLookup } from "../plan/settings-view.ts";
import type { Clock } from "../ports.ts";
import type { AppliedRecord } from "./applied.ts";
import { compiling, createBreath } from "./breath.ts";
import { type Draft, undoSteps } from "./draft.ts";
import type { NamedSecret } from "./redactor.ts";
import { madeBy, undoAlone } from "./shared-undo.ts";

/** Outputs that steps gave in this run, by node-role. */
export type KnownOutputs = ReadonlyMap<NodeRoleId, Readonly<Record<string, string>>>;

/** What is looked at of a node-role. */
export interface Observed {
  readonly input: LookInput;
  readonly secrets: readonly NamedSecret[];
  readonly hidden: ReadonlySet<string>;
}

/** A node-role compiled for the run, with late-bound values and secrets filled in. */
export interface Prepared {
  readonly compiled: CompiledScript;
  /** Values to take out of everything the job prints. */
  readonly secrets: readonly NamedSecret[];
  /** Conditions that the script judges before its first change. */
  readonly checks: readonly ResolvedCheck[];
}

/** Makes scripts from a plan's revision; the annealer's only view of cluster files and barclamps. */
export interface Workshop {
  /**
   * The script that carries out a planned node-role.
   * @throws `PLAN_STALE` when it would do something else than what was planned, and problems of rendering with values that are now known.
   */
  prepare(planned: PlannedNodeRole, known: KnownOutputs, staleness: "exact" | "bounded"): Promise<Prepared>;
  /** What is looked at to tell whether a node-role's steps hold; `hidden`: ids of steps whose diffs would tell secrets. */
  observe(planned: PlannedNodeRole, known: KnownOutputs): Observed;
  /** The first of its late outputs that is not of the type it declares: others must not take it as if it were. */
  misfit(planned: PlannedNodeRole, known: KnownOutputs): Problem | undefined;
  /** What is kept to take the node-role away later, without its barclamp. Holds no secrets. */
  record(planned: PlannedNodeRole, known: KnownOutputs, run: string, at: number): AppliedRecord;
}

/** What a workshop works from. */
export interface WorkshopOptions {
  readonly plan: Plan;
  readonly draft: Draft;
  readonly clock: Clock;
  readonly secrets: SecretLookup;
  /** The same with placeholders for values. */
  readonly masked: SecretLookup;
  /** Every secret of the cluster, for redaction. */
  readonly named: readonly NamedSecret[];
  /** What was active when the plan was made, or may have been left by what failed; needed for removals. */
  readonly applied: ReadonlyMap<NodeRoleId, AppliedRecord>;
  /** Outputs of earlier runs, by node-role. */
  readonly earlier: KnownOutputs;
}

const quiet = { verify: [], around: { before: [], after: [], onFailure: [] }, outputs: [] } as const;

/** Makes the workshop of one plan. Pure but for the secrets and the clock that it is given. */
export function createWorkshop(options: WorkshopOptions): Workshop {
  const { plan, draft, secrets, named, earlier } = options;
  const breath = createBreath(options.clock);
  const display = draft.resolver({ secrets: options.masked, lateOutputs: earlier, seen: true });
  const settled = named.length === 0 ? display : draft.resolver({ secrets, lateOutputs: earlier, seen: true });
  /** What jobs that run were rendered as, until they are recorded: rendering is most of the work of both. */
  const shown = new Map<NodeRoleId, Resolution>();

  const reached = new Map(draft.input.cluster.nodes.map((each) => [each.name, addressOf(each)]));
  const going = new Set(plan.body.nodeRoles.filter((each) => each.action === "remove").map((each) => each.id));
  const undo = undoAlone(
    draft,
    display,
    [...options.applied.values()].filter((each) => !going.has(each.id)),
  );

  function resolve(planned: PlannedNodeRole, resolver: Resolver): Resolution {
    const ordered = draft.graph.byId.get(planned.id);
    if (ordered === undefined)
      throw fail("PLAN_STALE", { message: `${planned.id} is no longer placed by the revision of plan ${plan.id}.` });
    const resolution = resolver.resolve(ordered);
    const [first, ...rest] = resolution.problems;
    if (first !== undefined) throw new HalliganError([first, ...rest]);
    return resolution;
  }

  /** Rendered for the run: from what is known now, this run's outputs first. */
  function real(planned: PlannedNodeRole, known: KnownOutputs): Resolution {
    if (!isLate(planned)) return settled === display ? (shown.get(planned.id) ?? resolve(planned, settled)) : resolve(planned, settled);
    const lateOutputs = new Map([...earlier, ...known]);
    return resolve(planned, draft.resolver({ secrets, lateOutputs }));
  }

  /** Rendered for the record, without secrets. */
  function asRecorded(planned: PlannedNodeRole, known: KnownOutputs): Resolution {
    const rendered = shown.get(planned.id);
    shown.delete(planned.id);
    if (rendered !== undefined) return rendered;
    if (!isLate(planned)) return resolve(planned, display);
    return resolve(planned, draft.resolver({ secrets: options.masked, lateOutputs: new Map([...earlier, ...known]) }));
  }

  function undoOf(planned: PlannedNodeRole): ResolvedNodeRole {
    const record = options.applied.get(planned.id);
    if (record === undefined)
      throw fail("PLAN_STALE", { message: `${planned.id} is gone already.`, at: { node: planned.node, role: planned.role } });
    const ids = new Set(planned.steps.map((step) => step.id));
    const steps = undo(record).filter((step) => ids.has(step.id));
    const taken = new Set(steps.map((step) => step.id));
    if (planned.steps.some((step) => step.change !== "none" && !taken.has(step.id)))
      throw fail("PLAN_STALE", {
        message: `${planned.id} would now take away less than plan ${plan.id} says: others have come to share it.`,
        at: { node: planned.node, role: planned.role },
      });
    return { id: planned.id, steps, ...quiet };
  }

  return {
    async prepare(planned, known, staleness) {
      await breath(planned.steps.length * compiling);
      if (planned.action === "remove")
        return { compiled: compileScript({ mode: "remove", nodeRole: undoOf(planned) }), secrets: named, checks: [] };
      const asShown = resolve(planned, display);
      if (planned.actions !== asShown.actions) {
        throw fail("PLAN_STALE", {
          message: `${planned.id} would now do something else than plan ${plan.id} says.`,
          at: { node: planned.node, role: planned.role },
        });
      }
      if (!isLate(planned)) shown.set(planned.id, asShown);
      const { resolved, checks } = real(planned, known);
      const compiled = compileScript({
        mode: "apply",
        nodeRole: resolved,
        checks: checks.map((each) => each.step),
        expected: expectations(planned),
        staleness,
        restartsLater: planned.rollout.restarts === "later",
        now: options.clock.now(),
      });
      return { compiled, secrets: named, checks };
    },
    observe(planned, known) {
      const nodeRole = planned.action === "remove" ? undoOf(planned) : real(planned, known).resolved;
      const hidden = new Set(nodeRole.steps.filter((step) => step.secret).map((step) => step.id));
      return { input: { nodeRole }, secrets: named, hidden };
    },
    misfit(planned, known) {
      const declared = draft.graph.byId.get(planned.id)?.bound.role.outputs ?? {};
      for (const [name, text] of Object.entries(known.get(planned.id) ?? {})) {
        const output = declared[name];
        if (output === undefined || output.type === "secret") continue;
        const checked = checkValue({ type: output.type }, typed(text, output.type));
        if (checked.ok) continue;
        const at = { node: planned.node, role: planned.role };
        return problem("OUTPUT_INVALID", { message: `${planned.id} gave no usable ${name}: ${checked.messages.join("; ")}.`, at });
      }
      return undefined;
    },
    record(planned, known, run, at) {
      const resolution = asRecorded(planned, known);
      const { id, node, role, deployment, barclamp, barclampDigest, rollout, actions } = planned;
      const undo = [...undoSteps(resolution), ...leftOver(resolution, options.applied.get(id))];
      const address = reached.get(node);
      const lateOutputs = { ...earlier.get(id), ...known.get(id) };
      return {
        id,
        node,
        ...(address === undefined ? {} : { address }),
        role,
        deployment,
        barclamp,
        barclampDigest,
        after: usedOf(planned, draft.graph.byId),
        rollout,
        ...restartsOf(planned, resolution, options.applied.get(id)),
        undo,
        secrets: planned.secrets.map(({ name, version }) => ({ name, version })),
        digest: actions,
        plan: plan.id,
        run,
        at,
        lateOutputs,
      };
    },
  };
}

/** It takes values that only the run can tell. */
function isLate(planned: PlannedNodeRole): boolean {
  return planned.steps.some((step) => step.change === "unknown") || Object.values(planned.inputs).some((input) => !input.known);
}

/** Restarts that wait on the node: those that were put off now, and earlier ones that were still to be done. */
function restartsOf(
  { rollout, steps }: PlannedNodeRole,
  { resolved }: Resolution,
  before: AppliedRecord | undefined,
): Pick<AppliedRecord, "restarts"> {
  if (rollout.restarts !== "later") return {};
  const changes = new Map(steps.map((step) => [step.id, step.change]));
  const told = resolved.steps.filter((step) => (changes.get(step.id) ?? "none") !== "none").flatMap((step) => step.notify);
  const waited = (before?.restarts ?? []).filter((id) => (changes.get(id) ?? "none") !== "none");
  // What the run starts anew has what was changed.
  const all = [...new Set([...waited, ...told])].filter((id) => changes.get(id) !== "create");
  return all.length === 0 ? {} : { restarts: all };
}

/**
 * Undo of what the role made when it was last applied and makes no more: it goes with the role. An `undo` of the barclamp's own may do more than
 * take one step back, so of those only what brings back originals is kept.
 */
function leftOver({ undo, resolved }: Resolution, before: AppliedRecord | undefined): readonly ResolvedStep[] {
  if (before === undefined) return [];
  const earlier = undo === "auto" ? before.undo : before.undo.filter((step) => step.args["restore"] === true);
  const present = undo === "auto" ? resolved.steps : [...resolved.steps, ...undo];
  const ids = new Set(present.map((step) => step.id));
  const made = new Set(present.flatMap((step) => madeBy(step).names));
  return earlier
    .filter((step) => !madeBy(step).names.every((name) => made.has(name)))
    .map((step) => (ids.has(step.id) ? { ...step, id: `${step.id} (before)` } : step));
}

/** What was approved, step by step; steps whose change was not known may do what late values make of them. */
function expectations(planned: PlannedNodeRole): Readonly<Record<string, Expectation>> {
  return Object.fromEntries(
    planned.steps
      .filter((step) => step.change !== "unknown")
      .map((step) => [step.id, { change: step.change, ...(step.observed === undefined ? {} : { observed: step.observed }) }]),
  );
}
