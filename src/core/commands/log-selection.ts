import { fail } from "../errors.ts";
import type { LogName } from "../ports.ts";
import type { RunState } from "../run/state.ts";
import { isRunId } from "./run-choose.ts";

/** Which logs a command speaks of. */
export interface LogSelection {
  readonly run: string | undefined;
  /** `NODE` or `NODE/ROLE`; empty = all. */
  readonly of: readonly string[];
}

/** Reads the words after `logs`. @throws `USAGE` when two runs are named. */
export function selectLogs(words: readonly string[]): LogSelection {
  const runs = words.filter((word) => isRunId(word));
  if (runs.length > 1) throw fail("USAGE", { message: `Name one run, not ${runs.length}: ${runs.join(" ")}` });
  return { run: runs[0], of: words.filter((word) => !isRunId(word)) };
}

/**
 * Names of the selected logs that may hold something by now: one per attempt, in plan order.
 * @throws `NODE_ROLE_UNKNOWN` for a word that names nothing of the run.
 */
export function logNames(state: RunState, of: readonly string[]): readonly LogName[] {
  const matched = new Set<string>();
  const names: LogName[] = [];
  for (const [id, { planned, attempt }] of state.nodeRoles) {
    const words = of.filter((word) => word === id || word === planned.node);
    for (const word of words) matched.add(word);
    if (of.length > 0 && words.length === 0) continue;
    for (let n = 1; n <= attempt; n += 1)
      names.push({ run: state.run, node: planned.node, role: n === 1 ? planned.role : `${planned.role}.${n}` });
  }
  const missing = of.find((word) => !matched.has(word));
  if (missing === undefined) return names;
  throw fail("NODE_ROLE_UNKNOWN", {
    message: `${state.run} has nothing that is called "${missing}".`,
    hint: `Name a node, or NODE/ROLE; \`halligan diff ${state.plan}\` lists what ${state.run} worked on.`,
  });
}
