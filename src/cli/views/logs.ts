import type { LogsDocument } from "../../core/commands/logs-show.ts";

/** The output has been printed already; only its absence is worth a word. */
export function logsView({ run, phase, logs }: LogsDocument): readonly string[] {
  if (logs.some((each) => each.bytes > 0)) return [];
  if (logs.length > 0) return [`The steps of ${run} printed nothing.${phase === "failed" ? " `halligan status` tells what failed." : ""}`];
  return [phase === "requested" ? `${run} waits for an engine; nothing has run yet.` : `Nothing of this has run in ${run}.`];
}
