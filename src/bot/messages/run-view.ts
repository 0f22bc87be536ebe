import type { Waits } from "../../core/commands/authority/queue.ts";
import type { Problem } from "../../core/errors.ts";
import type { JournalEvent, Recorded } from "../../core/journal/events.ts";
import type { Note } from "../../core/notes/notes.ts";
import type { RunProgress } from "../../core/run/pace.ts";
import { type RunState, hasEnded } from "../../core/run/state.ts";
import type { Style } from "../grammar/lines.ts";
import type { Act } from "./button-value.ts";

/** A node-role that failed or whose outcome is unknown, with what helps. */
export interface Failure {
  readonly id: string;
  readonly problem: Problem;
  /** The step that failed, as the plan calls it. */
  readonly step?: string;
  /** Last lines that it printed, redacted. */
  readonly tail?: string;
  /** What somebody noted about the place or the error before. */
  readonly note?: Note;
}

/** Everything that a message about a run is made from. */
export interface RunView {
  readonly style: Style & { readonly cluster: string };
  readonly state: RunState;
  readonly digest: string;
  readonly deployments: readonly string[];
  readonly progress: RunProgress;
  /** ms; `undefined` = nothing to judge by yet. */
  readonly leftMs: number | undefined;
  /** Nodes without contact, with the reason. */
  readonly lost: ReadonlyMap<string, string>;
  readonly failures: readonly Failure[];
  /** A run that has worked on the same deployments since, or is about to; absent = this is the newest. */
  readonly newer?: string;
  /** What it waits for before it starts, judged now. */
  readonly waits: readonly Waits[];
  readonly ended: Recorded<Extract<JournalEvent, { type: "run.ended" }>> | undefined;
  /** Commands that there are beside the buttons' own. */
  readonly can: { readonly retry: boolean; readonly rollback: boolean };
  readonly now: number;
}

/** What can be done about a run in this state: its buttons, and the only presses that are taken. */
export function runActs({
  state,
  ended,
  can: commands,
  deployments,
  newer,
}: Pick<RunView, "state" | "ended" | "can" | "deployments" | "newer">): readonly Act[] {
  // One deployment goes back at a time; with several it is a matter of commands.
  const can = { ...commands, rollback: commands.rollback && deployments.length === 1 };
  const { phase, paused, cancel } = state;
  if (hasEnded(phase) || ended !== undefined) {
    if (newer !== undefined) return ["logs"]; // what is to be done is told by that one
    if (phase === "succeeded") return ["logs", ...(can.rollback ? (["rollback"] as const) : [])];
    return [...(can.retry ? (["retry"] as const) : []), ...(can.rollback ? (["rollback"] as const) : []), "logs"];
  }
  if (cancel === "now" || cancel === "abandon") return ["logs"];
  if (cancel !== undefined) return ["cancel", "logs"];
  if (phase === "requested") return ["cancel", "handoff"];
  return [paused ? "resume" : "pause", "cancel", "logs", "handoff"];
}

/** Ties buttons to the state: those of another one do nothing. */
export function runPhaseKey({ state }: Pick<RunView, "state">): string {
  return `${state.phase}:${state.paused ? "paused" : ""}:${state.cancel ?? ""}`;
}
