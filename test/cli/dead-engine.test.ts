import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { engineOwner, findEngine } from "../../src/cli/house/engine-process.ts";
import { openStore } from "../../src/core/adapters/store/open.ts";
import type { Store } from "../../src/core/ports.ts";
import { engineLease } from "../../src/core/run/engine.ts";

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "halligan-engine-"));
  store = await openStore(join(folder, "state.db"));
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

/** State and start of a process, as the kernel tells. */
function stat(pid: number): { readonly state: string; readonly ticks: string } {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
  return { state: fields[0] ?? "", ticks: fields[19] ?? "" };
}

/** How an engine with this pid on this machine names itself. */
function ownerOf(pid: number): string {
  const [host, , , machine] = engineOwner().split(":");
  return [host, pid, stat(pid).ticks, machine].join(":");
}

test("an engine that has died and whose parent has not looked is dead: its lease is free at once", async () => {
  // The shell becomes a `sleep` that never asks how its child ended, so the child stays in the process table.
  const parent = spawn("sh", ["-c", "sleep 0.2 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"] });
  try {
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const child = Number(line.toString());
    while (stat(child).state !== "Z") await sleep(10);
    const lease = engineLease("lab");
    expect(await store.acquire(lease, ownerOf(child), 60_000)).toBeDefined();
    expect(await findEngine(store, "lab")).toBeUndefined();
    expect(await store.holder(lease)).toBeUndefined();
    expect(await store.acquire(lease, ownerOf(process.pid), 60_000)).toBeDefined();
    expect(await findEngine(store, "lab")).toMatchObject({ pid: process.pid });
  } finally {
    parent.kill("SIGKILL");
  }
});
