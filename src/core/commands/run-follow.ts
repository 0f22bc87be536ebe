import { type Problem, hasCode } from "../errors.ts";
import type { EngineInfo, House } from "../house.ts";
import type { Recorded } from "../journal/events.ts";
import { askOfRun, readRunState } from "../run/requests.ts";
import type { RunState } from "../run/state.ts";
import type { Waits } from "./authority/queue.ts";
import type { Answer, CommandContext } from "./command.ts";
import { requirePlan } from "./planning.ts";

/** A run that has ended: answer of `apply` and `watch`, and with its event's own fields the last line of `apply --json`. */
export interface RunDocument {
  readonly halligan: 1;
  readonly kind: "run";
  readonly type: "run.ended";
  readonly seq: number;
  readonly at: number;
  readonly run: string;
  readonly plan: string;
  readonly phase: "succeeded" | "failed" | "cancelled";
  readonly nodeRoles: Ended["nodeRoles"];
  readonly durationMs: number;
  readonly problems: Ended["problems"];
}

/** A run that goes on without the person who watched it. */
export interface DetachedDocument {
  readonly halligan: 1;
  readonly kind: "detached";
  readonly run: string;
  readonly plan: string;
  /** `null` = no engine is known to carry it out; the next command that follows the run starts one. */
  readonly engine: { readonly host: string; readonly pid: number } | null;
  /** The run that goes first, when it waits behind another one. */
  readonly behind?: string;
  /** What holds it back now, when it has not begun: locks, freezes, votes, rules. */
  readonly waits?: readonly Waits[];
}

type Ended = Extract<Recorded, { type: "run.ended" }>;

/** The answer for a run that goes on. */
export function detached(
  run: string,
  plan: string,
  engine: EngineInfo | undefined,
  held: Pick<DetachedDocument, "behind" | "waits"> = {},
): Answer {
  const document: DetachedDocument = {
    halligan: 1,
    kind: "detached",
    run,
    plan,
    engine: engine === undefined ? null : { host: engine.host, pid: engine.pid },
    ...held,
  };
  return { exit: 0, document: { ...document } };
}

/** Passes a run's events on until it ends or the person leaves. Leaving never touches the run. */
export async function followRun(context: CommandContext, house: House, run: string): Promise<Answer> {
  let state: RunState | undefined;
  let end: Ended | undefined;
  const withdraw = context.offerCancel?.(run, async (how) => {
    await requirePlan(context, (await readRunState(house.store, run)).plan);
    await cancelRun(house, run, how, context.by);
  });
  try {
    for await (const step of house.follow(run, context.signal)) {
      state = step.state;
      context.pass({ type: "event", event: step.event, state });
      if (step.event.type === "run.ended") end = step.event;
    }
  } catch (error) {
    if (!context.signal.aborted || isProblem(error)) throw error;
  } finally {
    withdraw?.();
  }
  if (end === undefined) return detached(run, state?.plan ?? "", await engineNow(house));
  return ended(end, state?.plan ?? "");
}

function ended(end: Ended, plan: string): Answer {
  const { seq, at, run, phase, nodeRoles, durationMs, problems } = end;
  const document: RunDocument = { halligan: 1, kind: "run", type: "run.ended", seq, at, run, plan, phase, nodeRoles, durationMs, problems };
  return { exit: phase === "succeeded" ? 0 : phase === "cancelled" ? 6 : 1, document: { ...document } };
}

async function cancelRun(house: House, run: string, how: "after-step" | "now", by: string): Promise<void> {
  try {
    await askOfRun(house.store, run, { kind: "cancel", how }, by);
  } catch (error) {
    if (!hasCode(error, "RUN_ENDED")) throw error; // it ended while the person was choosing: nothing to cancel
  }
}

/** The engine that works on the cluster; asking starts one where none is there, so this is for runs that are open. */
async function engineNow(house: House): Promise<EngineInfo | undefined> {
  try {
    return await house.ensureEngine();
  } catch (error) {
    if (hasCode(error, "ENGINE_GONE")) return undefined;
    throw error;
  }
}

function isProblem(error: unknown): boolean {
  return (
    typeof error === "object" &&
    error !== null &&
    "problems" in error &&
    Array.isArray((error as { problems: readonly Problem[] }).problems)
  );
}
