import { HalliganError, type Problem } from "../../errors.ts";
import type { ResolvedStep } from "../../jigs/resolved.ts";
import { compileScript } from "../../jigs/shell/compile.ts";
import type { RenderedProof, Resolver } from "../../plan/resolve.ts";
import type { Clock } from "../../ports.ts";
import { redactProblem } from "../redact-problem.ts";
import type { Redactor } from "../redactor.ts";
import { pushArtefacts } from "../remote/artefacts.ts";
import type { NodeLink } from "../remote/node-link.ts";
import type { Chosen, Standing } from "./choose.ts";
import { judgeProof } from "./judge.ts";
import type { NotTried, ProofOutcome, ProofResult, ProvedStep } from "./outcome.ts";
import { proveOnNode } from "./prove-on-node.ts";

/** What proving needs. */
export interface ProveOptions {
  readonly standing: Standing;
  readonly resolver: Resolver;
  readonly redactor: Redactor;
  link(node: string, signal: AbortSignal): Promise<NodeLink>;
  readonly clock: Clock;
  /** A word of letters and digits that nobody else has. */
  readonly token: () => string;
  /** A proof ended, or one of its steps did: `step` is the one that goes on. */
  readonly onProgress: (done: number, total: number, item: string) => void;
  readonly signal: AbortSignal;
}

/** Proofs on one node at once: they measure the same machine. */
const perNode = 2;
const atOnce = 32;
/** Over the proof's and the cleanup's own times: connecting a script, and a step that is being killed. */
const patienceMs = 30_000;

type Told = ProofOutcome & { readonly steps: readonly ProvedStep[] };

/**
 * Gives proofs, those at once that do not wait for one another. Every one has a result, in the order given. One whose steps `when` left out is
 * not there. A proof waits for those that its `after` names, and is not tried when none of them, on its own node where there is one, was proven.
 */
export async function proveAll(chosen: readonly Chosen[], options: ProveOptions): Promise<readonly ProofResult[]> {
  const rendered = chosen.map((each) => ({ each, proof: options.resolver.proof(each.ordered, each.proof) }));
  const tasks = rendered
    .filter(({ proof }) => proof.steps.length > 0 || proof.problems.length > 0)
    .map(({ each, proof }) => task(each, proof));
  const busy = new Map<string, number>();
  const running = new Set<Promise<void>>();
  let ended = 0;
  for (;;) {
    // What is settled at once may let others begin.
    if (tasks.filter((each) => startIfDue(each)).length > 0) continue;
    if (running.size > 0) await Promise.race(running);
    else if (tasks.every((each) => each.result !== undefined)) break;
    // What is left waits for itself in a circle.
    else for (const each of tasks) if (each.result === undefined) settle(each, needs(each.after[0] ?? "?"), 0);
  }
  return tasks.flatMap(({ result }) => (result === undefined ? [] : [result]));

  function startIfDue(each: Task): boolean {
    if (each.started || running.size >= atOnce || (busy.get(each.node) ?? 0) >= perNode) return false;
    const waits = options.signal.aborted ? [] : each.after.map((id) => ({ id, state: stateOf(id, each, tasks) }));
    if (waits.some(({ state }) => state === "open")) return false;
    each.started = true;
    const missing = waits.find(({ state }) => state === "not-proven");
    const before = missing === undefined ? hindrance(each, options) : needs(missing.id);
    if (before !== undefined) {
      settle(each, before, 0);
      return true;
    }
    busy.set(each.node, (busy.get(each.node) ?? 0) + 1);
    const from = options.clock.now();
    const work: Promise<void> = one(each, options, (step) => options.onProgress(ended, tasks.length, `${each.label}: ${step}`)).then(
      (told) => {
        busy.set(each.node, (busy.get(each.node) ?? 1) - 1);
        running.delete(work);
        settle(each, told, Math.max(0, options.clock.now() - from));
      },
    );
    running.add(work);
    return true;
  }

  function settle(each: Task, told: Told, durationMs: number): void {
    each.started = true;
    each.result = { ...each.about, durationMs, ...told };
    ended += 1;
    options.onProgress(ended, tasks.length, each.label);
  }
}

/** A proof that is to be given, and what became of it. */
interface Task {
  readonly chosen: Chosen;
  readonly rendered: RenderedProof;
  readonly node: string;
  readonly after: readonly string[];
  readonly label: string;
  readonly about: Omit<ProofResult, "outcome" | "durationMs" | "steps">;
  started: boolean;
  result: ProofResult | undefined;
}

function task(chosen: Chosen, rendered: RenderedProof): Task {
  const { bound } = chosen.ordered;
  const { id, means, once, after } = chosen.proof;
  const node = bound.node.name;
  const about = { capability: id, means, barclamp: bound.barclamp.name, role: bound.role.name, deployment: bound.deployment.name, node };
  const label = `${id} on ${node}`;
  return { chosen, rendered, node, after, label, about: { ...about, per: once ?? "node" }, started: false, result: undefined };
}

/** How a capability stands that another builds on: `absent` where nothing of this round proves it. */
function stateOf(id: string, { node }: Task, tasks: readonly Task[]): "open" | "proven" | "not-proven" | "absent" {
  const all = tasks.filter((each) => each.about.capability === id);
  const here = all.filter((each) => each.node === node);
  const those = here.length > 0 ? here : all;
  if (those.length === 0) return "absent";
  if (those.some((each) => each.result === undefined)) return "open";
  return those.some((each) => each.result?.outcome === "proven") ? "proven" : "not-proven";
}

/** What keeps a proof from being tried, before its node is asked. */
function hindrance({ chosen, rendered, node }: Task, { standing, signal, redactor }: ProveOptions): Told | undefined {
  if (signal.aborted) return notTried({ why: "interrupted" });
  const [first] = rendered.problems;
  if (!standing.active.has(chosen.ordered.bound.id)) return notTried({ why: "not-active" });
  if (first !== undefined) return notTried({ why: "unresolved", problem: redactProblem(first, redactor) });
  const gone = standing.unreachable.get(node);
  if (gone !== undefined) return notTried({ why: "unreachable", problem: gone });
  return [...rendered.steps, ...rendered.cleanup].some((step) => step.unknown) ? notTried({ why: "unresolved" }) : undefined;
}

function notTried(why: NotTried): Told {
  return { outcome: "not-tried", ...why, steps: [] };
}

function needs(capability: string): Told {
  return notTried({ why: "needs", needs: capability });
}

async function one({ chosen, rendered, node, label }: Task, options: ProveOptions, onStep: (id: string) => void): Promise<Told> {
  const { bound } = chosen.ordered;
  const { id: capability, withinMs } = chosen.proof;
  const bounded = (step: ResolvedStep): ResolvedStep => ({ ...step, timeoutMs: Math.min(step.timeoutMs, withinMs) });
  const [steps, cleanup] = [rendered.steps.map(bounded), rendered.cleanup.map(bounded)];
  let link: NodeLink;
  try {
    link = await options.link(node, options.signal);
  } catch (error) {
    return notTried(options.signal.aborted ? { why: "interrupted" } : { why: "unreachable", problem: problemOf(error, options.redactor) });
  }
  try {
    const token = options.token();
    const compiled = compileScript({
      mode: "prove",
      nodeRole: noSteps(bound.id),
      proof: { steps, cleanup, withinMs, token: `proof-${token}` },
    });
    const whole = { role: bound.role.name, steps: [...steps, ...cleanup].map(({ id }) => ({ id, change: "change" as const })) };
    await pushArtefacts(link, whole, compiled);
    onStep(steps[0]?.id ?? label);
    const deadlineMs = withinMs + cleanup.reduce((sum, step) => sum + step.timeoutMs + 10_000, 0) + patienceMs;
    const order = { name: `proof.${token}`, compiled, deadlineMs, clock: options.clock, onStep, signal: options.signal };
    const frames = await proveOnNode(link, order);
    return judgeProof(compiled, frames, { capability, node, role: bound.role.name, withinMs }, options.redactor);
  } catch (error) {
    return { outcome: "failed", problem: problemOf(error, options.redactor), steps: [] };
  }
}

function noSteps(id: Chosen["ordered"]["bound"]["id"]): Parameters<typeof compileScript>[0]["nodeRole"] {
  return { id, steps: [], verify: [], around: { before: [], after: [], onFailure: [] }, outputs: [] };
}

/** What is wrong, without secrets. @throws what is no problem but a defect. */
function problemOf(error: unknown, redactor: Redactor): Problem {
  if (error instanceof HalliganError) return redactProblem(error.problems[0], redactor);
  throw error;
}
