import type { Problem } from "../errors.ts";

/**
 * Equal problems once: a template that is wrong is wrong on every node. The first is kept, with the cause (which names a node) that it has.
 */
export function mergeProblems(problems: readonly Problem[]): readonly Problem[] {
  if (problems.length === 0) return problems;
  const kept = new Map<string, Problem>();
  for (const each of problems) {
    const key = JSON.stringify([each.code, each.message, each.at ?? null]);
    if (!kept.has(key)) kept.set(key, each);
  }
  return [...kept.values()];
}
