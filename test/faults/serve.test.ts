import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { openRedisState } from "../../src/core/adapters/store/redis/open.ts";
import { entry, node } from "../cli/run-cli.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { type Served, startServe } from "../support/serve-process.ts";
import { startSlackDouble } from "../support/slack-double/double.ts";
import { seedsOf } from "./dice.ts";
import { makePlace } from "./place.ts";
import type { Stage } from "./stage.ts";
import type { Outcome, Scene } from "./trial.ts";
import { beside, useTrials } from "./use-trials.ts";

const trials = useTrials();
/** What somebody who waits for the other machine bears, ms. */
const promisedMs = 10_000;
const slowest = { engine: 0, bot: 0 };

afterAll(() => {
  process.stdout.write(`take-over: engine ${slowest.engine} ms at most, bot ${slowest.bot} ms at most\n`);
});

/** Each trial has a server of its own: some restart it. */
async function withRedis(work: (redis: TestRedis) => Promise<Outcome>): Promise<Outcome> {
  const redis = await startRedis(["maxmemory-policy noeviction"]);
  try {
    return await work(redis);
  } finally {
    await redis.dispose();
  }
}

/** `halligan serve` as on another machine: another host name, so that it can tell nothing of the processes here, and a copy of the folder. */
async function serveElsewhere(folder: string, state: string): Promise<ChildProcess> {
  const namespaces = process.getuid?.() === 0 ? ["-u"] : ["-U", "-r", "-u"];
  const command = [node, entry, "serve", "--state", state, "--no-slack"];
  const child = spawn("unshare", [...namespaces, "sh", "-c", 'hostname second && exec "$@"', "sh", ...command], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  while (!said.includes("serving faults")) {
    if (child.exitCode !== null) throw new Error(`serve on the other machine ended: ${said}`);
    await sleep(20);
  }
  return child;
}

/** Two machines that serve the same cluster. */
class Machines {
  readonly #copy = mkdtempSync(join(tmpdir(), "halligan-second-"));
  #first: Served | undefined;
  #second: ChildProcess | undefined;

  async start(folder: string, state: string): Promise<void> {
    cpSync(folder, this.#copy, { recursive: true });
    this.#first = startServe(folder, ["--state", state, "--no-slack"]);
    [this.#second] = await Promise.all([serveElsewhere(this.#copy, state), this.#first.until("serving faults")]);
  }

  /** The machine that carries out the run dies, `serve` and engine at once; the other one has to notice by itself. */
  async fail(scene: Scene, before: () => Promise<void> = async () => undefined): Promise<void> {
    // The identity that opens the secrets was made with the first plan; operators give it to all machines that serve.
    const home = join(scene.place.folder, ".halligan");
    for (const name of readdirSync(home)) if (name.startsWith("identity")) cpSync(join(home, name), join(this.#copy, ".halligan", name));
    await scene.steps(scene.dice.whole(1, 8));
    await scene.wait(scene.dice.between(0, 2_000));
    await before();
    const engine = await scene.engine();
    if (engine === undefined || scene.over()) return;
    process.kill(engine.pid, "SIGKILL");
    await this.#first?.end("SIGKILL");
    const began = performance.now();
    scene.count("machines that died");
    const resumed = (): boolean => scene.events().some((event) => event.type === "run.resumed");
    while (!resumed() && !scene.over()) await sleep(10);
    const tookMs = Math.round(performance.now() - began);
    slowest.engine = Math.max(slowest.engine, tookMs);
    scene.count("ms until taken over, in all", tookMs);
    if (tookMs > promisedMs) scene.count("taken over too late");
    while (!scene.over()) await sleep(50);
    // The second machine signs the audit with a key of its own, which whoever verifies has to know.
    const signs = readdirSync(join(this.#copy, ".halligan")).find((name) => /^audit-.*\.pub$/u.test(name));
    if (signs !== undefined) cpSync(join(this.#copy, ".halligan", signs), join(home, "audit-second.pub"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#first?.end("SIGKILL");
    if (this.#second !== undefined && this.#second.exitCode === null) {
      const gone = once(this.#second, "exit");
      this.#second.kill("SIGKILL");
      await gone;
    }
    rmSync(this.#copy, { recursive: true, force: true });
  }
}

/** One trial in which the machine dies on which engine and `serve` run; `before` happens right before that. */
async function machineDies(fault: string, seed: number, redis: TestRedis, before?: () => Promise<void>): Promise<Outcome> {
  const state = `redis://127.0.0.1:${redis.port}?site=t${seed}`;
  await using machines = new Machines();
  return await trials.run(fault, {
    seed,
    state,
    prepare: ({ folder }) => machines.start(folder, state),
    fault: (scene) => machines.fail(scene, before),
    place: { stepSeconds: 1 },
    followsOnly: true,
  });
}

/** Two instances with a bot each: the one that publishes dies, the other one has to notice. */
async function botDies(stage: Stage, redis: TestRedis, seed: number): Promise<Outcome> {
  const slack = await startSlackDouble();
  const state = `redis://127.0.0.1:${redis.port}?site=bot-${seed}`;
  const served: Served[] = [];
  using place = makePlace({ lab: stage.lab.status, ports: stage.proxies.map(({ port }) => port), seed, stepSeconds: 1 });
  writeFileSync(join(place.folder, "people.yaml"), "halligan: 1\npeople: { ann: { slack: [T01/U01] } }\nroles: { admin: [ann] }\n");
  const { store } = await openRedisState(state);
  const publisher = async (): Promise<string | undefined> => (await store.holder("slack-publisher:faults"))?.owner;
  try {
    served.push(startServe(place.folder, ["--state", state], slack), startServe(place.folder, ["--state", state], slack));
    for (const each of served) await each.until(/slack: this is/u);
    let owner: string | undefined;
    while (owner === undefined) [owner] = [await publisher(), await sleep(20)];
    const holder = served.find(({ child }) => owner?.split(":")[1] === String(child.pid));
    if (holder === undefined) throw new Error(`nobody here is ${owner}`);
    await holder.end("SIGKILL");
    const began = performance.now();
    for (let now = owner; now === undefined || now === owner; now = (await publisher()) ?? owner) await sleep(20);
    const tookMs = Math.round(performance.now() - began);
    slowest.bot = Math.max(slowest.bot, tookMs);
    const figures = new Map([
      ["bots killed", 1],
      ["ms until taken over, in all", tookMs],
    ]);
    return { broken: [...slack.violations], figures };
  } finally {
    for (const each of served) await each.end("SIGKILL");
    await store.close();
    await slack.close();
  }
}

describe("two instances of serve on one store", beside, () => {
  test.each(seedsOf(1))("the machine of the engine dies, seed %i", { timeout: 600_000 }, async (seed) => {
    const { broken } = await withRedis((redis) => machineDies("the machine of the engine dies", seed, redis));
    expect(broken).toEqual([]);
  });

  test.each(seedsOf(0))("Redis restarts and the machine of the engine dies, seed %i", { timeout: 600_000 }, async (seed) => {
    const { broken } = await withRedis((redis) =>
      machineDies("Redis restarts and the machine of the engine dies", seed, redis, async () => {
        await redis.kill(seed % 2 === 0 ? "SIGTERM" : "SIGKILL");
        await sleep((seed % 5) * 500);
        await redis.start();
      }),
    );
    expect(broken).toEqual([]);
  });

  test.each(seedsOf(0))("the bot that publishes dies, seed %i", { timeout: 600_000 }, async (seed) => {
    const name = "the bot that publishes dies";
    const { broken } = await withRedis((redis) => trials.own(name, seed, (stage) => botDies(stage, redis, seed)));
    expect(broken).toEqual([]);
  });
});
