import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DataLab, each } from "./data-lab.ts";
import { type Watched, watchEnsemble } from "./ensemble.ts";
import { cutPower, giveBack, until } from "./power.ts";

/** One deployment after the other takes the same three machines; each part also runs alone, by its name (`-t ZooKeeper`). Needs root. */
describe("databases, queues and caches on real machines", { timeout: 1_800_000 }, () => {
  let data: DataLab;
  beforeAll(async () => {
    data = await DataLab.start();
  }, 600_000);
  afterAll(async () => await data?.lab.dispose(), 120_000);

  describe("PostgreSQL with a replica, redis and memcached", () => {
    test("replicas follow, users have their database, and a second plan is empty", async () => {
      data.deploy(`  pg:
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
      await data.cluster.apply();
      expect(await data.cluster.plan()).toEqual({});
      await data.ask(1, 'cd /; runuser -u postgres -- psql -q -d shop -c "create table a as select 42 as b"');
      await until(
        "the replica has it",
        async () => (await data.ask(2, 'cd /; runuser -u postgres -- psql -Atc "select b from a" shop')) === "42",
      );
      expect(await data.ask(2, "grep -c ^replicaof /etc/redis/redis.conf")).toBe("1");
    });

    test("nothing is left of them", async () => expect(await data.leftovers()).toEqual([]));
  });

  describe("a RabbitMQ cluster", () => {
    test("survives the loss of one member, which rejoins", async () => {
      data.deploy(`  mq:
    place: { rabbitmq: all }
    secrets: { rabbitmq.cookie: { generate: 40 }, rabbitmq.adminPassword: { generate: 32 } }
  shop:
    place: { rabbitmq-vhost: n1 }
    set: { rabbitmq-vhost: { user: shop, queues: quorum, data: remove } }
    secrets: { rabbitmq-vhost.password: { file: shop.pw } }
`);
      await data.cluster.apply();
      expect(await data.cluster.plan()).toEqual({});
      const running = async (node: number): Promise<string> =>
        await data.ask(
          node,
          'rabbitmqctl -q cluster_status --formatter json | tr -d " \\n" | grep -o "running_nodes[^]]*" | grep -o "rabbit@[0-9.]*" | sort | tr "\\n" " "',
        );
      expect((await running(1)).split(" ")).toHaveLength(3);
      expect(await data.ask(1, 'rabbitmqctl -q list_users | cut -f 1 | sort | tr "\\n" " "')).toBe("halligan shop user");
      await cutPower(data.lab, "n1");
      await until("two go on", async () => (await running(2)).split(" ").length === 2);
      await giveBack(data.lab);
      await until("n1 is back", async () => (await running(2)).split(" ").length === 3);
      expect(await data.cluster.plan()).toEqual({});
    });

    test("nothing is left of it", async () => expect(await data.leftovers()).toEqual([]));
  });

  describe("a ZooKeeper ensemble", () => {
    const text = (tick: number): string => `  zk:\n    place: { zookeeper: all }\n    set: { zookeeper: { tick: ${tick}ms } }\n`;
    const client = async (node: number, line: string): Promise<string> =>
      await data.ask(node, `/usr/share/zookeeper/bin/zkCli.sh -server ${data.lab.status.nodes[node - 1]?.address}:2181 ${line} 2>&1`);

    test("elects a leader, and what is written to one member is read from another", async () => {
      data.deploy(text(2000));
      await data.cluster.apply();
      expect(await data.cluster.plan()).toEqual({});
      expect((await data.cluster.run("verify")).code).toBe(0);
      expect(await client(1, "create /kept forty-two")).toContain("Created /kept");
      expect(await client(3, "get /kept")).toContain("forty-two");
    });

    test("a setting goes from member to member: two of three are always up, and nothing written is lost", async () => {
      const watch = watchEnsemble(data.lab.status.nodes.map(({ address }) => address));
      let seen: Watched | undefined;
      try {
        data.deploy(text(1500));
        await data.cluster.apply();
      } finally {
        seen = await watch.stop();
      }
      process.stdout.write(
        `ZooKeeper changed member by member: the longest time without a serving majority was ${seen.longestPauseMs} ms\n`,
      );
      expect(seen.leastUp).toBe(2);
      for (const node of each) expect(await data.ask(node, "grep -c ^tickTime=1500 /etc/zookeeper/conf/zoo.cfg")).toBe("1");
      for (const node of each) expect(await client(node, "get /kept")).toContain("forty-two");
      expect(await data.cluster.plan()).toEqual({});
    });

    test("nothing is left of it", async () => expect(await data.leftovers()).toEqual([]));
  });
});
