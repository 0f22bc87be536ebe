import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { startSandbox, type TestLab } from "../../support/lab.ts";
import { onNode } from "../../support/lab-ssh.ts";
import { ClusterFolder, type Outcome } from "../barclamps/halligan.ts";

const barclamp = `barclamp: shop
version: 1.0.0
attributes:
  word: { type: string, default: hello }
roles:
  shop-store:
    provides: [store]
    steps:
      - directory: /srv/store
      - file: { path: /srv/store/conf, content: "{{ set.word }}\\n" }
  shop-front:
    requires: [store]
    steps:
      - directory: /srv/front
      - file: { path: /srv/front/peers, content: "{% for n in role.nodes %}{{ n.name }} {% endfor %}\\n" }
      - command: { name: gate, run: "test ! -e /srv/broken && touch /srv/front/open", unless: "test -e /srv/front/open" }
      - file: { path: /srv/front/last, content: "done\\n" }
    undo:
      - command: { name: gate, run: "rm -f /srv/front/open", onlyIf: "test -e /srv/front/open" }
      - file: { path: /srv/front/last, state: absent }
      - file: { path: /srv/front/peers, state: absent }
      - directory: { path: /srv/front, state: absent }
  shop-clock:
    steps:
      - file: { path: /srv/clock, content: "{{ set.word }}\\n", notify: shop-clock }
      - service: { name: shop-clock, exec: "/bin/sh -c 'cat /srv/clock >>/srv/ticks; exec sleep 100000'" }
    undo:
      - service: { name: shop-clock, exec: /bin/true, state: absent }
      - file: { path: /srv/clock, state: absent }
      - command: { name: ticks, run: "rm -f /srv/ticks", onlyIf: "test -e /srv/ticks" }
`;

const drifted = z.strictObject({
  halligan: z.literal(1),
  kind: z.literal("drift"),
  on: z.string().nullable(),
  summary: z.strictObject({ checked: z.int(), same: z.int(), drifted: z.int(), unchecked: z.int() }),
  nodeRoles: z.array(
    z.strictObject({
      id: z.string(),
      node: z.string(),
      deployment: z.string(),
      run: z.string(),
      plan: z.string(),
      state: z.literal("drifted"),
      steps: z.array(
        z.strictObject({ id: z.string(), kind: z.string(), label: z.string(), change: z.string(), diff: z.string().optional() }),
      ),
      accept: z.array(z.strictObject({ step: z.string(), path: z.string(), value: z.json() })),
      changedSince: z.boolean(),
    }),
  ),
  accept: z.array(z.strictObject({ step: z.string(), path: z.string(), value: z.json(), id: z.string(), command: z.string() })),
  putBack: z.string().nullable(),
  at: z.number(),
});

/** Everything that a role of this test, or Halligan itself, can leave behind. */
const left = "find /srv /var/lib/halligan /etc/motd -printf '%p %m\\n' 2>/dev/null | sort";

describe("what stands in a sandbox lab: retry, drift, reset, rebuild, other names", { timeout: 300_000 }, () => {
  let lab: TestLab;
  let cluster: ClusterFolder;
  const before: string[] = [];

  beforeAll(async () => {
    lab = await startSandbox(2);
    cluster = new ClusterFolder(lab.folder);
    mkdirSync(join(lab.folder, "barclamps/shop"), { recursive: true });
    writeFileSync(join(lab.folder, "barclamps/shop/barclamp.yaml"), barclamp);
    appendFileSync(cluster.file, "deployments:\n  shop:\n    place: { shop-store: { on: n1 }, shop-front: { on: all } }\n");
    for (const index of [1, 2]) before.push((await onNode(lab.status, index, left)).stdout);
    await cluster.discover();
  }, 120_000);
  afterAll(async () => {
    await lab.dispose();
  }, 120_000);

  const ended = ({ stdout }: Outcome): Record<string, unknown> => JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as never;
  const document = ({ stdout }: Outcome): Record<string, unknown> => JSON.parse(stdout) as never;

  test("retry does what a run left undone, and nothing else", async () => {
    await onNode(lab.status, 2, "touch /srv/broken");
    await cluster.apply(1);
    const plan = document(await cluster.run("retry", "--plan-only", "--json"));
    expect([plan["kind"], plan["purpose"]]).toEqual(["plan", { kind: "retry", run: "R-1" }]);
    expect((plan["nodeRoles"] as { id: string; action: string }[]).map(({ id, action }) => [id, action])).toEqual([
      ["n1/shop-store", "skip"],
      ["n2/shop-front", "apply"],
    ]);
    await onNode(lab.status, 2, "rm /srv/broken");
    const again = await cluster.run("retry", "R-1", "--yes", "--json");
    expect([again.code, ended(again)["phase"]]).toEqual([0, "succeeded"]);
    expect(await cluster.plan()).toEqual({});
    expect((await cluster.run("retry", "R-2", "--json")).code).toBe(2);
  });

  test("drift is found in what was applied, whatever the file says now; it is put back, and status knows", async () => {
    expect((await cluster.run("drift", "--json")).code).toBe(0);
    await onNode(lab.status, 1, "echo bye >/srv/store/conf");
    cluster.edit((text) => text.replace("place: { shop-store", "set: { shop: { word: later } }\n    place: { shop-store"));
    const found = await cluster.run("drift", "--json");
    expect(found.code).toBe(1);
    const seen = drifted.parse(document(found));
    expect(seen.nodeRoles.map(({ id, steps, changedSince }) => [id, steps[0]?.diff?.split("\n").slice(-2), changedSince])).toEqual([
      ["n1/shop-store", ["-bye", "+hello"], true],
    ]);
    expect(seen.accept.map((each) => each.command)).toEqual(["halligan set deployments.shop.set.shop.word=bye"]);
    expect(document(await cluster.run("status", "--json"))["drift"]).toMatchObject({ drifted: ["n1/shop-store"], unchecked: [] });
    const back = await cluster.run("drift", "n1", "--put-back", "--yes", "--json");
    expect([back.code, ended(back)["phase"]]).toEqual([0, "succeeded"]);
    expect((await onNode(lab.status, 1, "cat /srv/store/conf")).stdout).toBe("later\n");
    expect(document(await cluster.run("status", "--json"))["drift"]).toMatchObject({ drifted: [] });
  });

  test("another name is no other machine: nothing is undone, and what stands goes with the name", async () => {
    cluster.edit((text) => text.replace("  n2:", "  web2:"));
    const looked = document(await cluster.run("drift", "web2", "--json"));
    expect([looked["summary"], looked["nodeRoles"]]).toEqual([{ checked: 1, same: 1, drifted: 0, unchecked: 0 }, []]);
    const plan = document(await cluster.run("plan", "--json"));
    expect((plan["problems"] as { code: string }[]).map((each) => each.code)).toEqual(["NODE_RENAMED"]);
    expect((plan["nodeRoles"] as { action: string }[]).map((each) => each.action)).not.toContain("remove");
    await cluster.apply();
    const standing = document(await cluster.run("status", "--json"))["nodeRoles"] as { id: string; state: string }[];
    expect(standing.map(({ id, state }) => `${id} ${state}`)).toEqual([
      "n1/shop-front active",
      "n1/shop-store active",
      "web2/shop-front active",
    ]);
  });

  test("two names are not exchanged at once: what stands would be lost sight of", async () => {
    const exchange = (text: string): string => text.replace("  n1:", "  none:").replace("  web2:", "  n1:").replace("  none:", "  web2:");
    cluster.edit(exchange);
    const { code, stdout } = await cluster.run("plan", "--json");
    expect([code, stdout.match(/NODE_NAME_REUSED/gu)?.length]).toEqual([4, 2]);
    cluster.edit(exchange);
  });

  test("rebuild takes away and applies anew, in two runs", async () => {
    // Born at another moment; the number of an inode may be given again at once.
    const born = async (): Promise<string> => (await onNode(lab.status, 2, "stat -c '%i %z' /srv/front/open")).stdout;
    const first = await born();
    const done = await cluster.run("rebuild", "web2", "--yes", "--json");
    expect([done.code, ended(done)["phase"]]).toEqual([0, "succeeded"]);
    expect(done.stdout.match(/"type":"run.ended"/gu)).toHaveLength(2);
    expect(await born()).not.toBe(first);
    expect(await cluster.plan()).toEqual({});
  });

  test("a restart that is put off waits until it is asked for, and is no drift", async () => {
    const ticks = async (): Promise<string> => (await onNode(lab.status, 1, "cat /srv/ticks")).stdout;
    const restarts = async (): Promise<readonly unknown[]> => {
      const standing = document(await cluster.run("status", "--json"))["nodeRoles"] as { id: string; restarts?: string[] }[];
      return standing.flatMap(({ id, restarts: waiting }) => (waiting === undefined ? [] : [[id, waiting]]));
    };
    cluster.edit((text) => `${text}  clock:\n    place: { shop-clock: { on: n1 } }\n    set: { shop: { word: tick } }\n`);
    await cluster.apply();
    cluster.edit((text) => text.replace("word: tick", "word: tock"));
    expect((await cluster.run("apply", "clock", "--no-restarts", "--yes", "--json")).code).toBe(0);
    expect([await ticks(), (await onNode(lab.status, 1, "cat /srv/clock")).stdout]).toEqual(["tick\n", "tock\n"]);
    expect(await restarts()).toEqual([["n1/shop-clock", ["service:shop-clock"]]]);
    expect((await cluster.run("drift", "n1", "--json")).code).toBe(0);
    const done = await cluster.run("restart", "n1", "--yes", "--json");
    expect([done.code, ended(done)["phase"]]).toEqual([0, "succeeded"]);
    expect([await ticks(), await restarts()]).toEqual(["tick\ntock\n", []]);
    expect((await cluster.run("restart", "--json")).code).toBe(2);
  });

  test("reset leaves nothing, also of a node-role that failed and never stood; what was forgotten is not undone", async () => {
    await onNode(lab.status, 2, "touch /srv/broken; rm /srv/front/open /srv/front/last");
    const reason = "as if it had never come to its end";
    const forgot = await cluster.run("reset", "--nodes", "web2", "--forget", "--reason", reason, "--yes", "--json");
    expect(document(forgot)).toEqual({ halligan: 1, kind: "forgotten", nodeRoles: ["web2/shop-front"], reason });
    await cluster.apply(1);
    const part = document(await cluster.run("reset", "--nodes", "n1", "--plan-only", "--json"));
    expect((part["nodeRoles"] as { action: string }[]).map((each) => each.action)).toEqual(["remove", "remove", "remove"]);
    const asked = await cluster.run("reset", "--json");
    expect([asked.code, document({ ...asked, stdout: asked.stdout.trim().split("\n").at(-1) ?? "" })["kind"]]).toEqual([2, "problems"]);
    const done = await cluster.run("reset", "--yes", "--json");
    expect([done.code, ended(done)["phase"]]).toEqual([0, "succeeded"]);
    await onNode(lab.status, 2, "rm /srv/broken");
    for (const index of [1, 2]) expect((await onNode(lab.status, index, left)).stdout).toBe(before[index - 1]);
    expect((await cluster.run("reset", "--yes", "--json")).code).toBe(2);
  });

  test("what was forgotten is on record", async () => {
    const audit = await cluster.run("audit", "--json");
    expect(audit.stdout).toContain("as if it had never come to its end");
    expect(readFileSync(cluster.file, "utf8")).toContain("web2:");
  });

  test("a deployment that leaves the file is taken away by the next run, all of it, also beside one that comes", async () => {
    const text = readFileSync(cluster.file, "utf8");
    await cluster.apply();
    const other = "deployments:\n  other:\n    place: { shop-clock: n1 }\n";
    writeFileSync(cluster.file, `${text.slice(0, text.indexOf("deployments:"))}${other}`);
    await cluster.apply();
    expect((await onNode(lab.status, 2, left)).stdout).toBe(before[1]);
    expect((await onNode(lab.status, 1, "ls /srv")).stdout).toBe("clock\nticks\n");
    expect((await cluster.run("reset", "--yes", "--json")).code).toBe(0);
    for (const index of [1, 2]) expect((await onNode(lab.status, index, left)).stdout).toBe(before[index - 1]);
  });
});
