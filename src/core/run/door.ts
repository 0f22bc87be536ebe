import { type GatePhase, type Holdup, type Judge, runQuestion } from "../authority/gate.ts";
import { HalliganError, type Problem } from "../errors.ts";
import type { JournalEvent } from "../journal/events.ts";
import type { NodeRoleId } from "../model/ids.ts";
import type { Plan } from "../model/plan.ts";
import type { Clock, EpochMs, Fence } from "../ports.ts";
import { isEngineTrouble } from "./ending.ts";
import type { RunState } from "./state.ts";

/** A verdict about starting node-roles holds for so long: what a wave of starts finds is good for the next one within this time. */
const verdictHoldsMs = 1_000;
/**
 * Of a large cluster, where judging takes long, it holds for so many times as long, so that the engine does not spend its time on being judged; but
 * not for longer than this, and not for the next batch of a rollout: that is what people wait for who look at the batch before.
 */
const verdictHoldsTimes = 10;
const verdictHoldsAtMostMs = 5_000;
/** A run that is held is judged again after this, or at the moment when its reason ends by itself. */
const againAfterMs = 3_000;

/** What a run is told at the door. */
type Admission =
  | { readonly verdict: "go" }
  /** Judge again after `againInMs`. */
  | { readonly verdict: "wait"; readonly problems: readonly Problem[]; readonly until?: EpochMs; readonly againInMs: number }
  /** Waiting cannot help. */
  | { readonly verdict: "end"; readonly problems: readonly Problem[] };

/** Asks whether a run may start, or go on to start node-roles. */
type Door = (phase: Extract<GatePhase, "start" | "batch">, state: RunState, starting: readonly NodeRoleId[]) => Promise<Admission>;

/** What a door knows of its run. */
interface DoorOptions {
  readonly gate: Judge;
  readonly plan: Plan;
  readonly clock: Clock;
  readonly fence: Fence;
}

/** What a door does to its run. */
interface DoorEffects {
  readonly signal: AbortSignal;
  append(event: JournalEvent, key: string): Promise<void>;
  /** Makes the run ask again. */
  wake(): void;
}

/**
 * The door of one run: asks the gate, puts into the journal that the run is held, by what, and that it goes on, and has it ask again later.
 * A plan that changes nothing passes without being judged.
 */
export function createDoor(options: DoorOptions, effects: DoorEffects): Door {
  const judge = createVerdicts(options);
  let entries = 0;
  let alarmSet = false;
  const key = (): string => `gate:${options.fence.token}:${(entries += 1)}`;
  const askAgainIn = (ms: number): void => {
    if (alarmSet) return;
    alarmSet = true;
    const ring = (): void => {
      alarmSet = false;
      effects.wake();
    };
    options.clock.sleep(ms, effects.signal).then(ring, ring);
  };
  return async (phase, state, starting) => {
    const admission = await judge(phase, state, starting);
    const { run } = state;
    if (admission.verdict === "wait") {
      const { problems, until, againInMs } = admission;
      const held: JournalEvent = { type: "run.held", v: 1, run, problems: [...problems], ...(until === undefined ? {} : { until }) };
      if (!isHeldFor(state, problems)) await effects.append(held, key());
      askAgainIn(againInMs);
    } else if (state.held !== undefined) await effects.append({ type: "run.released", v: 1, run }, key());
    return admission;
  };
}

function createVerdicts({ gate, plan, clock }: DoorOptions): Door {
  const harmless = plan.body.nodeRoles.every((each) => each.action === "skip");
  const inBatches = new Set(
    plan.body.nodeRoles.flatMap(({ id, rollout, order }) => (rollout.batch === undefined && order === undefined ? [] : [id])),
  );
  let last: { readonly at: EpochMs; readonly holdsMs: number; readonly admission: Admission } | undefined;
  return async (phase, state, starting) => {
    if (harmless) return { verdict: "go" };
    const now = clock.now();
    const holdsMs = starting.some((id) => inBatches.has(id)) ? verdictHoldsMs : (last?.holdsMs ?? 0);
    if (phase === "batch" && last !== undefined && now >= last.at && now - last.at < holdsMs) return last.admission;
    const holdups = await judged(gate, { ...runQuestion(phase, plan, state), ...(phase === "batch" ? { starting } : {}) });
    const admission = admissionOf(holdups, clock.now());
    const at = clock.now();
    if (phase === "batch")
      last = { at, holdsMs: Math.min(verdictHoldsAtMostMs, Math.max(verdictHoldsMs, verdictHoldsTimes * (at - now))), admission };
    return admission;
  };
}

/** What cannot be judged is held, with the reason: a broken people.yaml lets nothing through. */
async function judged(gate: Judge, question: Parameters<Judge>[0]): Promise<readonly Holdup[]> {
  try {
    return await gate(question);
  } catch (error) {
    if (!(error instanceof HalliganError) || isEngineTrouble(error)) throw error;
    return error.problems.map((problem) => ({ kind: "rights", problem, final: false }));
  }
}

function admissionOf(holdups: readonly Holdup[], now: EpochMs): Admission {
  if (holdups.length === 0) return { verdict: "go" };
  const final = holdups.filter((each) => each.final);
  if (final.length > 0) return { verdict: "end", problems: final.map((each) => each.problem) };
  const problems = holdups.map((each) => each.problem);
  const ends = holdups.flatMap((each) => (each.until === undefined ? [] : [each.until]));
  const againInMs = Math.max(50, Math.min(againAfterMs, ...ends.filter((end) => end > now).map((end) => end - now)));
  // The run goes on when everything has ended, so its own end is known only if all of theirs are.
  return { verdict: "wait", problems, ...(ends.length === holdups.length ? { until: Math.max(...ends) } : {}), againInMs };
}

/** True when a run is already held for exactly these reasons. */
function isHeldFor(state: RunState, problems: readonly Problem[]): boolean {
  const words = (all: readonly Problem[]): string => all.map(({ code, message }) => `${code} ${message}`).join("\n");
  return state.held !== undefined && words(state.held.problems) === words(problems);
}
