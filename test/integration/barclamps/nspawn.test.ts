import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startNspawn, type TestLab } from "../../support/lab.ts";
import { onNode } from "../../support/lab-ssh.ts";
import { ClusterFolder, get, listing, Load } from "./halligan.ts";

const demo = readFileSync(join(import.meta.dirname, "../../../barclamps/app/files/demo.pl"), "utf8");
const sha256 = (bytes: string | Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

// Real machines: they need root and the package systemd-container, which the lab's driver installs. Without root that is what is tested.
const iAmRoot = process.getuid?.() === 0;

describe.runIf(iAmRoot)("base, nginx, haproxy and app on real machines", { timeout: 300_000 }, () => {
  let lab: TestLab;
  let cluster: ClusterFolder;
  let work = "";
  let front = "";
  let key = "";
  const before: string[] = [];
  let current = "";

  /** Puts a tar archive with this service on both app nodes; returns how the cluster file names it. */
  async function release(name: string, program: string): Promise<string> {
    const folder = join(work, name);
    mkdirSync(folder);
    writeFileSync(join(folder, "demo.pl"), program, { mode: 0o755 });
    const tar = execFileSync("tar", ["-czf", "-", "-C", work, name]);
    for (const index of [2, 3]) await onNode(lab.status, index, `cat >/var/tmp/${name}.tar.gz`, tar);
    return `archive: /var/tmp/${name}.tar.gz, sha256: ${sha256(tar)}, strip: 1`;
  }

  /** Sets what app deploys. */
  function deploy(source: string): void {
    cluster.edit((text) => text.replace(current, source));
    current = source;
  }

  async function texts(): Promise<readonly string[]> {
    const seen = new Set<string>();
    for (let count = 0; count < 12; count += 1) seen.add((await get(front)).text.replace(/ \(release \w+\)/u, ""));
    return [...seen].toSorted();
  }

  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), "halligan-app-"));
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "ada@desk", "-f", join(work, "ada")]);
    key = readFileSync(join(work, "ada.pub"), "utf8").trim();
    lab = await startNspawn(4);
    cluster = new ClusterFolder(lab.folder);
    front = `http://${lab.status.nodes[0]?.address}/`;
    for (let index = 1; index <= 4; index += 1) {
      await onNode(lab.status, index, "printf '10.1.2.3 printer\\n' >>/etc/hosts");
      before.push((await onNode(lab.status, index, listing)).stdout);
    }
    current = `archive: demo.pl, sha256: ${sha256(demo)}`;
    appendFileSync(
      cluster.file,
      `deployments:
  base:
    place: { base: { on: all } }
    set:
      base:
        motd: On duty
        users: [{ name: ada, keys: ["${key}"], groups: [adm], sudo: true }]
  shop:
    place:
      haproxy: { on: tier=lb }
      app: { on: tier=web }
    use: { web: app }
    set:
      app: { name: shop, exec: ./demo.pl, env: { GREETING: "it's \\"up\\"" }, gate: 5s, keep: 2, ${current} }
    rollout: { batch: 1, maxFailures: 0 }
  static:
    place: { nginx: { on: tier=client } }
    set:
      nginx: { sites: [{ port: 80, text: "static on $hostname" }] }
`,
    );
    await cluster.discover();
  }, 600_000);
  afterAll(async () => {
    await lab.dispose();
    rmSync(work, { recursive: true, force: true });
  });

  test("apply makes a cluster that answers, and a second plan is empty", async () => {
    await cluster.apply();
    expect(await texts()).toEqual(['it\'s "up" from n2', 'it\'s "up" from n3']);
    expect(await get(`http://${lab.status.nodes[3]?.address}/`)).toEqual({ ok: true, text: "static on n4" });
    const machine = await onNode(
      lab.status,
      1,
      "hostname; cat /etc/motd; grep -c printer /etc/hosts; id -nG ada; stat -c %a /etc/sudoers.d/halligan-ada",
    );
    expect(machine.stdout).toBe("n1\nOn duty\n1\nada adm\n440\n");
    expect((await onNode(lab.status, 4, "visudo -c >/dev/null && getent hosts n2")).stdout).toMatch(/ n2\n$/u);
    expect(await cluster.plan()).toEqual({});
  });

  test("a new release rolls over the nodes, and no request is lost", async () => {
    deploy(await release("two", demo.replace('"Hello") . " from', '"Hello") . " (two) from')));
    const load = new Load(front);
    await cluster.apply();
    await load.stop();
    expect({ lost: load.lost.slice(0, 5), enough: load.requests > 50 }).toEqual({ lost: [], enough: true });
    expect(await texts()).toEqual(['it\'s "up" (two) from n2', 'it\'s "up" (two) from n3']);
    expect(await cluster.plan()).toEqual({});
  });

  test("a bad release is taken back on the first node, the others keep serving, and no request is lost", async () => {
    const good = current;
    deploy(await release("bad", "#!/usr/bin/perl\ndie 'out of order';\n"));
    const load = new Load(front);
    const failed = await cluster.apply(1);
    expect(failed.stdout).toContain('"id":"n2/app"');
    const run = /"run":"(R-\d+)"/u.exec(failed.stdout)?.[1] ?? "";
    expect((await cluster.run("logs", run, "n2/app")).stdout).toContain("went back to releases/");
    expect(await texts()).toEqual(['it\'s "up" (two) from n2', 'it\'s "up" (two) from n3']);
    expect(Object.keys(await cluster.plan())).toEqual(["n2/app", "n3/app"]);
    deploy(good);
    await cluster.apply();
    await load.stop();
    expect(load.lost).toEqual([]);
    expect(await texts()).toEqual(['it\'s "up" (two) from n2', 'it\'s "up" (two) from n3']);
    expect((await onNode(lab.status, 2, "ls -A /srv/shop | grep -c '^.draining\\|^.failed\\|^.previous'")).stdout).toBe("0\n");
    expect(await cluster.plan()).toEqual({});
  });

  test("a pinned commit is deployed, and old releases go", async () => {
    const folder = join(work, "repository");
    mkdirSync(folder);
    writeFileSync(join(folder, "demo.pl"), demo.replace('"Hello") . " from', '"Hello") . " (git) from'), { mode: 0o755 });
    const git = (...args: readonly string[]): string =>
      execFileSync("git", ["-C", folder, "-c", "user.name=a", "-c", "user.email=a@b", ...args], { encoding: "utf8" });
    git("init", "-q");
    git("add", ".");
    git("commit", "-q", "-m", "one");
    const tar = execFileSync("tar", ["-cf", "-", "-C", work, "repository"]);
    for (const index of [2, 3]) await onNode(lab.status, index, "tar -xf - --no-same-owner -C /var/tmp", tar);
    const commit = git("rev-parse", "HEAD").trim();
    deploy(`git: file:///var/tmp/repository, commit: ${commit}`);
    await cluster.apply();
    expect(await texts()).toEqual(['it\'s "up" (git) from n2', 'it\'s "up" (git) from n3']);
    expect((await onNode(lab.status, 3, "ls /srv/shop/releases | wc -l; readlink /srv/shop/current")).stdout).toBe(
      `2\nreleases/${commit}\n`,
    );
    expect(await cluster.plan()).toEqual({});
  });

  test("a configuration that haproxy or nginx refuses is taken back, and the old one goes on serving", async () => {
    cluster.edit((text) => text.replace("static on $hostname", "static on $nonsense"));
    const failed = await cluster.apply(1);
    expect(failed.stdout).toContain("nonsense");
    expect(await get(`http://${lab.status.nodes[3]?.address}/`)).toEqual({ ok: true, text: "static on n4" });
    expect((await onNode(lab.status, 4, "nginx -t 2>&1 | grep -c successful; ls /etc/nginx/conf.d")).stdout).toBe("1\nhalligan.conf\n");
    cluster.edit((text) => text.replace("static on $nonsense", "static on $hostname"));
    await cluster.apply();
    expect(await cluster.plan()).toEqual({});
  });

  test("what is no longer placed goes, and nothing is left", async () => {
    cluster.edit((text) => text.slice(0, text.indexOf("\ndeployments:\n") + 1));
    await cluster.apply();
    expect((await get(front)).ok).toBe(false);
    for (let index = 1; index <= 4; index += 1) {
      const after = (await onNode(lab.status, index, listing)).stdout.split("\n");
      const known = new Set((before[index - 1] ?? "").split("\n"));
      expect({ node: index, left: after.filter((line) => !known.has(line)) }).toEqual({ node: index, left: [] });
    }
    expect((await onNode(lab.status, 1, "getent passwd ada; getent hosts n2; tail -n 1 /etc/hosts")).stdout).toBe("10.1.2.3 printer\n");
  });
});

test.runIf(!iAmRoot)("without root the driver says what to do", async () => {
  await expect(startNspawn(1)).rejects.toMatchObject({ code: "LAB_UNSUPPORTED" });
});
