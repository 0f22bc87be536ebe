import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSandbox, type TestLab } from "../../support/lab.ts";
import { onNode } from "../../support/lab-ssh.ts";
import { ClusterFolder } from "../barclamps/halligan.ts";

const barclamp = `barclamp: ord
version: 1.0.0
attributes:
  size: { type: size, default: 1K }
roles:
  ord-db:
    cluster: { order: founder-first }
    steps:
      - directory: /srv/ord
      - command: { name: token, run: "echo tok-$(hostname)" }
      - command: { name: listing, run: "printf 'a\\\\nb c\\\\n'" }
      - command: { name: mapping, run: "echo '{\\"k\\":\\"v\\",\\"n\\":3}'" }
      - command: { name: schema, run: "echo once >>/srv/ord/schema", once: deployment }
      - file: { path: /srv/ord/conf, content: "{{ set.size }}\\n", notify: bounce }
      - file: { path: /srv/ord/conf2, content: "x", notify: bounce }
      - command: { name: bounce, run: "echo bounced >>/srv/ord/bounced", on: notify }
    outputs:
      token: { type: string, capability: sql, fromStep: token }
      items: { type: list, fromStep: listing }
      map: { type: map, fromStep: mapping }
      url: { type: url, capability: sql, value: "db://{{ node.name }}:{{ set.size }}/" }
  ord-web:
    inputs:
      url: { from: sql.url }
      token: { from: sql.token }
      items: { from: ord-db.items }
      map: { from: ord-db.map }
      dbs: { from: sql.url, all: true }
      peers: { from: ord-web.me, all: true }
      opt: { from: nothing.here, default: fallback }
    steps:
      - directory: /srv/ord
      - file: { path: "/srv/ord/{{ inputs.token }}", content: "{{ inputs.url }} {{ inputs.opt }} {{ inputs.map.k }}{{ inputs.map.n }} {% for d in inputs.dbs %}{{ d.node }}={{ d.value }} {% endfor %}{% for p in inputs.peers %}{{ p.value }},{% endfor %}" }
      - file: { path: "/srv/ord/item-{{ item }}", content: "{{ item }}", each: "{{ inputs.items }}" }
      - file: { path: /srv/ord/cond, content: y, when: "inputs.map.n == 3 && facts.cpu.threads > 0" }
      - file: { path: /srv/ord/never, content: y, when: "inputs.map.n == 4" }
    outputs: { me: { type: string, value: "{{ node.name }}" } }
`;

// Late values, lists of providers, members that read each other, and what is left when roles go from nodes that they share.
describe("late values and removals", { timeout: 120_000 }, () => {
  let lab: TestLab;
  let cluster: ClusterFolder;
  const below = async (node: number): Promise<string> =>
    (await onNode(lab.status, node, "cd /srv/ord 2>/dev/null && ls | tr '\\n' ' '")).stdout;

  beforeAll(async () => {
    lab = await startSandbox(4);
    cluster = new ClusterFolder(lab.folder);
    mkdirSync(join(lab.folder, "barclamps/ord"), { recursive: true });
    writeFileSync(join(lab.folder, "barclamps/ord/barclamp.yaml"), barclamp);
    const place = "{ ord-db: { on: n1 | n2 }, ord-web: { on: n2 | n3 | n4 } }";
    appendFileSync(cluster.file, `deployments:\n  d:\n    place: ${place}\n    rollout: { batch: 34%, maxFailures: 1 }\n`);
  }, 60_000);
  afterAll(async () => {
    await lab.dispose();
  }, 60_000);

  test("values come when their steps have run, and a second plan is empty", async () => {
    const planned = await cluster.plan();
    expect(planned["n3/ord-web"]).toContain("unknown");
    await cluster.apply();
    const all = "n1=db://n1:1024/ n2=db://n2:1024/ n2,n3,n4,";
    expect((await onNode(lab.status, 3, "cat /srv/ord/tok-n1")).stdout).toBe(`db://n1:1024/ fallback v3 ${all}`);
    // The provider on the same node is nearer than the first of the deployment.
    expect((await onNode(lab.status, 2, "cat /srv/ord/tok-n2")).stdout).toBe(`db://n2:1024/ fallback v3 ${all}`);
    expect(await below(3)).toBe("cond item-a item-b c tok-n1 ");
    expect((await onNode(lab.status, 1, "cat /srv/ord/schema /srv/ord/bounced")).stdout).toBe("once\nbounced\n");
    expect((await onNode(lab.status, 2, "cat /srv/ord/schema /srv/ord/bounced 2>/dev/null")).stdout).toBe("bounced\n");
    expect(await cluster.plan()).toEqual({});
  });

  test("two plans of the same are the same but for their ids", async () => {
    cluster.edit((text) => text.replace("    rollout:", "    set: { ord: { size: 2K } }\n    rollout:"));
    const [one, two] = [(await cluster.run("plan", "--json")).stdout, (await cluster.run("plan", "--json")).stdout];
    const id = /"id":"P-\d+"/u;
    expect(one.replace(id, "")).toBe(two.replace(id, ""));
    expect(id.exec(one)?.[0]).not.toBe(id.exec(two)?.[0]);
    await cluster.apply();
    expect((await onNode(lab.status, 1, "cat /srv/ord/conf /srv/ord/bounced")).stdout).toBe("2048\nbounced\nbounced\n");
  });

  test("a role that goes leaves what another role of the node needs, and nothing else", async () => {
    cluster.edit((text) => text.replace("ord-web: { on: n2 | n3 | n4 }", "ord-web: n4"));
    await cluster.apply();
    expect(await below(2)).toBe("bounced conf conf2 ");
    expect(await below(3)).toBe("");
    expect((await onNode(lab.status, 3, "ls -d /srv/ord; find /var/lib/halligan -type f ! -name 'fence-*'")).stdout).toBe("");
    expect(await cluster.plan()).toEqual({});
  });

  test("what a role made before and makes no more goes with it", async () => {
    const file = join(lab.folder, "barclamps/ord/barclamp.yaml");
    writeFileSync(
      file,
      barclamp.replace(
        "      - file: { path: /srv/ord/cond,",
        "      - file: { path: /etc/ord-old, content: old }\n      - file: { path: /srv/ord/cond,",
      ),
    );
    await cluster.apply();
    writeFileSync(file, barclamp);
    await cluster.apply();
    cluster.edit((text) => text.replace(", ord-web: n4", ""));
    await cluster.apply();
    expect((await onNode(lab.status, 4, "ls -d /etc/ord-old /srv/ord; find /var/lib/halligan -type f ! -name 'fence-*'")).stdout).toBe("");
  });

  test("drift after the plan changes nothing and is told", async () => {
    cluster.edit((text) => text.replace("size: 2K", "size: 3K"));
    const plan = JSON.parse((await cluster.run("plan", "--json")).stdout) as { readonly id: string };
    await onNode(lab.status, 1, "echo drift >/srv/ord/conf");
    const outcome = await cluster.run("apply", plan.id, "--yes", "--json");
    expect(outcome.code).toBe(1);
    const last = JSON.parse(outcome.stdout.trim().split("\n").at(-1) ?? "") as {
      readonly problems: readonly { readonly code: string; readonly cause?: string }[];
    };
    expect(last.problems[0]).toMatchObject({ code: "PLAN_STALE", cause: expect.stringContaining("file:/srv/ord/conf") });
    expect((await onNode(lab.status, 1, "cat /srv/ord/conf")).stdout).toBe("drift\n");
    cluster.edit((text) => `${text}\n`);
    const late = await cluster.run("apply", plan.id, "--yes", "--json");
    expect([late.code, late.stdout]).toEqual([4, expect.stringContaining("PLAN_OUTDATED")]);
  });
});
