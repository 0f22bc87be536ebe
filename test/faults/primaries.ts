import { setTimeout as sleep } from "node:timers/promises";
import { startRedisCluster, type TestRedis, type TestRedisGroup } from "../support/redis.ts";
import type { Scene } from "./trial.ts";

/** What becomes of the server that takes the writes of a store, somewhere in the middle of a run. */
export type PrimaryAct = (scene: Scene, primary: TestRedis, group: TestRedisGroup) => Promise<void>;

/** A Cluster whose servers want a replica for what they write. */
export async function startClusterWithReplicas(): Promise<TestRedisGroup> {
  return await startRedisCluster(2);
}

/** Told to hand over, a primary lets its replicas catch up. */
export const sentinelHandsOver: PrimaryAct = async (scene, primary) => {
  await inTheMiddle(scene);
  scene.count("primaries that handed over");
  await primary.admin.call("FAILOVER");
};

/** In a Cluster one of the replicas is told, and asks for it. */
export const clusterHandsOver: PrimaryAct = async (scene, primary, { servers }) => {
  await inTheMiddle(scene);
  const id = String(await primary.admin.call("CLUSTER", "MYID"));
  for (const server of servers) {
    if (!String(await server.admin.call("CLUSTER", "NODES")).includes(`myself,slave ${id}`)) continue;
    scene.count("primaries that handed over");
    await server.admin.call("CLUSTER", "FAILOVER");
    return;
  }
};

/** Nobody hears of it, a replica takes its place; then it goes on as if nothing had been, and takes writes until it is told. Or it never goes on. */
export const isFrozen: PrimaryAct = async (scene, primary) => {
  await inTheMiddle(scene);
  scene.count("primaries frozen");
  process.kill(primary.pid(), "SIGSTOP");
  const ms = scene.dice.pick([500, 4_000, 12_000, Number.POSITIVE_INFINITY]);
  if (ms === Number.POSITIVE_INFINITY) return scene.count("primaries frozen for good");
  await sleep(ms);
  process.kill(primary.pid(), "SIGCONT");
};

/** It does not come back. */
export const isKilled: PrimaryAct = async (scene, primary) => {
  await inTheMiddle(scene);
  scene.count("primaries killed");
  await primary.kill();
};

/** Waits for some moment of a run. */
export async function inTheMiddle({ dice, steps, wait }: Scene): Promise<void> {
  await steps(dice.whole(0, 12));
  await wait(dice.between(0, 300));
}
