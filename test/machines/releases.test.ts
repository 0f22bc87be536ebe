import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { get, Load } from "../integration/barclamps/halligan.ts";
import { demo, useShop } from "../integration/barclamps/shop.ts";
import { onNode } from "../support/lab-ssh.ts";

describe("releases and configurations that are bad, and pinned commits", { timeout: 300_000 }, () => {
  const shop = useShop();

  beforeAll(async () => {
    shop.deploy(await shop.release("two", demo.replace('"Hello") . " from', '"Hello") . " (two) from')));
    await shop.cluster.apply();
  }, 600_000);

  test("a bad release is taken back on the first node, the others keep serving, and no request is lost", async () => {
    const good = shop.current;
    shop.deploy(await shop.release("bad", "#!/usr/bin/perl\ndie 'out of order';\n"));
    const load = new Load(shop.front);
    const failed = await shop.cluster.apply(1);
    expect(failed.stdout).toContain('"id":"n2/app"');
    const run = /"run":"(R-\d+)"/u.exec(failed.stdout)?.[1] ?? "";
    expect((await shop.cluster.run("logs", run, "n2/app")).stdout).toContain("went back to releases/");
    expect(await shop.texts()).toEqual(['it\'s "up" (two) from n2', 'it\'s "up" (two) from n3']);
    expect(Object.keys(await shop.cluster.plan())).toEqual(["n2/app", "n3/app"]);
    shop.deploy(good);
    await shop.cluster.apply();
    await load.stop();
    expect(load.lost).toEqual([]);
    expect(await shop.texts()).toEqual(['it\'s "up" (two) from n2', 'it\'s "up" (two) from n3']);
    expect((await onNode(shop.lab.status, 2, "ls -A /srv/shop | grep -c '^.draining\\|^.failed\\|^.previous'")).stdout).toBe("0\n");
    expect(await shop.cluster.plan()).toEqual({});
  });

  test("a pinned commit is deployed, and old releases go", async () => {
    const folder = join(shop.work, "repository");
    mkdirSync(folder);
    writeFileSync(join(folder, "demo.pl"), demo.replace('"Hello") . " from', '"Hello") . " (git) from'), { mode: 0o755 });
    const git = (...args: readonly string[]): string =>
      execFileSync("git", ["-C", folder, "-c", "user.name=a", "-c", "user.email=a@b", ...args], { encoding: "utf8" });
    git("init", "-q");
    git("add", ".");
    git("commit", "-q", "-m", "one");
    const tar = execFileSync("tar", ["-cf", "-", "-C", shop.work, "repository"]);
    for (const index of [2, 3]) await onNode(shop.lab.status, index, "tar -xf - --no-same-owner -C /var/tmp", tar);
    const commit = git("rev-parse", "HEAD").trim();
    shop.deploy(`git: file:///var/tmp/repository, commit: ${commit}`);
    await shop.cluster.apply();
    expect(await shop.texts()).toEqual(['it\'s "up" (git) from n2', 'it\'s "up" (git) from n3']);
    expect((await onNode(shop.lab.status, 3, "ls /srv/shop/releases | wc -l; readlink /srv/shop/current")).stdout).toBe(
      `2\nreleases/${commit}\n`,
    );
    expect(await shop.cluster.plan()).toEqual({});
  });

  test("a configuration that haproxy or nginx refuses is taken back, and the old one goes on serving", async () => {
    shop.cluster.edit((text) => text.replace("static on $hostname", "static on $nonsense"));
    const failed = await shop.cluster.apply(1);
    expect(failed.stdout).toContain("nonsense");
    expect(await get(`http://${shop.lab.status.nodes[3]?.address}/`)).toEqual({ ok: true, text: "static on n4" });
    expect((await onNode(shop.lab.status, 4, "nginx -t 2>&1 | grep -c successful; ls /etc/nginx/conf.d")).stdout).toBe(
      "1\nhalligan.conf\n",
    );
    shop.cluster.edit((text) => text.replace("static on $nonsense", "static on $hostname"));
    await shop.cluster.apply();
    expect(await shop.cluster.plan()).toEqual({});
  });
});
