import type { LookInput } from "../resolved.ts";
import { stepKinds } from "./kinds/index.ts";

/** A shell finds its variables in few chains: a script with more steps takes longer than two. */
const mostSteps = 256;
/** So many programs that may take their time are asked one after the other. */
const slowInRow = 4;

/**
 * Sorts node-roles of one node into those that one script looks at: as few scripts as possible, but several, at most `lanes`, where programs are asked of which nobody
 * knows how long they take (guards, conditions, containers), so that these go on side by side. Every input is in exactly one group.
 */
export function lookGroups<T extends { readonly input: LookInput }>(all: readonly T[], lanes: number): readonly (readonly [T, ...T[]])[] {
  const sizes = all.map((one) => ({ one, steps: one.input.nodeRole.steps.length, slow: slowLooks(one.input) }));
  const sum = (of: "steps" | "slow"): number => sizes.reduce((total, each) => total + each[of], 0);
  const sideBySide = Math.min(lanes, Math.ceil(sum("slow") / slowInRow), sizes.filter(({ slow }) => slow > 0).length);
  const count = Math.max(Math.ceil(sum("steps") / mostSteps), sideBySide, 1);
  const groups = Array.from({ length: Math.min(count, all.length) }, () => ({ members: [] as T[], steps: 0, slow: 0 }));
  for (const { one, steps, slow } of sizes.toSorted((a, b) => b.slow - a.slow || b.steps - a.steps)) {
    const least = groups.reduce((best, each) => (before(each, best, slow > 0) ? each : best));
    least.members.push(one);
    least.steps += steps;
    least.slow += slow;
  }
  return groups.flatMap(({ members: [first, ...rest] }) => (first === undefined ? [] : [[first, ...rest] as const]));
}

type Load = { readonly steps: number; readonly slow: number };

function before(one: Load, other: Load, slow: boolean): boolean {
  return slow && one.slow !== other.slow ? one.slow < other.slow : one.steps < other.steps;
}

/** How many programs a look asks that may take their time. */
function slowLooks({ nodeRole, checks = [] }: LookInput): number {
  const slow = nodeRole.steps.filter(
    ({ kind, args }) => stepKinds.get(kind)?.slowLook === true || args["unless"] !== undefined || args["onlyIf"] !== undefined,
  );
  return slow.length + checks.length;
}
