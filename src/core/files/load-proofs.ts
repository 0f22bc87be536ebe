import { problem } from "../errors.ts";
import type { Proof, StepSource } from "../model/barclamp.ts";
import type { RoleFile } from "../model/barclamp-file.ts";
import { parseDuration } from "../model/duration.ts";
import type { BarclampContext } from "./barclamp-context.ts";
import type { YamlPath } from "./yaml-tree.ts";

type ProofFile = NonNullable<RoleFile["proves"]>[string];

const defaultWithinMs = 60_000;
const longestWithinMs = 3_600_000;

/** Builds what a role can prove. Problems: those of its steps, and `VALUE_INVALID` for times that are none and proofs that wait for themselves. */
export function loadProofs(
  files: Readonly<Record<string, ProofFile>>,
  path: YamlPath,
  load: (steps: readonly unknown[], path: YamlPath) => readonly StepSource[],
  context: BarclampContext,
): readonly Proof[] {
  return Object.entries(files).map(([id, { means, once, after = [], within, steps, cleanup = [] }]): Proof => {
    const at = [...path, id];
    const withinMs = within === undefined ? defaultWithinMs : (parseDuration(within) ?? 0);
    if (withinMs <= 0 || withinMs > longestWithinMs)
      context.report(
        problem("VALUE_INVALID", {
          message: `\`within\` of ${id} must be more than nothing and at most 1h.`,
          at: context.tree.valuePlace([...at, "within"]),
        }),
      );
    if (after.includes(id))
      context.report(
        problem("VALUE_INVALID", { message: `${id} waits for itself.`, at: context.tree.valuePlace([...at, "after", after.indexOf(id)]) }),
      );
    return {
      id,
      means,
      ...(once === undefined ? {} : { once }),
      after,
      withinMs,
      steps: load(steps, [...at, "steps"]),
      cleanup: load(cleanup, [...at, "cleanup"]),
      place: context.tree.keyPlace(at),
    };
  });
}
