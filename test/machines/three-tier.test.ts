import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ClusterFolder, deploymentsOf, get, Load } from "../integration/barclamps/halligan.ts";
import { startNspawn, type TestLab } from "../support/lab.ts";
import { onNode } from "../support/lab-ssh.ts";
import { everything, unexplained } from "../support/whole-machine.ts";
import { cutPower, giveBack, until } from "./power.ts";

/** App servers and databases share machines, as the example says one may: n3 to n5 are both, and n3 has the cache as well. */
const tiers = ["lb", "lb", "back", "back", "back"] as const;

/** examples/three-tier on five machines. Needs root; takes a quarter of an hour on two idle cores, and twice that on busy ones. */
describe("three tiers on five machines", { timeout: 1_800_000 }, () => {
  let lab: TestLab;
  let cluster: ClusterFolder;
  let front = "";
  const before: string[] = [];
  const on = async (index: number, command: string): Promise<string> => (await onNode(lab.status, index, command)).stdout;
  const say = (text: string): boolean => process.stdout.write(`${text}\n`);

  /** Requests without a pause while `work` goes on. */
  async function underLoad(what: string, work: () => Promise<unknown>): Promise<Load> {
    const load = new Load(front, 4, 30_000);
    const began = performance.now();
    try {
      await work();
    } finally {
      await load.stop();
    }
    const seconds = Math.round((performance.now() - began) / 1000);
    say(`${what}: ${load.requests} requests in ${seconds} s, ${load.lost.length} failed, the slowest took ${Math.round(load.slowest)} ms`);
    expect(load.requests).toBeGreaterThan(50);
    return load;
  }

  const visits = async (): Promise<number> => {
    const { ok, text } = await get(front);
    const count = /^visit (\d+) \(cache \w+\) on n\d/u.exec(text)?.[1];
    return ok && count !== undefined ? Number(count) : Number.NaN;
  };
  const galeraSize = async (index: number): Promise<string> =>
    (await on(index, "mariadb -N -e \"show status like 'wsrep_cluster_size'\" | cut -f 2")).trim();
  /** Index of the balancer with the address. */
  const holder = async (): Promise<number> => ((await on(1, "cat /run/halligan-keepalived")).trim() === "MASTER" ? 1 : 2);

  beforeAll(async () => {
    lab = await startNspawn(tiers.length);
    cluster = new ClusterFolder(lab.folder).withPatience();
    cluster.edit((text) =>
      tiers.reduce((done, tier, index) => done.replace(new RegExp(`(n${index + 1}: .*tier: )\\w+`, "u"), `$1${tier}`), text),
    );
    const vip = (lab.status.nodes[0]?.address ?? "").replace(/\d+$/u, "200");
    front = `http://${vip}/`;
    for (const index of tiers.keys()) before.push(await on(index + 1, everything));
    const example = deploymentsOf("three-tier/cluster.yaml")
      .replace("10.20.0.10/24", `${vip}/24`)
      .replaceAll(/tier=(?:web|data)/gu, "tier=back")
      // Beside a database of its own a machine has another port for the way to all of them.
      .replace("set:\n      mysql-database:", "set:\n      haproxy: { sqlPort: 3307 }\n      mysql-database:");
    // With `data: remove` the reset at the end takes the databases along.
    writeFileSync(
      cluster.file,
      `${readFileSync(cluster.file, "utf8")}set: { mariadb: { data: remove, bufferPool: 64M, logFile: 16M, gcache: 16M }, redis: { data: remove } }\n${example}`,
    );
    await cluster.discover();
  }, 900_000);
  afterAll(async () => await lab.dispose(), 120_000);

  test("one apply deploys all of it, it works, and a second plan is empty", async () => {
    const began = performance.now();
    await cluster.apply();
    say(`deployed in ${Math.round((performance.now() - began) / 1000)} s`);
    expect(await cluster.plan()).toEqual({});
    expect((await cluster.run("verify")).code).toBe(0);
    const first = await visits();
    expect(await visits()).toBeGreaterThan(first);
    const seen = new Set<string>();
    for (let count = 0; count < 12; count += 1) seen.add(/ on (n\d)/u.exec((await get(front)).text)?.[1] ?? "");
    expect([...seen].toSorted()).toEqual(["n3", "n4", "n5"]);
    expect((await get(front)).text).toMatch(/\(cache \d+\)/u);
  });

  test("a rolling update fails no request, in any tier", async () => {
    const change = async (from: string, to: string): Promise<void> => {
      cluster.edit((text) => text.replace(from, to));
      await cluster.apply();
    };
    const apps = await underLoad("app servers", () => change("exec: ./shop.pl", "exec: ./shop.pl\n        env: { ROUND: two }"));
    expect(apps.lost).toEqual([]);
    const balancers = await underLoad("balancers", () =>
      change("keepalived: { vip:", "haproxy: { balance: leastconn }\n      keepalived: { interval: 500ms, vip:"),
    );
    expect(balancers.lost).toEqual([]);
    const databases = await underLoad("databases", () => change("bufferPool: 64M", "bufferPool: 72M"));
    expect(databases.lost).toEqual([]);
    for (const index of [3, 4, 5]) expect(await galeraSize(index)).toBe("3");
    expect(await cluster.plan()).toEqual({});
  });

  test("the address is handed over and both balancers are restarted without a failed request", async () => {
    const load = await underLoad("balancers restarted, one after the other", async () => {
      for (let count = 0; count < 2; count += 1) {
        const index = await holder();
        const left = await onNode(
          lab.status,
          index,
          "halligan-vrrp-away on 30 && systemctl restart haproxy keepalived; halligan-vrrp-away off",
        );
        expect(left).toMatchObject({ code: 0, stderr: "" });
        await until("the other has the address", async () => (await holder()) === 3 - index);
        await until("this one takes part again", async () => (await on(index, "cat /run/halligan-keepalived")).trim() === "BACKUP");
      }
    });
    expect(load.lost).toEqual([]);
  });

  test.each([
    ["the balancer with the address", holder],
    ["an app server with a database, the founder, and the cache", async () => 3],
    ["an app server with a database", async () => 5],
  ])("the loss of %s is survived, and apply heals the machine that comes back", async (what, which) => {
    const count = await visits();
    const name = `n${await which()}`;
    // Requests under way on a machine that dies are lost with it; how many is told, that it goes on is asked for.
    await underLoad(`power cut of ${what}`, async () => {
      await cutPower(lab, name);
      await until(`the service answers without ${name}`, async () => {
        for (let tries = 0; tries < 30; tries += 1) if (!((await visits()) > count)) return false;
        return true;
      });
    });
    await giveBack(lab);
    // At once, while its services still find each other: a plan and a run must cope with that, and wait for it.
    await until("apply heals it", async () => (await cluster.run("apply", "--yes", "--json")).code === 0);
    await until(`${name} is part of it again`, async () => (await cluster.run("verify")).code === 0);
    for (const index of [3, 4, 5]) await until("all databases are one", async () => (await galeraSize(index)) === "3");
    expect(await cluster.plan()).toEqual({});
  });

  test("reset leaves the machines as they were, file by file", async () => {
    const done = await cluster.run("reset", "--yes", "--json");
    expect(`${done.code} ${done.code === 0 ? "" : done.stdout.slice(-4000)}`).toBe("0 ");
    for (const index of tiers.keys()) {
      const now = await on(index + 1, everything);
      expect({ node: index + 1, differs: unexplained(before[index] ?? "", now) }).toEqual({ node: index + 1, differs: [] });
    }
  });
});
