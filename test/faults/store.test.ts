import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startRedis, startSentinels, type TestRedis } from "../support/redis.ts";
import { clusterHandsOver, isFrozen, isKilled, sentinelHandsOver, startClusterWithReplicas } from "./primaries.ts";
import { seedsOf } from "./dice.ts";
import { openProxy, type Proxy } from "./proxy.ts";
import type { Scene } from "./trial.ts";
import { beside, useTrials } from "./use-trials.ts";

const trials = useTrials();

/** The server of one trial, and the link over which everybody reaches it. */
interface Server {
  readonly redis: TestRedis;
  readonly link: Proxy;
}
type Act = (scene: Scene, server: Server) => Promise<void>;

/** Does something a few times, each after another number of steps. */
function fewTimes(most: number, act: Act): Act {
  return async (scene, server) => {
    for (let left = scene.dice.whole(1, most); left > 0 && !scene.over(); left -= 1) {
      await scene.steps(scene.done() + scene.dice.whole(0, 5));
      await scene.wait(scene.dice.between(0, 300));
      if (!scene.over()) await act(scene, server);
    }
  };
}

/** Waits without looking whether the run ends: it cannot while the store is away. */
async function pass(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

const killed = fewTimes(3, async ({ dice, count }, { redis }) => {
  await redis.kill();
  count("servers killed");
  await pass(dice.between(0, 2_000));
  await redis.start();
});

const restarted = fewTimes(3, async ({ count }, { redis }) => {
  await redis.kill("SIGTERM");
  count("servers restarted");
  await redis.start();
});

const slow: Act = async (scene, { link }) => {
  await scene.wait(scene.dice.between(0, 800));
  link.set({ delayMs: scene.dice.pick([20, 100, 400]) });
  scene.count("servers slowed down");
  await scene.wait(scene.dice.between(3_000, 30_000));
  link.set({});
};

const silent = fewTimes(2, async ({ dice, count }, { link }) => {
  link.set({ hole: true });
  count("servers that fell silent");
  await pass(dice.pick([500, 3_000, 8_000, 20_000]));
  link.set({});
});

const reset = fewTimes(6, ({ count }, { link }) => {
  count("connections to servers reset", link.open);
  link.reset();
  return Promise.resolve();
});

const full = fewTimes(2, async ({ dice, count }, { redis }) => {
  await redis.admin.config("SET", "maxmemory", "1mb");
  count("servers without memory");
  await pass(dice.pick([300, 1_500, 6_000]));
  await redis.admin.config("SET", "maxmemory", "0");
});

const readOnly = fewTimes(2, async ({ dice, count }, { redis }) => {
  // A primary that is nobody's: the server keeps its data and refuses writes.
  await redis.admin.call("REPLICAOF", "127.0.0.1", "1");
  count("servers made read-only");
  await pass(dice.pick([300, 1_500, 6_000]));
  await redis.admin.call("REPLICAOF", "NO", "ONE");
});

/** A server whose disk takes no snapshot refuses writes, and answers everything else. */
const cannotSave = fewTimes(2, async ({ dice, count }, { redis }) => {
  const [, folder = ""] = (await redis.admin.config("GET", "dir")) as string[];
  mkdirSync(join(folder, "dump.rdb", "in the way"), { recursive: true });
  await redis.admin.config("SET", "save", "3600 1");
  await redis.admin.bgsave().catch(() => undefined);
  for (let tries = 0; tries < 100 && !(await redis.admin.info("persistence")).includes("rdb_last_bgsave_status:err"); tries += 1)
    await pass(20);
  count("servers that cannot save");
  await pass(dice.pick([300, 1_500, 6_000]));
  await redis.admin.config("SET", "save", "");
});

type Away = (redis: TestRedis, ms: number) => Promise<void>;
/** Ways in which a server that lives keeps its clients out, takes rights away or a rest, or forgets what they told it. */
const keepOut: readonly [Away, ...Away[]] = [
  async ({ admin }, ms) => {
    await admin.config("SET", "maxclients", "1");
    await dropClients(admin);
    await pass(ms);
    await admin.config("SET", "maxclients", "10000");
  },
  async ({ admin }, ms) => {
    await admin.config("SET", "requirepass", "somebody-changed-it");
    await dropClients(admin);
    await pass(ms);
    await admin.config("SET", "requirepass", "");
  },
  async ({ admin }, ms) => {
    await admin.call("ACL", "SETUSER", "default", "-@write");
    await pass(ms);
    await admin.call("ACL", "SETUSER", "default", "+@all");
  },
  async ({ admin }, ms) => {
    await admin.call("CLIENT", "PAUSE", ms, "ALL");
    await pass(ms);
  },
  async ({ admin }, ms) => {
    await admin.script("FLUSH");
    await dropClients(admin);
    await pass(ms / 10);
    await admin.script("FLUSH");
  },
];

async function dropClients(admin: TestRedis["admin"]): Promise<void> {
  for (const type of ["normal", "pubsub"]) await admin.call("CLIENT", "KILL", "TYPE", type, "SKIPME", "yes");
}

const turnedAway = fewTimes(3, async ({ dice, count }, { redis }) => {
  count("servers that turned clients away");
  await dice.pick(keepOut)(redis, dice.pick([300, 1_500, 6_000]));
});

const onRedis: readonly { readonly fault: string; readonly act: Act; readonly short: number }[] = [
  { fault: "kill -9 of Redis", act: killed, short: 0 },
  { fault: "restart of Redis", act: restarted, short: 0 },
  { fault: "connections to Redis reset", act: reset, short: 0 },
  { fault: "Redis slow", act: slow, short: 0 },
  { fault: "Redis silent", act: silent, short: 0 },
  { fault: "Redis full", act: full, short: 1 },
  { fault: "Redis read-only", act: readOnly, short: 0 },
  { fault: "Redis cannot save", act: cannotSave, short: 0 },
  { fault: "Redis turns clients away", act: turnedAway, short: 0 },
];

const cases = onRedis.flatMap((each) => seedsOf(each.short).map((seed) => ({ ...each, seed })));
const onSeveral = [
  { fault: "failover by Sentinel", start: startSentinels, act: sentinelHandsOver },
  { fault: "a primary under Sentinel frozen", start: startSentinels, act: isFrozen },
  { fault: "a primary under Sentinel killed", start: startSentinels, act: isKilled },
  { fault: "failover of a Cluster", start: startClusterWithReplicas, act: clusterHandsOver },
  { fault: "a primary of a Cluster frozen", start: startClusterWithReplicas, act: isFrozen },
  { fault: "a primary of a Cluster killed", start: startClusterWithReplicas, act: isKilled },
].flatMap((each) => seedsOf(0).map((seed) => ({ ...each, seed })));

describe("the store", beside, () => {
  test.each(cases)("$fault, seed $seed", { timeout: 600_000 }, async ({ fault, act, seed }) => {
    const redis = await startRedis(["maxmemory-policy noeviction"]);
    const link = await openProxy("127.0.0.1", redis.port);
    try {
      const state = `redis://127.0.0.1:${link.port}?site=t${seed}`;
      const wish = { seed, state, fault: async (scene: Scene) => await act(scene, { redis, link }), limitMs: 360_000 };
      const { broken } = await trials.run(fault, wish);
      expect(broken).toEqual([]);
    } finally {
      await link.close();
      await redis.dispose();
    }
  });

  test.each(onSeveral)("$fault, seed $seed", { timeout: 600_000 }, async ({ fault, start, act, seed }) => {
    const group = await start();
    try {
      const state = group.url(`t${seed}`);
      const primary = await group.primary(`t${seed}`);
      const { broken } = await trials.run(fault, { seed, state, fault: (scene) => act(scene, primary, group), limitMs: 360_000 });
      expect(broken).toEqual([]);
    } finally {
      await group.dispose();
    }
  });
});
