import type { ReviewedDocument } from "../../../core/commands/authority/breakglass.ts";
import type { HandedDocument } from "../../../core/commands/authority/handoff.ts";
import { count, listed } from "../../../core/words/count.ts";
import { phaseWords } from "../../../core/words/states.ts";
import type { Screen } from "../../screen.ts";

/** Who has a run now, and how it stands. */
export function handedView({ from, to, note, run, failed, locks }: HandedDocument, screen: Screen): readonly string[] {
  const { steps, nodeRoles } = run.progress;
  return [
    `${screen.bold(to)} answers for ${screen.bold(run.run)} (plan ${run.plan}) from now on; it was ${from}'s.`,
    ...(note === null ? [] : [`Note: ${note}`]),
    `It is ${phaseWords(run)}: ${nodeRoles.done} of ${count(nodeRoles.total, "node-role")} and ${steps.done} of ${count(steps.total, "step")} done.`,
    ...(failed.length === 0 ? [] : [screen.red(`Failed or unknown: ${listed(failed, 8)}.`)]),
    ...(run.held === null ? [] : [`It is held: ${run.held.problems.map((each) => each.message).join(" ")}`]),
    ...(locks.length === 0
      ? []
      : [
          `${from} still holds ${listed(locks.map((each) => (each.deployment === null ? "the lock of the cluster" : `the lock of ${each.deployment}`)))}.`,
        ]),
    `Next: ${screen.bold(`halligan watch ${run.run}`)} follows it.`,
  ];
}

/** A closed review of break-glass. */
export function reviewedView({ run, plan, by, reason, passed, reviewedBy, note }: ReviewedDocument, screen: Screen): readonly string[] {
  return [
    `The review of ${screen.bold(run)} (plan ${plan}) is closed by ${reviewedBy}: ${note}`,
    `${by} broke the glass: ${reason}`,
    ...passed.map((each) => `  passed ${each}`),
  ];
}
