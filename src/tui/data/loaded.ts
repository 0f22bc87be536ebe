import { HalliganError, type Problem, problem } from "../../core/errors.ts";

/** Where one piece of data stands; every screen shows these states the same way. Times are ms since 1970. */
export type Loaded<T> =
  | { readonly phase: "loading"; readonly since: number }
  | { readonly phase: "ready"; readonly value: T; readonly at: number }
  /** It could be read once, and now cannot. */
  | { readonly phase: "stale"; readonly value: T; readonly at: number; readonly problems: readonly Problem[] }
  | { readonly phase: "failed"; readonly problems: readonly Problem[]; readonly at: number };

/** The value, however old. */
export function valueOf<T>(loaded: Loaded<T>): T | undefined {
  return loaded.phase === "ready" || loaded.phase === "stale" ? loaded.value : undefined;
}

/** The state after reading failed. */
export function failedAfter<T>(before: Loaded<T> | undefined, error: unknown, at: number): Loaded<T> {
  const problems = problemsOf(error);
  if (before?.phase === "ready" || before?.phase === "stale") return { phase: "stale", value: before.value, at: before.at, problems };
  return { phase: "failed", problems, at };
}

/** What to show of anything that was thrown. */
function problemsOf(error: unknown): readonly Problem[] {
  if (error instanceof HalliganError) return error.problems;
  const cause = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return [problem("BUG", { message: "Halligan met a state that should be impossible.", cause })];
}
