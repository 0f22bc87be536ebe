import { setTimeout as sleep } from "node:timers/promises";
import { findEngine } from "../../src/cli/house/engine-process.ts";
import type { EngineHouse } from "../../src/cli/house/house.ts";
import { openLocalHouse } from "../../src/cli/house/open.ts";
import { HalliganError, hasCode } from "../../src/core/errors.ts";
import type { EngineInfo } from "../../src/core/house.ts";
import { fromStored, type Recorded, runStream } from "../../src/core/journal/events.ts";
import { readRun } from "../../src/core/run/annealer.ts";
import { accountOf } from "./account.ts";
import { type Dice, diceOf } from "./dice.ts";
import { makePlace, type Place, type PlaceWish } from "./place.ts";
import { signal } from "./signal.ts";
import type { Stage } from "./stage.ts";
import { startWitness } from "./witness.ts";

/** The cluster of every trial. */
const cluster = "faults";

/** What a fault sees of the run that it is to disturb. */
export interface Scene {
  readonly dice: Dice;
  readonly stage: Stage;
  readonly place: Place;
  readonly house: EngineHouse;
  readonly run: string;
  /** True once the run has ended. */
  over(): boolean;
  /** What was told of it so far. */
  events(): readonly Recorded[];
  /** Steps that have finished. */
  done(): number;
  /** Waits until so many steps have finished, or the run has ended. */
  steps(count: number): Promise<void>;
  /** Waits; less when the run ends. */
  wait(ms: number): Promise<void>;
  /** The engine that works, if one does. */
  engine(): Promise<EngineInfo | undefined>;
  /** Notes something for the figures. */
  count(what: string, by?: number): void;
}

/** One trial. */
export interface TrialWish {
  readonly stage: Stage;
  readonly seed: number;
  readonly fault: (scene: Scene) => Promise<void>;
  /** The store; default: the embedded one of the folder. */
  readonly state?: string;
  readonly place?: Partial<Omit<PlaceWish, "lab" | "ports" | "seed">>;
  /** A node may be lost in the middle of a step: a run may end with `unknown`, and the next one goes on from what a check sees. */
  readonly nodeLoss?: true;
  /** Nodes may be out of reach when a run cleans up after itself. */
  readonly mayLeaveFolders?: true;
  /** Done before anything is planned. */
  readonly prepare?: (place: Place, house: EngineHouse) => Promise<void>;
  /** Engines are started by others, not by whoever follows the run. */
  readonly followsOnly?: true;
  /** Called between a run that failed and the next try, to mend what a person would mend. */
  readonly mend?: (scene: Scene) => Promise<void>;
  /** How long the whole trial may take, ms. */
  readonly limitMs?: number;
}

/** What a trial came to: nothing in `broken` is what it is about. */
export interface Outcome {
  readonly broken: readonly string[];
  readonly figures: ReadonlyMap<string, number>;
}

/** Runs that a person may need until all is done: the one that is disturbed, and `apply` again where that one ended as failed. */
const mostRuns = 4;

/** Applies a cluster while a fault happens, goes on as an operator would, and settles the account. */
export async function runTrial(wish: TrialWish): Promise<Outcome> {
  const { stage, seed } = wish;
  const figures = new Map<string, number>();
  const count = (what: string, by = 1): void => void figures.set(what, (figures.get(what) ?? 0) + by);
  const ports = stage.proxies.map(({ port }) => port);
  using place = makePlace({ stepSeconds: 0.1, ...wish.place, lab: stage.lab.status, ports, seed });
  const limit = AbortSignal.timeout(wish.limitMs ?? 480_000);
  const house = await openLocalHouse({ file: place.file, ...(wish.state === undefined ? {} : { state: wish.state }) });
  const told = new Map<number, Recorded>();
  const witness = startWitness(house.store);
  const runs: string[] = [];
  try {
    await wish.prepare?.(place, house);
    for (;;) {
      const run = await ask(house, limit);
      runs.push(run);
      const scene = sceneOf({ wish, place, house, run, told, count });
      const following = wish.followsOnly === true ? watchOnly(house, run, told, limit) : follow(house, run, told, limit);
      await Promise.all([following, runs.length === 1 ? wish.fault(scene) : undefined]);
      stage.weather({});
      if (endOf(told, run)?.phase === "succeeded") break;
      count("runs that failed");
      if (runs.length === mostRuns) break;
      await wish.mend?.(scene);
    }
    count("runs taken over", [...told.values()].filter((event) => event.type === "run.resumed").length);
    count("contacts lost", [...told.values()].filter((event) => event.type === "node.contact" && event.contact === "lost").length);
    count("appends acknowledged to the witness", witness.acknowledged);
    const ended = await endEngine(house, cluster);
    const account = await accountOf({
      stage,
      place,
      house,
      seed,
      runs,
      told,
      nodeLoss: wish.nodeLoss === true,
      mayLeaveFolders: wish.mayLeaveFolders === true,
    });
    return { broken: [...(await witness.verdict()), ...ended, ...account], figures };
  } finally {
    await witness.verdict().catch(() => []);
    await endEngine(house, cluster).catch(() => []);
    await house.close();
    await stage.clean();
  }
}

/** Plans and asks for a run, as `apply` does. */
async function ask(house: EngineHouse, signal: AbortSignal): Promise<string> {
  const plan = await house.plan({ deployments: [], by: "test", onProgress: () => undefined, signal });
  return (await house.requestRun(plan, "test")).run;
}

function sceneOf({
  wish: { stage, seed },
  place,
  house,
  run,
  told,
  count,
}: {
  readonly wish: TrialWish;
  readonly place: Place;
  readonly house: EngineHouse;
  readonly run: string;
  readonly told: ReadonlyMap<number, Recorded>;
  count(what: string, by?: number): void;
}): Scene {
  const over = (): boolean => endOf(told, run) !== undefined;
  const done = (): number => [...told.values()].filter((event) => event.type === "step.finished").length;
  return {
    dice: diceOf(seed),
    stage,
    place,
    house,
    run,
    over,
    events: () => [...told.values()],
    done,
    count,
    async steps(wanted) {
      while (!over() && done() < wanted) await sleep(10);
    },
    async wait(ms) {
      for (const until = performance.now() + ms; !over() && performance.now() < until; ) await sleep(Math.min(20, ms));
    },
    async engine() {
      for (;;) {
        const found = await engineOrAway(house, cluster);
        if (found !== "away") return found;
        if (over()) return undefined;
      }
    },
  };
}

/** The engine that works, if one does; `away` while the store does not answer. */
async function engineOrAway({ store }: EngineHouse, cluster: string): Promise<EngineInfo | "away" | undefined> {
  return await findEngine(store, cluster).catch((error: unknown) => {
    if (hasCode(error, "STORE_UNAVAILABLE")) return "away" as const;
    throw error;
  });
}

/** How a run ended, as far as was told. */
function endOf(told: ReadonlyMap<number, Recorded>, run: string): Extract<Recorded, { type: "run.ended" }> | undefined {
  for (const event of told.values()) if (event.type === "run.ended" && event.run === run) return event;
  return undefined;
}

/** Follows a run to its end, as a person does who comes back whenever the store does. */
async function follow(house: EngineHouse, run: string, told: Map<number, Recorded>, limit: AbortSignal): Promise<void> {
  while (endOf(told, run) === undefined) {
    try {
      for await (const { event } of house.follow(run, limit)) told.set(event.seq, event);
    } catch (error) {
      if (!(error instanceof HalliganError)) throw error;
      await sleep(200);
    }
    if (limit.aborted) {
      const last = [...told.values()].slice(-3).map((event) => JSON.stringify(event));
      throw new Error(`${run} did not end in time; last: ${last.join(" ")}`);
    }
  }
}

/** Reads a run's events to its end, and does nothing else. */
async function watchOnly({ store }: EngineHouse, run: string, told: Map<number, Recorded>, limit: AbortSignal): Promise<void> {
  for (const event of await readRun(store, run)) told.set(event.seq, event);
  const stop = new AbortController();
  const signal = AbortSignal.any([limit, stop.signal]);
  for await (const stored of store.subscribe({ after: Math.max(...told.keys()), signal })) {
    const event = stored.stream === runStream(run) ? fromStored(stored) : undefined;
    if (event !== undefined) told.set(event.seq, event);
    if (event?.type === "run.ended") stop.abort();
  }
  if (limit.aborted) throw new Error(`${run} did not end in time`);
}

/**
 * Tells the engine to end, once, and waits until nobody holds its lease. A store that changes hands is waited for: sentinels take up to half a minute to agree
 * with a primary that was told to hand over by itself, and nobody can write meanwhile.
 */
async function endEngine(house: EngineHouse, name: string): Promise<readonly string[]> {
  const told = new Set<number>();
  const last = Date.now() + 120_000;
  for (let until = Date.now() + 30_000; Date.now() < until; await sleep(20)) {
    const engine = await engineOrAway(house, name);
    if (engine === undefined) return [];
    if (engine === "away") {
      until = Math.min(last, Date.now() + 30_000);
      continue;
    }
    if (told.has(engine.pid)) continue;
    told.add(engine.pid);
    signal(engine.pid, "SIGCONT");
    signal(engine.pid, "SIGTERM");
  }
  return ["the engine's lease was held on for 30 s after its end"];
}
