import { type Problem, fail, problem } from "../errors.ts";
import { type JournalEvent, type Recorded, fromStored, runStream, toStored } from "../journal/events.ts";
import type { NodeRoleId } from "../model/ids.ts";
import type { PlannedNodeRole } from "../model/plan.ts";
import type { Store } from "../ports.ts";
import type { AnnealerOptions } from "./annealer-options.ts";
import { endedEvent } from "./ending.ts";
import type { JobOutcome } from "./executor.ts";
import { createDoor } from "./door.ts";
import { createScheduler } from "./schedule.ts";
import { settleDrift } from "./drift-kept.ts";
import { keepOutcome, keepRemains, settledIn } from "./outcome.ts";
import { type Sweep, createSweep } from "./sweep.ts";
import { type RunState, evolve, initialState, isRebooting, isSettled } from "./state.ts";

/**
 * Carries out one run to its end, from wherever its journal says it stands: a fresh request, or a run that another engine left.
 * Waiting is state: this function can be killed at any moment and called again by another process.
 * @throws `FENCED` when another engine has taken over; `STORE_*` when the journal cannot be written.
 */
export async function carryOut(run: string, options: AnnealerOptions, signal: AbortSignal): Promise<RunState> {
  const history = await readRun(options.store, run);
  const [intent] = history;
  if (intent?.type !== "intent.run") throw fail("RUN_NOT_FOUND", { message: `There is no run ${run}.` });
  let state = initialState(intent, options.plan.body);
  for (const entry of history) state = evolve(state, entry);
  return await new Annealer(options, state, signal).run(history.at(-1)?.seq ?? 0);
}

/** All events of one run, in order. */
export async function readRun(store: Store, run: string): Promise<Recorded[]> {
  const events: Recorded[] = [];
  for (let after = 0; ; ) {
    const page = await store.read({ stream: runStream(run), after, limit: 1000 });
    for (const stored of page) {
      const entry = fromStored(stored);
      if (entry !== undefined) events.push(entry);
      after = stored.version;
    }
    if (page.length < 1000) return events;
  }
}

class Annealer {
  readonly #options: AnnealerOptions;
  readonly #stream: string;
  readonly #scheduler;
  readonly #door;
  readonly #sweep: Sweep;
  readonly #jobs = new Map<NodeRoleId, Promise<void>>();
  readonly #abort = new AbortController();
  readonly #changedNodes = new Set<string>();
  readonly #unreachable = new Map<string, Problem>();
  readonly #gone = new Set<NodeRoleId>();
  /** Nodes to which a connection was lost or not made while they had a job, and those with jobs of an engine of before. */
  readonly #doubtful = new Set<string>();
  #state: RunState;
  #wake: () => void = () => undefined;
  #woken: Promise<void> = Promise.resolve();
  #fatal: Error | undefined;
  #cancelSent: RunState["cancel"];

  constructor(options: AnnealerOptions, state: RunState, signal: AbortSignal) {
    this.#options = options;
    this.#state = state;
    this.#stream = runStream(state.run);
    this.#scheduler = createScheduler(options.plan.body, options.limits);
    this.#door = createDoor(options, {
      signal: this.#abort.signal,
      append: (event, key) => this.#append(event, key),
      wake: () => this.#wake(),
    });
    this.#sweep = createSweep(
      state.nodeRoles,
      {
        // What is unknown may still go on, and is asked for again; nodes that do not answer keep some files until their next run.
        spared: (id, progress) => (progress.state === "unknown" && !this.#gone.has(id)) || this.#unreachable.has(progress.planned.node),
        // What workers send is not seen here.
        certain: (node) => options.executor.heard === undefined && !this.#doubtful.has(node),
      },
      (byNode, emptied) => options.executor.clean(byNode, emptied, this.#abort.signal),
    );
    this.#abort.signal.addEventListener("abort", () => this.#wake(), { once: true });
    if (signal.aborted) this.#abort.abort(signal.reason);
    // The caller's signal outlives the run, which must not stay with it.
    signal.addEventListener("abort", () => this.#abort.abort(signal.reason), { once: true, signal: this.#abort.signal });
    for (const progress of state.nodeRoles.values()) if (progress.changed > 0) this.#changedNodes.add(progress.planned.node);
    this.#sleepAgain();
  }

  async run(position: number): Promise<RunState> {
    const intents = this.#followOthers(position);
    try {
      const entered = await this.#enter();
      if (entered === "ended") return this.#state;
      if (entered === "begin") await this.#begin();
      for (;;) {
        if (this.#fatal !== undefined) throw this.#fatal;
        this.#abort.signal.throwIfAborted();
        if (await this.#sendCancel()) return this.#state;
        const decision = this.#scheduler(this.#state);
        await Promise.all(decision.block.map(({ id, problem: why }) => this.#move(id, { state: "blocked", problem: why })));
        if (decision.start.length > 0) {
          const admission = await this.#door("batch", this.#state, decision.start);
          // All at once: what is appended in one turn shares one transaction.
          if (admission.verdict === "go") await Promise.all(decision.start.map((id) => this.#launch(id, false)));
          if (admission.verdict === "end") {
            await this.#refuse(admission.problems);
            continue;
          }
        }
        if (decision.end !== undefined && this.#jobs.size === 0) {
          if (decision.block.length > 0) continue;
          await this.#finish(decision.end);
          return this.#state;
        }
        await this.#woken;
        this.#sleepAgain();
      }
    } finally {
      this.#abort.abort();
      await Promise.allSettled([...this.#jobs.values(), intents]);
    }
  }

  #sleepAgain(): void {
    this.#woken = new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Waits until a run that was only asked for may start. `cancelled`: somebody ended it before it did. */
  async #enter(): Promise<"begin" | "cancelled" | "ended"> {
    while (this.#state.phase === "requested" && this.#state.cancel === undefined) {
      this.#abort.signal.throwIfAborted();
      const admission = await this.#door("start", this.#state, []);
      if (admission.verdict === "go") return "begin";
      if (admission.verdict === "end") {
        await this.#append(endedEvent(this.#state, "failed", this.#options.clock.now(), admission.problems), "ended");
        return "ended";
      }
      await this.#woken;
      this.#sleepAgain();
    }
    return this.#state.phase === "requested" ? "cancelled" : "begin";
  }

  /** Ends what has not been started: the gates will not open for this run. What runs goes on to its end. */
  async #refuse([first]: readonly Problem[]): Promise<void> {
    if (first === undefined) return;
    for (const [id, { state, planned }] of this.#state.nodeRoles) {
      if (isSettled(state) || state === "transition") continue;
      await this.#move(id, { state: "blocked", problem: { ...first, at: { node: planned.node, role: planned.role } } });
    }
  }

  async #begin(): Promise<void> {
    const { plan, engine } = this.#options;
    const { run, by } = this.#state;
    if (this.#state.phase === "requested") {
      const steps = plan.body.nodeRoles.reduce((sum, each) => sum + (each.action === "skip" ? 0 : each.steps.length), 0);
      const nodeRoles = plan.body.nodeRoles.length;
      await this.#append({ type: "run.started", v: 1, run, plan: plan.id, digest: plan.digest, by, nodeRoles, steps, engine }, "started");
    } else {
      await this.#append({ type: "run.resumed", v: 1, run, engine }, `resumed:${this.#options.fence.token}`);
    }
    for (const [id, progress] of this.#state.nodeRoles) if (progress.state === "transition") await this.#launch(id, true);
  }

  /** Appends to the run's stream under the fence, once per key, and folds. */
  async #append(event: JournalEvent, key: string): Promise<void> {
    const { store, fence, clock } = this.#options;
    const result = await store.append(this.#stream, [toStored(event)], { fence, commandId: key });
    if (!result.duplicate) {
      this.#state = evolve(this.#state, { ...event, seq: result.position, at: clock.now(), stream: this.#stream, version: result.version });
    }
  }

  async #move(id: NodeRoleId, to: Omit<Extract<JournalEvent, { type: "noderole.moved" }>, "type" | "v" | "id" | "attempt">): Promise<void> {
    const { attempt = 0, planned, state: before } = this.#state.nodeRoles.get(id) ?? {};
    if (planned !== undefined && (to.state === "error" || to.state === "unknown"))
      await keepRemains(this.#options, planned, this.#state, to.problem as Problem | undefined);
    await this.#append({ type: "noderole.moved", v: 1, id, attempt, ...to }, `moved:${id}:${attempt}:${to.state}`);
    if (before !== undefined && !isSettled(before) && isSettled(to.state)) this.#sweep.settled(id);
  }

  /** Starts or re-attaches the job of one node-role; the job then goes on by itself and wakes the loop when it has ended. */
  async #launch(id: NodeRoleId, attachFirst: boolean): Promise<void> {
    const progress = this.#state.nodeRoles.get(id);
    if (progress === undefined) return;
    const { planned } = progress;
    if (attachFirst) this.#doubtful.add(planned.node);
    let job = progress.job;
    if (!attachFirst || job === undefined) {
      const attempt = progress.attempt + 1;
      job = `${this.#options.scope}.${this.#state.run}.${attempt}.${planned.role}`;
      await this.#append({ type: "noderole.moved", v: 1, id, state: "transition", attempt, job }, `moved:${id}:${attempt}:transition`);
    }
    const work = this.#work(planned, job, attachFirst)
      .catch((error: unknown) => {
        if (!this.#abort.signal.aborted) this.#fatal ??= error instanceof Error ? error : new Error(String(error));
      })
      .finally(() => {
        this.#jobs.delete(id);
        this.#wake();
      });
    this.#jobs.set(id, work);
  }

  async #work(planned: PlannedNodeRole, job: string, attachFirst: boolean): Promise<void> {
    const { id, node } = planned;
    const progress = this.#state.nodeRoles.get(id);
    const outcome =
      progress?.ended ??
      (await this.#options.executor.execute(
        {
          run: this.#state.run,
          planned,
          attempt: progress?.attempt ?? 1,
          job,
          attachFirst,
          rebooting: isRebooting(progress),
          staleness: this.#changedNodes.has(node) ? "bounded" : "exact",
          outputs: this.#state.outputs,
        },
        {
          append: async (event, key) => {
            if (event.type === "node.contact") this.#doubtful.add(node);
            await this.#append(event, key);
          },
          cancelled: () => this.#state.cancel,
        },
        this.#abort.signal,
      ));
    this.#abort.signal.throwIfAborted();
    await this.#settle(planned, outcome);
  }

  async #settle(planned: PlannedNodeRole, outcome: JobOutcome): Promise<void> {
    const { id, node } = planned;
    const { changed } = outcome;
    if (changed > 0) this.#changedNodes.add(node);
    switch (outcome.end) {
      case "done": {
        const misfit = outcome.reason === undefined ? this.#options.workshop.misfit(planned, this.#state.outputs) : undefined;
        if (misfit !== undefined) return await this.#move(id, { state: "error", problem: misfit, changed });
        return await this.#succeeded(planned, changed, outcome.reason);
      }
      case "failed": {
        const why = outcome.problem;
        if (why.code === "HOST_UNREACHABLE" || why.code === "NODE_NOT_BACK") this.#unreachable.set(node, why);
        return await this.#move(id, { state: "error", problem: why, changed });
      }
      case "unknown":
        if (outcome.gone) this.#gone.add(id);
        return await this.#move(id, { state: "unknown", problem: outcome.problem });
      default:
        return outcome satisfies never;
    }
  }

  async #succeeded(planned: PlannedNodeRole, changed: number, reason?: string): Promise<void> {
    await keepOutcome(this.#options, planned, this.#state);
    await this.#move(planned.id, {
      state: planned.action === "remove" ? "retired" : "active",
      changed,
      ...(reason === undefined ? {} : { reason }),
    });
  }

  /** Carries a cancel intent to the nodes, once per strength. True when the run was abandoned and is over. */
  async #sendCancel(): Promise<boolean> {
    const { cancel } = this.#state;
    if (cancel === undefined || cancel === this.#cancelSent) return false;
    this.#cancelSent = cancel;
    const running = [...this.#state.nodeRoles.values()].filter((each) => each.state === "transition");
    if (cancel === "abandon") {
      for (const { planned } of running) {
        await this.#move(planned.id, {
          state: "unknown",
          problem: problem("OUTCOME_UNKNOWN", {
            message: `${planned.id} was abandoned while it ran; it may go on.`,
            at: { node: planned.node, role: planned.role },
          }),
        });
      }
      this.#abort.abort(new Error("abandoned"));
      await Promise.allSettled(this.#jobs.values());
      await this.#finish("cancelled");
      return true;
    }
    for (const { planned, job } of running) {
      if (job === undefined) continue;
      this.#options.executor.cancel({ node: planned.node, job }, cancel === "now", this.#abort.signal).catch(() => undefined);
    }
    return false;
  }

  async #finish(phase: "succeeded" | "failed" | "cancelled"): Promise<void> {
    const skipped = [...this.#state.nodeRoles.values()].filter(({ state, planned }) => planned.action === "skip" && state === "active");
    await Promise.all(skipped.map(({ planned }) => keepOutcome(this.#options, planned, this.#state)));
    await settleDrift(this.#options.store, settledIn(this.#state));
    if (phase !== "cancelled" || this.#cancelSent !== "abandon") await this.#sweep.rest();
    await this.#append(endedEvent(this.#state, phase, this.#options.clock.now()), "ended");
  }

  /** Folds what others append to the run while it goes on: intents, who answers for it now, and what workers say of their jobs. */
  async #followOthers(after: number): Promise<void> {
    const { store, executor } = this.#options;
    // Nearly all of it is what this engine has just written itself.
    const types = executor.heard === undefined ? { types: [...foreignTypes] } : {};
    for await (const stored of store.subscribe({ after, signal: this.#abort.signal, ...types })) {
      const foreign = foreignTypes.has(stored.type);
      if (stored.stream !== this.#stream || (!foreign && executor.heard === undefined)) continue;
      const entry = fromStored(stored);
      if (entry === undefined) continue;
      if (foreign) this.#state = evolve(this.#state, entry);
      executor.heard?.(entry);
      if (foreign) this.#wake();
    }
  }
}

/** What this engine may not have written itself; folding an output twice changes nothing. */
const foreignTypes: ReadonlySet<string> = new Set([
  "intent.run",
  "intent.cancel",
  "intent.pause",
  "intent.resume",
  "run.handed",
  "output.known",
  "job.ended",
] satisfies JournalEvent["type"][]);
