import { HalliganError, type Problem, fail, problem } from "../errors.ts";
import { type JournalEvent, type Recorded, fromStored, runStream, toStored } from "../journal/events.ts";
import type { NodeRoleId } from "../model/ids.ts";
import type { PlannedNodeRole } from "../model/plan.ts";
import type { Store } from "../ports.ts";
import type { AnnealerOptions } from "./annealer-options.ts";
import { endedEvent, isEngineTrouble } from "./ending.ts";
import { createDoor } from "./door.ts";
import { createJobRecorder } from "./job-recorder.ts";
import { checkResult, runCheck } from "./remote/check.ts";
import { superviseJob } from "./remote/job.ts";
import { type NodeLink, askNode } from "./remote/node-link.ts";
import { cancelCommand } from "./remote/node-shell.ts";
import { cleanJobs } from "./remote/clean-jobs.ts";
import { pushArtefacts } from "./remote/artefacts.ts";
import { createScheduler } from "./schedule.ts";
import { settleDrift } from "./drift-kept.ts";
import { keepOutcome, keepRemains, settledIn } from "./outcome.ts";
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
  readonly #jobs = new Map<NodeRoleId, Promise<void>>();
  readonly #abort = new AbortController();
  readonly #changedNodes = new Set<string>();
  readonly #unreachable = new Map<string, Problem>();
  readonly #gone = new Set<NodeRoleId>();
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
    this.#abort.signal.addEventListener("abort", () => this.#wake(), { once: true });
    if (signal.aborted) this.#abort.abort(signal.reason);
    signal.addEventListener("abort", () => this.#abort.abort(signal.reason), { once: true });
    for (const progress of state.nodeRoles.values()) if (progress.changed > 0) this.#changedNodes.add(progress.planned.node);
    this.#sleepAgain();
  }

  async run(position: number): Promise<RunState> {
    const intents = this.#followIntents(position);
    try {
      const entered = await this.#enter();
      if (entered === "ended") return this.#state;
      if (entered === "begin") await this.#begin();
      for (;;) {
        if (this.#fatal !== undefined) throw this.#fatal;
        this.#abort.signal.throwIfAborted();
        if (await this.#sendCancel()) return this.#state;
        const decision = this.#scheduler(this.#state);
        for (const { id, problem: why } of decision.block) await this.#move(id, { state: "blocked", problem: why });
        if (decision.start.length > 0) {
          const admission = await this.#door("batch", this.#state, decision.start);
          if (admission.verdict === "go") for (const id of decision.start) await this.#launch(id, false);
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
    const { attempt = 0, planned } = this.#state.nodeRoles.get(id) ?? {};
    if (planned !== undefined && (to.state === "error" || to.state === "unknown"))
      await keepRemains(this.#options, planned, this.#state, to.problem as Problem | undefined);
    await this.#append({ type: "noderole.moved", v: 1, id, attempt, ...to }, `moved:${id}:${attempt}:${to.state}`);
  }

  /** Starts or re-attaches the job of one node-role; the job then goes on by itself and wakes the loop when it has ended. */
  async #launch(id: NodeRoleId, attachFirst: boolean): Promise<void> {
    const progress = this.#state.nodeRoles.get(id);
    if (progress === undefined) return;
    const { planned } = progress;
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
    const { id } = planned;
    try {
      await this.#runJob(planned, job, attachFirst);
    } catch (error) {
      if (!(error instanceof HalliganError) || isEngineTrouble(error)) throw error;
      const [first] = error.problems;
      const placed = { ...first, at: first.at ?? { node: planned.node, role: planned.role } };
      if (first.code === "HOST_UNREACHABLE") this.#unreachable.set(planned.node, placed);
      await this.#move(id, { state: "error", problem: placed });
    }
  }

  async #runJob(planned: PlannedNodeRole, job: string, attachFirst: boolean): Promise<void> {
    const { id, node, role } = planned;
    const { workshop, logs, clock, scope, fence, limits } = this.#options;
    const staleness = this.#changedNodes.has(node) ? "bounded" : "exact";
    const { compiled, secrets, checks } = workshop.prepare(planned, this.#state.outputs, staleness);
    const attempt = this.#state.nodeRoles.get(id)?.attempt ?? 1;
    const log = { run: this.#state.run, node, role: attempt === 1 ? role : `${role}.${attempt}` };
    const outlets = { logs, append: (event: JournalEvent, key: string) => this.#append(event, `${id}:${attempt}:${key}`) };
    const recorder = await createJobRecorder(planned, { compiled, secrets, checks }, log, outlets);
    const link = (signal: AbortSignal): Promise<NodeLink> => this.#options.link(node, signal);
    const end = await superviseJob(
      { name: job, scope, token: fence.token, script: compiled.script },
      {
        link,
        clock,
        patienceMs: limits.patienceMs,
        beforeSend: (to) => pushArtefacts(to, planned, compiled),
        onFrame: (frame) => recorder.frame(frame),
        onContact: (contact, reason) =>
          this.#append({ type: "node.contact", v: 1, node, contact, reason }, `${id}:${contact}:${clock.now()}`),
      },
      { attachFirst, rebooting: attachFirst && isRebooting(this.#state.nodeRoles.get(id)), signal: this.#abort.signal },
    );
    if (recorder.changed > 0) this.#changedNodes.add(node);
    if (end.type === "fenced") throw fail("FENCED", { message: "A newer engine has spoken to the nodes." });
    if (end.type === "rebooting") {
      const message = `${node} did not come back within ${Math.round(end.limitMs / 1000)} s from the reboot that ${id} asked for.`;
      const late = problem("NODE_NOT_BACK", { message, at: { node, role }, cause: end.reason });
      this.#unreachable.set(node, late);
      return await this.#move(id, { state: "error", problem: late, changed: recorder.changed });
    }
    if (end.type === "unknown") {
      if (end.gone) this.#gone.add(id);
      return await this.#settleUnknown(planned, end.reason);
    }
    if (end.status === "ok" || end.status === "changed") {
      const misfit = workshop.misfit(planned, this.#state.outputs);
      if (misfit === undefined) return await this.#succeeded(planned, recorder.changed);
      return await this.#move(id, { state: "error", problem: misfit, changed: recorder.changed });
    }
    await this.#move(id, { state: "error", problem: recorder.problemOf(end), changed: recorder.changed });
  }

  async #succeeded(planned: PlannedNodeRole, changed: number, reason?: string): Promise<void> {
    await keepOutcome(this.#options, planned, this.#state);
    await this.#move(planned.id, {
      state: planned.action === "remove" ? "retired" : "active",
      changed,
      ...(reason === undefined ? {} : { reason }),
    });
  }

  /** A job whose fate is unknown is observed, never rerun: when every step holds, the node-role is active after all. */
  async #settleUnknown(planned: PlannedNodeRole, reason: string): Promise<void> {
    const at = { node: planned.node, role: planned.role };
    const unknown = problem("OUTCOME_UNKNOWN", { message: `${planned.id}: ${reason}.`, at });
    try {
      const { compiled } = this.#options.workshop.observe(planned, this.#state.outputs);
      const link = await this.#options.link(planned.node, this.#abort.signal);
      const limits = { clock: this.#options.clock, deadlineMs: this.#options.limits.checkDeadlineMs };
      const result = checkResult(compiled, await runCheck(link, `observe-${this.#state.run}-${planned.role}`, compiled, limits), at);
      if (result.failed === undefined && result.steps.every((step) => step.change === "none")) {
        return await this.#succeeded(planned, 0, `settled by check: ${reason}`);
      }
      const open = result.steps.filter((step) => step.change !== "none").map((step) => step.id);
      await this.#move(planned.id, { state: "unknown", problem: { ...unknown, cause: `Steps that do not hold: ${open.join(", ")}` } });
    } catch (error) {
      if (!(error instanceof HalliganError) || isEngineTrouble(error)) throw error;
      await this.#move(planned.id, { state: "unknown", problem: { ...unknown, cause: error.message } });
    }
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
      const send = async (): Promise<void> => {
        const link = await this.#options.link(planned.node, this.#abort.signal);
        await askNode(link, cancelCommand(job, cancel === "now"));
      };
      // A node that cannot be told goes on; the job's own end is awaited all the same.
      send().catch(() => undefined);
    }
    return false;
  }

  async #finish(phase: "succeeded" | "failed" | "cancelled"): Promise<void> {
    const skipped = [...this.#state.nodeRoles.values()].filter(({ state, planned }) => planned.action === "skip" && state === "active");
    await Promise.all(skipped.map(({ planned }) => keepOutcome(this.#options, planned, this.#state)));
    await settleDrift(this.#options.store, settledIn(this.#state));
    if (phase !== "cancelled" || this.#cancelSent !== "abandon") await this.#clean();
    await this.#append(endedEvent(this.#state, phase, this.#options.clock.now()), "ended");
  }

  /** Removes the job folders of this run from nodes that answer; a node that does not keeps some files until its next run. */
  async #clean(): Promise<void> {
    const byNode = new Map<string, string[]>();
    for (const [id, { planned, job, state }] of this.#state.nodeRoles) {
      if (job === undefined || (state === "unknown" && !this.#gone.has(id)) || this.#unreachable.has(planned.node)) continue;
      byNode.set(planned.node, [...(byNode.get(planned.node) ?? []), job]);
    }
    const emptied = new Set(
      [...this.#state.nodeRoles.values()].filter(({ state }) => state === "retired").map(({ planned }) => planned.node),
    );
    await cleanJobs(byNode, emptied, this.#options.clock, (node) => this.#options.link(node, this.#abort.signal));
  }

  /** Folds what front ends append to the run while it goes on: intents, and who answers for it now. */
  async #followIntents(after: number): Promise<void> {
    for await (const stored of this.#options.store.subscribe({ after, signal: this.#abort.signal })) {
      if (stored.stream !== this.#stream || !(stored.type.startsWith("intent.") || stored.type === "run.handed")) continue;
      const entry = fromStored(stored);
      if (entry !== undefined) this.#state = evolve(this.#state, entry);
      this.#wake();
    }
  }
}
