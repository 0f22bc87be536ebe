import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DataLab, each } from "./data-lab.ts";
import { cutPower, giveBack, until } from "./power.ts";
import { Writer } from "./writer.ts";

/** MariaDB's Galera cluster on three machines. Needs root. */
describe("a Galera cluster on real machines", { timeout: 1_800_000 }, () => {
  let data: DataLab;
  beforeAll(async () => {
    data = await DataLab.start();
  }, 600_000);
  afterAll(async () => await data?.lab.dispose(), 120_000);
  const sizes = async (nodes: readonly number[]): Promise<readonly string[]> =>
    await Promise.all(
      nodes.map(async (node) => await data.ask(node, 'mariadb -N -e "show status like \\"wsrep_cluster_size\\"" | cut -f 2')),
    );
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
    data.deploy(text(200));
    await data.cluster.apply();
    expect(await data.cluster.plan()).toEqual({});
    expect(await sizes(each)).toEqual(["3", "3", "3"]);
    expect(await data.ask(1, 'journalctl -u mariadb | grep -c "founds the cluster"')).toBe("1");
    expect(await data.ask(2, 'journalctl -u mariadb | grep -c "founds the cluster"')).toBe("0");
    expect(await data.ask(2, 'mariadb -N -e "show databases like \\"shop%\\""')).toBe("shop\nshop_log");
  });

  test("a setting rolls from member to member, and no write is lost", async () => {
    const writer = await Writer.start(data.lab.status, 3, [1, 2, 3]);
    data.deploy(text(210));
    await data.cluster.apply();
    const { failed, written } = await writer.stop();
    expect({ failed, enough: written > 50 }).toEqual({ failed: [], enough: true });
    for (const node of each) expect(await data.ask(node, 'mariadb -N -e "select @@max_connections"')).toBe("210");
    expect(await data.ask(1, 'mariadb -N -e "select count(*) from shop.written"')).toBe(String(written));
    expect(await data.cluster.plan()).toEqual({});
  });

  test("a killed server comes back, a machine without power is done without and rejoins", async () => {
    const writer = await Writer.start(data.lab.status, 3, [1, 3]);
    await data.ask(2, "pkill -9 -x mariadbd");
    await until("n2 is back", async () => (await data.ask(2, "/usr/local/sbin/halligan-galera check && echo ok")) === "ok");
    await cutPower(data.lab, "n2");
    await until("the others go on", async () => (await sizes([1, 3])).join() === "2,2");
    const refused = await (async () => {
      data.deploy(text(220));
      return await data.cluster.apply(1);
    })();
    expect(refused.stdout).toContain("must keep 2 without this one");
    data.deploy(text(210));
    await giveBack(data.lab);
    await until("n2 is in the cluster", async () => (await sizes(each)).join() === "3,3,3");
    const { failed, written } = await writer.stop();
    expect({ failed, enough: written > 50 }).toEqual({ failed: [], enough: true });
    for (const node of each) expect(await data.ask(node, 'mariadb -N -e "select count(*) from shop.written"')).toBe(String(written));
    expect(await data.cluster.plan()).toEqual({});
  });

  test("when all lost power, the one with the newest data founds and the others join", async () => {
    await data.ask(1, "systemctl stop mariadb");
    await data.ask(3, 'mariadb -e "create table shop.late (i int)"');
    await Promise.all(["n1", "n2", "n3"].map(async (name) => await cutPower(data.lab, name)));
    await giveBack(data.lab);
    await until("all are back", async () => (await sizes(each)).join() === "3,3,3");
    for (const node of each) expect(await data.ask(node, 'mariadb -N -e "show tables in shop like \\"late\\""')).toBe("late");
    expect(await data.cluster.plan()).toEqual({});
  });

  test("nothing is left of it", async () => expect(await data.leftovers()).toEqual([]));
});
