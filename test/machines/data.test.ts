import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ClusterFolder, listing } from "../integration/barclamps/halligan.ts";
import { startNspawn, type TestLab } from "../support/lab.ts";
import { onNode } from "../support/lab-ssh.ts";
import { type Watched, watchEnsemble } from "./ensemble.ts";
import { cutPower, giveBack, until } from "./power.ts";
import { Writer } from "./writer.ts";

/** What package tools keep of what they did: ucf its history, dpkg the list of overrides before its last change. */
const histories = /^\/var\/lib\/(ucf\/|dpkg\/[a-z]+-old )/u;

/** One deployment after the other takes the same three machines; each part also runs alone, by its name (`-t ZooKeeper`). */
describe("databases, queues and caches on real machines", { timeout: 1_800_000 }, () => {
  let lab: TestLab;
  let cluster: ClusterFolder;
  const before: string[] = [];
  let bare = "";

  const each = [1, 2, 3] as const;
  const ask = async (node: number, command: string): Promise<string> =>
    (await onNode(lab.status, node, `timeout 60 sh -c '${command}'`)).stdout.trim();
  const deploy = (text: string): void => cluster.edit(() => `${bare}deployments:\n${text}`);
  const sizes = async (nodes: readonly number[]): Promise<readonly string[]> =>
    await Promise.all(nodes.map(async (node) => await ask(node, 'mariadb -N -e "show status like \\"wsrep_cluster_size\\"" | cut -f 2')));

  /** Takes everything away and compares the machines with what they were. */
  async function leavesNothing(): Promise<void> {
    await cluster.apply();
    cluster.edit(() => bare);
    await cluster.apply();
    for (const node of each) {
      const known = new Set((before[node - 1] ?? "").split("\n"));
      const after = (await onNode(lab.status, node, listing)).stdout.split("\n");
      expect({ node, left: after.filter((line) => !known.has(line) && !histories.test(line)) }).toEqual({ node, left: [] });
    }
  }

  beforeAll(async () => {
    lab = await startNspawn(3);
    cluster = new ClusterFolder(lab.folder);
    writeFileSync(join(lab.folder, "shop.pw"), "correct-horse'\"battery\n", { mode: 0o600 });
    cluster.edit(
      (text) =>
        (bare = `${text}set: { mariadb: { patience: 60s, data: remove }, redis: { data: remove }, postgresql: { data: remove }, rabbitmq: { data: remove }, zookeeper: { data: remove } }\n`),
    );
    for (const node of each) before.push((await onNode(lab.status, node, listing)).stdout);
    appendFileSync(cluster.file, "");
    await cluster.discover();
  }, 600_000);
  afterAll(async () => await lab.dispose());

  describe("a Galera cluster", () => {
    const text = (connections: number): string => `  db:
    place: { galera: all }
    set: { mariadb: { maxConnections: ${connections} } }
    secrets: { mariadb.adminPassword: { generate: 32 } }
  shop:
    place: { mysql-database: n3 }
    set: { mysql-database: { name: shop, more: [shop_log], data: remove } }
    secrets: { mysql-database.password: { file: shop.pw } }
`;

    test("is founded once, joined by the others, and a second plan is empty", async () => {
      deploy(text(200));
      await cluster.apply();
      expect(await cluster.plan()).toEqual({});
      expect(await sizes(each)).toEqual(["3", "3", "3"]);
      expect(await ask(1, 'journalctl -u mariadb | grep -c "founds the cluster"')).toBe("1");
      expect(await ask(2, 'journalctl -u mariadb | grep -c "founds the cluster"')).toBe("0");
      expect(await ask(2, 'mariadb -N -e "show databases like \\"shop%\\""')).toBe("shop\nshop_log");
    });

    test("a setting rolls from member to member, and no write is lost", async () => {
      const writer = await Writer.start(lab.status, 3, [1, 2, 3]);
      deploy(text(210));
      await cluster.apply();
      const { failed, written } = await writer.stop();
      expect({ failed, enough: written > 50 }).toEqual({ failed: [], enough: true });
      for (const node of each) expect(await ask(node, 'mariadb -N -e "select @@max_connections"')).toBe("210");
      expect(await ask(1, 'mariadb -N -e "select count(*) from shop.written"')).toBe(String(written));
      expect(await cluster.plan()).toEqual({});
    });

    test("a killed server comes back, a machine without power is done without and rejoins", async () => {
      const writer = await Writer.start(lab.status, 3, [1, 3]);
      await ask(2, "pkill -9 -x mariadbd");
      await until("n2 is back", async () => (await ask(2, "/usr/local/sbin/halligan-galera check && echo ok")) === "ok");
      await cutPower(lab, "n2");
      await until("the others go on", async () => (await sizes([1, 3])).join() === "2,2");
      const refused = await (async () => {
        deploy(text(220));
        return await cluster.apply(1);
      })();
      expect(refused.stdout).toContain("must keep 2 without this one");
      deploy(text(210));
      await giveBack(lab);
      await until("n2 is in the cluster", async () => (await sizes(each)).join() === "3,3,3");
      const { failed, written } = await writer.stop();
      expect({ failed, enough: written > 50 }).toEqual({ failed: [], enough: true });
      for (const node of each) expect(await ask(node, 'mariadb -N -e "select count(*) from shop.written"')).toBe(String(written));
      expect(await cluster.plan()).toEqual({});
    });

    test("when all lost power, the one with the newest data founds and the others join", async () => {
      await ask(1, "systemctl stop mariadb");
      await ask(3, 'mariadb -e "create table shop.late (i int)"');
      await Promise.all(["n1", "n2", "n3"].map(async (name) => await cutPower(lab, name)));
      await giveBack(lab);
      await until("all are back", async () => (await sizes(each)).join() === "3,3,3");
      for (const node of each) expect(await ask(node, 'mariadb -N -e "show tables in shop like \\"late\\""')).toBe("late");
      expect(await cluster.plan()).toEqual({});
    });

    test("nothing is left of it", async () => await leavesNothing());
  });

  describe("PostgreSQL with a replica, redis and memcached", () => {
    test("replicas follow, users have their database, and a second plan is empty", async () => {
      deploy(`  pg:
    place: { postgresql: "n1 | n2" }
    secrets: { postgresql.adminPassword: { generate: 32 }, postgresql.replicaPassword: { generate: 32 } }
  shop:
    place: { postgresql-database: n1 }
    set: { postgresql-database: { name: shop, data: remove } }
    secrets: { postgresql-database.password: { file: shop.pw } }
  caches:
    place: { redis: all, memcached: n3 }
    secrets: { redis.password: { generate: 32 } }
`);
      await cluster.apply();
      expect(await cluster.plan()).toEqual({});
      await ask(1, 'cd /; runuser -u postgres -- psql -q -d shop -c "create table a as select 42 as b"');
      await until(
        "the replica has it",
        async () => (await ask(2, 'cd /; runuser -u postgres -- psql -Atc "select b from a" shop')) === "42",
      );
      expect(await ask(2, "grep -c ^replicaof /etc/redis/redis.conf")).toBe("1");
    });

    test("nothing is left of them", async () => await leavesNothing());
  });

  describe("a RabbitMQ cluster", () => {
    test("survives the loss of one member, which rejoins", async () => {
      deploy(`  mq:
    place: { rabbitmq: all }
    secrets: { rabbitmq.cookie: { generate: 40 }, rabbitmq.adminPassword: { generate: 32 } }
  shop:
    place: { rabbitmq-vhost: n1 }
    set: { rabbitmq-vhost: { user: shop, queues: quorum, data: remove } }
    secrets: { rabbitmq-vhost.password: { file: shop.pw } }
`);
      await cluster.apply();
      expect(await cluster.plan()).toEqual({});
      const running = async (node: number): Promise<string> =>
        await ask(
          node,
          'rabbitmqctl -q cluster_status --formatter json | tr -d " \\n" | grep -o "running_nodes[^]]*" | grep -o "rabbit@[0-9.]*" | sort | tr "\\n" " "',
        );
      expect((await running(1)).split(" ")).toHaveLength(3);
      expect(await ask(1, 'rabbitmqctl -q list_users | cut -f 1 | sort | tr "\\n" " "')).toBe("halligan shop user");
      await cutPower(lab, "n1");
      await until("two go on", async () => (await running(2)).split(" ").length === 2);
      await giveBack(lab);
      await until("n1 is back", async () => (await running(2)).split(" ").length === 3);
      expect(await cluster.plan()).toEqual({});
    });

    test("nothing is left of it", async () => await leavesNothing());
  });

  describe("a ZooKeeper ensemble", () => {
    const text = (tick: number): string => `  zk:\n    place: { zookeeper: all }\n    set: { zookeeper: { tick: ${tick}ms } }\n`;
    const client = async (node: number, line: string): Promise<string> =>
      await ask(node, `/usr/share/zookeeper/bin/zkCli.sh -server ${lab.status.nodes[node - 1]?.address}:2181 ${line} 2>&1`);

    test("elects a leader, and what is written to one member is read from another", async () => {
      deploy(text(2000));
      await cluster.apply();
      expect(await cluster.plan()).toEqual({});
      expect((await cluster.run("verify")).code).toBe(0);
      expect(await client(1, "create /kept forty-two")).toContain("Created /kept");
      expect(await client(3, "get /kept")).toContain("forty-two");
    });

    test("a setting goes from member to member: two of three are always up, and nothing written is lost", async () => {
      const watch = watchEnsemble(lab.status.nodes.map(({ address }) => address));
      let seen: Watched | undefined;
      try {
        deploy(text(1500));
        await cluster.apply();
      } finally {
        seen = await watch.stop();
      }
      process.stdout.write(
        `ZooKeeper changed member by member: the longest time without a serving majority was ${seen.longestPauseMs} ms\n`,
      );
      expect(seen.leastUp).toBe(2);
      for (const node of each) expect(await ask(node, "grep -c ^tickTime=1500 /etc/zookeeper/conf/zoo.cfg")).toBe("1");
      for (const node of each) expect(await client(node, "get /kept")).toContain("forty-two");
      expect(await cluster.plan()).toEqual({});
    });

    test("nothing is left of it", async () => await leavesNothing());
  });
});
