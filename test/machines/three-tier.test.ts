import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ClusterFolder, deploymentsOf, get, listing, Load } from "../integration/barclamps/halligan.ts";
import { startNspawn, type TestLab } from "../support/lab.ts";
import { onNode } from "../support/lab-ssh.ts";
import { cutPower, giveBack, until } from "./power.ts";

const tiers = ["lb", "lb", "web", "web", "web", "data", "data", "data"] as const;

/** examples/three-tier on eight machines. Needs root; takes about half an hour on two cores. */
describe("three tiers on eight machines", { timeout: 1_800_000 }, () => {
  let lab: TestLab;
  let cluster: ClusterFolder;
  let front = "";
  let bare = "";
  const before: string[] = [];

  /** Requests without a pause while `work` goes on; every one must be answered. */
  async function underLoad(what: string, work: () => Promise<unknown>): Promise<void> {
    const load = new Load(front, 4);
    const began = performance.now();
    try {
      await work();
    } finally {
      await load.stop();
    }
    const seconds = Math.round((performance.now() - began) / 1000);
    process.stdout.write(`${what}: ${load.requests} requests in ${seconds} s, ${load.lost.length} failed\n`);
    expect({ what, lost: load.lost.slice(0, 5), some: load.requests > 50 }).toEqual({ what, lost: [], some: true });
  }

  const visits = async (): Promise<number> => {
    const { ok, text } = await get(front);
    const count = /^visit (\d+) \(cache \w+\) on n\d/u.exec(text)?.[1];
    return ok && count !== undefined ? Number(count) : Number.NaN;
  };
  const galeraSize = async (index: number): Promise<string> =>
    (await onNode(lab.status, index, "mariadb -N -e \"show status like 'wsrep_cluster_size'\" | cut -f 2")).stdout.trim();

  beforeAll(async () => {
    lab = await startNspawn(8);
    cluster = new ClusterFolder(lab.folder);
    cluster.edit((text) =>
      tiers.reduce((done, tier, index) => done.replace(new RegExp(`(n${index + 1}: .*tier: )\\w+`, "u"), `$1${tier}`), text),
    );
    bare = readFileSync(cluster.file, "utf8");
    const vip = (lab.status.nodes[0]?.address ?? "").replace(/\d+$/u, "200");
    front = `http://${vip}/`;
    for (let index = 1; index <= 8; index += 1) before.push((await onNode(lab.status, index, listing)).stdout);
    // With `data: remove` the reset at the end takes the databases along.
    const example = deploymentsOf("three-tier/cluster.yaml").replace("10.20.0.10/24", `${vip}/24`);
    writeFileSync(
      cluster.file,
      `${bare}set: { mariadb: { data: remove, bufferPool: 64M, logFile: 16M, gcache: 16M }, redis: { data: remove } }\n${example}`,
    );
    await cluster.discover();
  }, 900_000);
  afterAll(async () => await lab.dispose());

  test("it deploys, it works, and a second plan is empty", async () => {
    await cluster.apply();
    expect(await cluster.plan()).toEqual({});
    expect((await cluster.run("verify")).code).toBe(0);
    const first = await visits();
    expect(await visits()).toBeGreaterThan(first);
    const seen = new Set<string>();
    for (let count = 0; count < 12; count += 1) seen.add(/ on (n\d)/u.exec((await get(front)).text)?.[1] ?? "");
    expect([...seen].toSorted()).toEqual(["n3", "n4", "n5"]);
    expect((await get(front)).text).toMatch(/\(cache \d+\)/u);
  });

  test("a rolling update of all tiers fails no request", async () => {
    await underLoad("app servers", async () => {
      cluster.edit((text) => text.replace("exec: ./shop.pl", "exec: ./shop.pl\n        env: { ROUND: two }"));
      await cluster.apply();
    });
    await underLoad("databases", async () => {
      cluster.edit((text) => text.replace("bufferPool: 64M", "bufferPool: 72M"));
      await cluster.apply();
    });
    await underLoad("balancers", async () => {
      cluster.edit((text) => text.replace("keepalived: { vip:", "haproxy: { balance: leastconn }\n      keepalived: { vip:"));
      await cluster.apply();
    });
    for (const index of [6, 7, 8]) expect(await galeraSize(index)).toBe("3");
    expect(await cluster.plan()).toEqual({});
  });

  test.each([
    ["a balancer", 1],
    ["an app server", 3],
    ["a database", 6],
  ])("the loss of %s is survived, and the machine comes back", async (_what, index) => {
    const count = await visits();
    const name = `n${index}`;
    await cutPower(lab, name);
    await until(`the service answers without ${name}`, async () => {
      for (let tries = 0; tries < 10; tries += 1) if (!((await visits()) > count)) return false;
      return true;
    });
    await giveBack(lab);
    await until(`${name} is part of it again`, async () => (await cluster.run("verify")).code === 0);
    await cluster.apply();
    expect(await cluster.plan()).toEqual({});
  });

  test("what is taken away leaves nothing", async () => {
    writeFileSync(cluster.file, bare);
    await cluster.apply();
    for (let index = 1; index <= 8; index += 1) {
      const known = new Set((before[index - 1] ?? "").split("\n"));
      const after = (await onNode(lab.status, index, listing)).stdout.split("\n");
      expect({ node: index, left: after.filter((line) => !known.has(line)) }).toEqual({ node: index, left: [] });
    }
  });
});
