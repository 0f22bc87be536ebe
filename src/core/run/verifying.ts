import { HalliganError, type Problem, problem } from "../errors.ts";
import type { PlanningProgress } from "../house.ts";
import { compileScript } from "../jigs/shell/compile.ts";
import type { NodeRoleId } from "../model/ids.ts";
import type { SecretLookup } from "../plan/settings-view.ts";
import type { OrderedNodeRole } from "../plan/graph.ts";
import type { Clock } from "../ports.ts";
import type { Standing } from "./applied.ts";
import type { Draft } from "./draft.ts";
import { earlierOutputs } from "./earlier-outputs.ts";
import { checkResult, runCheckAgain } from "./remote/check.ts";
import type { Intake } from "./intake.ts";
import { lastWords } from "./last-words.ts";
import type { NodeLink } from "./remote/node-link.ts";
import { redactProblem } from "./redact-problem.ts";
import { createRedactor, type NamedSecret } from "./redactor.ts";

/** What verifying needs. */
export interface VerifyOptions {
  readonly draft: Draft;
  readonly secrets: SecretLookup;
  readonly masked: SecretLookup;
  readonly named: readonly NamedSecret[];
  readonly applied: readonly Standing[];
  readonly unreachable: ReadonlyMap<string, Problem>;
  link(node: string, signal: AbortSignal): Promise<NodeLink>;
  readonly clock: Clock;
  readonly intake: Intake;
  readonly deadlineMs: number;
  readonly nodesAtOnce: number;
  readonly onProgress: (progress: PlanningProgress) => void;
  readonly signal: AbortSignal;
}

/** A node-role whose `verify` steps were judged; `problem` says what does not hold. */
export interface Verified {
  readonly id: NodeRoleId;
  readonly durationMs: number;
  readonly problem?: Problem;
}

/** Judges the `verify` steps of every active node-role on its node, read-only. A problem says what does not hold. */
export async function verifyAll(options: VerifyOptions): Promise<readonly Verified[]> {
  const active = new Set(options.applied.map((record) => record.id));
  const resolver = options.draft.resolver({ secrets: options.secrets, lateOutputs: earlierOutputs(options.applied) });
  const wanted = options.draft.graph.nodeRoles.filter((each) => each.bound.selected && active.has(each.bound.id));
  const redactor = createRedactor(options.named);
  let done = 0;
  return await Promise.all(wanted.map((ordered) => options.intake.take(options.signal, () => look(ordered))));

  async function look(ordered: OrderedNodeRole): Promise<Verified> {
    const { id, node, role } = ordered.bound;
    const from = options.clock.now();
    const found = options.unreachable.get(node.name) ?? (await judge());
    options.onProgress({ what: "check", done: ++done, total: wanted.length, item: id });
    const durationMs = Math.max(0, options.clock.now() - from);
    return found === undefined ? { id, durationMs } : { id, durationMs, problem: found };

    async function judge(): Promise<Problem | undefined> {
      try {
        const { resolved } = resolver.resolve(ordered);
        if (resolved.verify.length === 0) return undefined;
        const compiled = compileScript({
          mode: "check",
          nodeRole: { ...resolved, steps: [], verify: [] },
          checks: resolved.verify,
          served: resolved.steps,
        });
        const link = (): ReturnType<typeof options.link> => options.link(node.name, options.signal);
        const frames = await runCheckAgain(link, `verify.${role.name}`, compiled.script, {
          clock: options.clock,
          deadlineMs: options.deadlineMs,
        });
        const { failed, unmet } = checkResult(compiled, frames, { node: node.name, role: role.name });
        const said = failed?.message ?? unmet[0]?.observed;
        const index = compiled.steps.find((step) => step.section === "checks" && step.id === unmet[0]?.id)?.index;
        const cause = failed !== undefined || index === undefined ? undefined : lastWords(frames, index, redactor);
        return said === undefined
          ? undefined
          : problem("VERIFY_FAILED", {
              message: redactor.redactText(said),
              at: { node: node.name, role: role.name, ...(unmet[0] === undefined ? {} : { step: unmet[0].id }) },
              cause,
              hint: `Read the service's own log on ${node.name}; \`halligan logs ${id}\` has what the steps printed in the last run.`,
            });
      } catch (error) {
        if (!(error instanceof HalliganError)) throw error;
        return redactProblem(error.problems[0], redactor);
      }
    }
  }
}
