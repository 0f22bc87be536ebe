import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasCode } from "../../src/core/errors.ts";
import { askOfRun } from "../../src/core/run/requests.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { startWorker, type WorkerProcess } from "../support/worker-process.ts";
import { type Dice, diceOf, isLong, seedsOf } from "./dice.ts";
import { openProxy, type Proxy } from "./proxy.ts";
import { signal } from "./signal.ts";
import type { Scene } from "./trial.ts";
import { beside, useTrials } from "./use-trials.ts";

const trials = useTrials();

/** A worker with a way of its own to Redis and a clock of its own; whoever ends it has it started again, as a service manager does. */
interface Seat {
  readonly name: string;
  readonly link: Proxy;
  readonly clock: string;
  process: WorkerProcess;
  startAgain(): Promise<void>;
}

/** Everything of a trial that can break. */
interface World {
  readonly redis: TestRedis;
  readonly site: string;
  /** The way of engine and front ends to Redis. */
  readonly link: Proxy;
  readonly seats: readonly [Seat, Seat];
}
type Act = (scene: Scene, world: World) => Promise<void>;

/** Passes whether the run ends or not: it may be unable to. */
async function pass(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

const longest = (ms: number): number => (isLong ? ms : Math.min(ms, 6_000));

const killEngine: Act = async ({ engine, house, over }) => {
  const { pid } = (await engine()) ?? {};
  if (pid === undefined || over()) return;
  signal(pid, "SIGKILL");
  await house.ensureEngine();
};

const freezeEngine: Act = async ({ dice, engine, over }) => {
  const { pid } = (await engine()) ?? {};
  if (pid === undefined || over()) return;
  signal(pid, "SIGSTOP");
  await pass(dice.pick([2_000, 8_000, longest(20_000)]));
  signal(pid, "SIGCONT");
};

const killWorker: Act = async ({ dice }, { seats }) => {
  const seat = dice.pick(seats);
  await seat.process.end("SIGKILL");
  await pass(dice.pick([0, 1_000, longest(10_000)]));
  await seat.startAgain();
};

const freezeWorker: Act = async ({ dice }, { seats }) => {
  const { child } = dice.pick(seats).process;
  child.kill("SIGSTOP");
  await pass(dice.pick([2_000, 8_000, longest(60_000)]));
  child.kill("SIGCONT");
};

/** Whatever it sends is lost, and it hears nothing; then the network is back. */
const partitionWorker: Act = async ({ dice }, { seats }) => {
  const { link } = dice.pick(seats);
  link.set({ hole: true });
  await pass(dice.pick([3_000, 8_000, longest(60_000)]));
  link.set({});
  if (dice.whole(0, 1) === 0) link.reset();
};

const setWorkerClock: Act = async ({ dice }, { seats }) => {
  const { clock } = dice.pick(seats);
  for (let left = dice.whole(1, 3); left > 0; left -= 1) {
    writeFileSync(clock, String(dice.pick([-86_400_000, -20_000, 0, 20_000, 86_400_000])));
    await pass(dice.between(300, 3_000));
  }
};

const killRedis: Act = async ({ dice }, { redis }) => {
  await redis.kill();
  await pass(dice.between(0, 2_000));
  await redis.start();
};

const silenceRedis: Act = async ({ dice }, { link, seats }) => {
  const links = [link, ...seats.map((seat) => seat.link)];
  links.forEach((each) => each.set({ hole: true }));
  await pass(dice.pick([500, 5_000, longest(20_000)]));
  links.forEach((each) => each.set({}));
};

/** The journal stays; what was on its way to workers is gone. */
const emptyQueue: Act = async ({ dice }, { redis, site }) => {
  for (let left = dice.whole(1, 4); left > 0; left -= 1) {
    const keys = await redis.admin.keys(`{halligan:${site}}:work*`);
    if (keys.length > 0) await redis.admin.del(...keys);
    await pass(dice.between(100, 2_000));
  }
};

const cutNodes: Act = async ({ dice, stage }) => {
  for (let left = dice.whole(1, 3); left > 0; left -= 1) {
    stage.proxies.forEach((proxy) => proxy.reset());
    await pass(dice.between(100, 1_500));
  }
};

const silenceNodes: Act = async ({ dice, stage }) => {
  stage.weather({ hole: true });
  await pass(dice.pick([1_000, 6_000, longest(25_000)]));
  stage.weather({});
};

/** Nothing that Halligan runs on, and nothing of it, is left; then the machines come up, in any order. */
const killAll: Act = async (scene, { redis, seats }) => {
  const { pid } = (await scene.engine()) ?? {};
  await Promise.all([redis.kill(), ...seats.map((seat) => seat.process.end("SIGKILL"))]);
  if (pid !== undefined && !scene.over()) signal(pid, "SIGKILL");
  await pass(scene.dice.between(0, 3_000));
  await redis.start();
  await Promise.all(seats.map((seat) => seat.startAgain()));
};

const acts: readonly [readonly [string, Act], ...(readonly [string, Act])[]] = [
  ["engines killed", killEngine],
  ["engines frozen", freezeEngine],
  ["workers killed", killWorker],
  ["workers frozen", freezeWorker],
  ["workers cut off from Redis", partitionWorker],
  ["clocks of workers set", setWorkerClock],
  ["servers killed", killRedis],
  ["servers that fell silent", silenceRedis],
  ["queues emptied", emptyQueue],
  ["links to nodes reset", cutNodes],
  ["links to nodes silent", silenceNodes],
];

/** Two to four things that happen at moments of their own, one into another. */
const mixed: Act = async (scene, world) => {
  const { dice, count } = scene;
  const chosen = new Map(Array.from({ length: dice.whole(2, 5) }, () => dice.pick(acts)));
  const plans = [...chosen].map(([name, act]) => ({ name, act, after: dice.whole(0, 8), ms: dice.between(0, 4_000), dice: fork(dice) }));
  await Promise.all(
    plans.map(async ({ name, act, after, ms, dice: own }) => {
      await scene.steps(after);
      await scene.wait(ms);
      if (scene.over()) return;
      count(name);
      await act({ ...scene, dice: own }, world);
    }),
  );
};

/** What happens at the same time must not share dice: each has its own. */
function fork(dice: Dice): Dice {
  return diceOf(dice.whole(0, 2 ** 31));
}

const allAtOnce: Act = async (scene, world) => {
  await scene.steps(scene.dice.whole(0, 12));
  await scene.wait(scene.dice.between(0, 500));
  if (scene.over()) return;
  scene.count("times that all was killed");
  await killAll(scene, world);
};

/** Somebody cancels the run while what carries it out breaks; `apply` then does the rest. */
const cancelled: Act = async (scene, world) => {
  const { dice, house, run } = scene;
  await scene.steps(dice.whole(0, 10));
  await scene.wait(dice.between(0, 500));
  if (scene.over()) return;
  scene.count("runs cancelled");
  const act = dice.pick([killEngine, killWorker, freezeWorker, cutNodes, silenceNodes]);
  const cancel = askOfRun(house.store, run, { kind: "cancel", how: "after-step" }, "test").catch((error: unknown) => {
    if (!hasCode(error, "RUN_ENDED")) throw error;
  });
  await Promise.all([cancel, act({ ...scene, dice: fork(dice) }, world)]);
};

const faults = [
  { fault: "several faults into one another", act: mixed, short: 0 },
  { fault: "engine, workers and Redis killed at once", act: allAtOnce, short: 0 },
  { fault: "cancelled into a fault", act: cancelled, short: 0 },
];
const cases = faults.flatMap((each) => seedsOf(each.short).map((seed) => ({ ...each, seed })));

describe.runIf(cases.length > 0)("with workers", beside, () => {
  test.each(cases)("$fault, seed $seed", { timeout: 600_000 }, async ({ fault, act, seed }) => {
    const redis = await startRedis(["maxmemory-policy noeviction"]);
    const link = await openProxy("127.0.0.1", redis.port);
    const seats: Seat[] = [];
    const site = `t${seed}`;
    try {
      const { broken } = await trials.run(fault, {
        seed,
        state: `redis://127.0.0.1:${link.port}?site=${site}`,
        mayLeaveFolders: true,
        limitMs: 450_000,
        prepare: async ({ file, folder }) => {
          for (const name of ["one", "two"]) seats.push(await takeSeat(name, { file, folder, site, port: redis.port }));
        },
        fault: async (scene) => await act(scene, { redis, site, link, seats: seats as unknown as World["seats"] }),
      });
      expect(broken).toEqual([]);
    } finally {
      for (const { process: worker } of seats) worker.child.kill("SIGCONT");
      await Promise.all(seats.map(({ process: worker }) => worker.end("SIGKILL")));
      await Promise.all([link, ...seats.map((seat) => seat.link)].map((each) => each.close()));
      await redis.dispose();
    }
  });
});

async function takeSeat(
  name: string,
  { file, folder, site, port }: { readonly file: string; readonly folder: string; readonly site: string; readonly port: number },
): Promise<Seat> {
  const link = await openProxy("127.0.0.1", port);
  const clock = join(folder, `clock-${name}`);
  const env = { NODE_OPTIONS: `--import=${join(import.meta.dirname, "shift-clock.mjs")}`, HALLIGAN_TEST_CLOCK: clock };
  const start = async (): Promise<WorkerProcess> => await startWorker(file, `redis://127.0.0.1:${link.port}?site=${site}`, name, [], env);
  const seat: Seat = {
    name,
    link,
    clock,
    process: await start(),
    async startAgain() {
      for (let tries = 0; ; tries++) {
        try {
          seat.process = await start();
          return;
        } catch (error) {
          if (tries === 20) throw error; // the store may be away
          await pass(500);
        }
      }
    },
  };
  return seat;
}
