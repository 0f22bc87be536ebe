import { describe, expect, test } from "vitest";
import { startNspawn } from "../../support/lab.ts";
import { onNode } from "../../support/lab-ssh.ts";
import { get, listing, Load } from "./halligan.ts";
import { demo, useShop } from "./shop.ts";

// Real machines: they need root and the package systemd-container, which the lab's driver installs. Without root that is what is tested.
const iAmRoot = process.getuid?.() === 0;

describe.runIf(iAmRoot)("base, nginx, haproxy and app on real machines", { timeout: 300_000 }, () => {
  const shop = useShop();

  test("apply makes a cluster that answers, and a second plan is empty", async () => {
    await shop.cluster.apply();
    expect(await shop.texts()).toEqual(['it\'s "up" from n2', 'it\'s "up" from n3']);
    expect(await get(`http://${shop.lab.status.nodes[3]?.address}/`)).toEqual({ ok: true, text: "static on n4" });
    const machine = await onNode(
      shop.lab.status,
      1,
      "hostname; cat /etc/motd; grep -c printer /etc/hosts; id -nG ada; stat -c %a /etc/sudoers.d/halligan-ada",
    );
    expect(machine.stdout).toBe("n1\nOn duty\n1\nada adm\n440\n");
    expect((await onNode(shop.lab.status, 4, "visudo -c >/dev/null && getent hosts n2")).stdout).toMatch(/ n2\n$/u);
    expect(await shop.cluster.plan()).toEqual({});
  });

  test("a new release rolls over the nodes, and no request is lost", async () => {
    shop.deploy(await shop.release("two", demo.replace('"Hello") . " from', '"Hello") . " (two) from')));
    const load = new Load(shop.front);
    await shop.cluster.apply();
    await load.stop();
    expect({ lost: load.lost.slice(0, 5), enough: load.requests > 50 }).toEqual({ lost: [], enough: true });
    expect(await shop.texts()).toEqual(['it\'s "up" (two) from n2', 'it\'s "up" (two) from n3']);
    expect(await shop.cluster.plan()).toEqual({});
  });

  test("what is no longer placed goes, and nothing is left", async () => {
    shop.cluster.edit((text) => text.slice(0, text.indexOf("\ndeployments:\n") + 1));
    await shop.cluster.apply();
    expect((await get(shop.front)).ok).toBe(false);
    for (let index = 1; index <= 4; index += 1) {
      const after = (await onNode(shop.lab.status, index, listing)).stdout.split("\n");
      const known = new Set((shop.before[index - 1] ?? "").split("\n"));
      expect({ node: index, left: after.filter((line) => !known.has(line)) }).toEqual({ node: index, left: [] });
    }
    expect((await onNode(shop.lab.status, 1, "getent passwd ada; getent hosts n2; tail -n 1 /etc/hosts")).stdout).toBe(
      "10.1.2.3 printer\n",
    );
  });
});

test.runIf(!iAmRoot)("without root the driver says what to do", async () => {
  await expect(startNspawn(1)).rejects.toMatchObject({ code: "LAB_UNSUPPORTED" });
});
