import { appendFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSandbox, type TestLab } from "../../support/lab.ts";
import { onNode } from "../../support/lab-ssh.ts";
import { ClusterFolder, deploymentsOf, get, listing, Load } from "./halligan.ts";

// The cluster of the lab tour on a sandbox lab: what examples/lab says must come true.
describe("hello-web, hello-balancer and hello-client in the sandbox", { timeout: 180_000 }, () => {
  let lab: TestLab;
  let cluster: ClusterFolder;
  let front = "";
  const before: string[] = [];

  beforeAll(async () => {
    lab = await startSandbox(5);
    cluster = new ClusterFolder(lab.folder);
    front = `http://${lab.status.nodes[0]?.address}:8000/`;
    for (let index = 1; index <= 5; index += 1) before.push((await onNode(lab.status, index, listing)).stdout);
    const runtime = ["hello-web", "hello-balancer", "hello-client"].map((name) => `  ${name}: { runtime: ${process.execPath} }\n`).join("");
    appendFileSync(cluster.file, `set:\n${runtime}${deploymentsOf("lab/cluster.yaml")}`);
    await cluster.discover();
  }, 120_000);
  afterAll(async () => {
    await lab.dispose();
  }, 120_000);

  /** The texts that the balancer gives now, by node. */
  async function texts(): Promise<readonly string[]> {
    const seen = new Set<string>();
    for (let count = 0; count < 12; count += 1) seen.add((await get(front)).text);
    return [...seen].toSorted();
  }

  test("apply brings up the web, the client proves it, and a second plan is empty", async () => {
    await cluster.apply();
    expect(await texts()).toEqual(["Hello from n2 (version 1)", "Hello from n3 (version 1)", "Hello from n4 (version 1)"]);
    const report = await onNode(lab.status, 5, "cat /var/lib/hello-client/report.txt");
    for (const node of ["n2", "n3", "n4"]) expect(report.stdout).toContain(`ok      ${node}: Hello from ${node} (version 1)`);
    expect((await onNode(lab.status, 2, "hostname; grep -c '^# halligan base' /etc/hosts; grep 'n4$' /etc/hosts")).stdout).toBe(
      `n2\n2\n${lab.status.nodes[3]?.address} n4\n`,
    );
    expect(await cluster.plan()).toEqual({});
  });

  test("another greeting rolls over the web servers one by one, and no request is lost", async () => {
    cluster.edit((text) => text.replace("greeting: Hello ", "greeting: Welcome "));
    const planned = await cluster.plan();
    expect(Object.keys(planned)).toEqual(expect.arrayContaining(["n2/hello-web", "n3/hello-web", "n4/hello-web", "n5/hello-client"]));
    expect(Object.keys(planned)).not.toContain("n1/hello-balancer");
    const load = new Load(front);
    const { stdout } = await cluster.apply();
    await load.stop();
    expect({ lost: load.lost, enough: load.requests > 50 }).toEqual({ lost: [], enough: true });
    expect([...load.answers.keys()].filter((text) => text.startsWith("Hello")).length).toBe(3);
    expect(await texts()).toEqual(["Welcome from n2 (version 1)", "Welcome from n3 (version 1)", "Welcome from n4 (version 1)"]);
    expect(overlaps(stdout)).toEqual([]);
    expect(await cluster.plan()).toEqual({});
  });

  test("a node that fails its gate stops the rollout and is kept out; without the fault apply goes on where it stopped", async () => {
    cluster.edit((text) => text.replace("greeting: Welcome ", "greeting: Ahoy ").replace("# failOn: n3 ", "failOn: n3   "));
    cluster.edit((text) => text.replace("set:\n  hello-web: { runtime", "set:\n  hello-web: { gate: 2s, runtime"));
    const load = new Load(front);
    const failed = await cluster.apply(1);
    expect(failed.stdout).toContain("n3/hello-web");
    expect(await texts()).toEqual(["Ahoy from n2 (version 1)", "Welcome from n4 (version 1)"]);
    expect((await onNode(lab.status, 3, "ls /var/lib/hello-web")).stdout).toBe("draining\nfailed\n");
    cluster.edit((text) => text.replace("failOn: n3   ", "# failOn: n3 "));
    await cluster.apply();
    await load.stop();
    expect(load.lost).toEqual([]);
    expect(await texts()).toEqual(["Ahoy from n2 (version 1)", "Ahoy from n3 (version 1)", "Ahoy from n4 (version 1)"]);
    expect((await onNode(lab.status, 3, "ls /var/lib/hello-web")).stdout).toBe("");
    expect(await cluster.plan()).toEqual({});
  });

  test("verify and the barclamp's own checks tell what does not hold", async () => {
    expect((await cluster.run("verify")).code).toBe(0);
    cluster.edit((text) => text.replace("greeting: Ahoy ", 'version: "2"\n        greeting: Ahoy '));
    const verified = await cluster.run("verify");
    expect({ code: verified.code, named: `${verified.stdout}${verified.stderr}`.includes("VERIFY_FAILED n2/hello-web") }).toEqual({
      code: 1,
      named: true,
    });
    cluster.edit((text) =>
      text
        .replace('version: "2"\n        greeting: Ahoy ', "greeting: Ahoy ")
        .replace(/(hello-web: \{ gate: 2s, runtime: )[^ ]+/u, "$1/no/such/node"),
    );
    const planned = await cluster.run("plan", "--json");
    expect(planned.stdout).toContain("HELLO-102: The node has no Node.js: set hello-web.runtime to the path of one.");
    cluster.edit((text) => text.replace("/no/such/node", process.execPath));
    expect(await cluster.plan()).toEqual({});
  });

  test("what is no longer placed goes, and nothing is left", async () => {
    cluster.edit((text) => text.slice(0, text.indexOf("\nset:\n") + 1));
    await cluster.apply();
    expect((await get(front)).ok).toBe(false);
    expect(before[0]).toContain("/etc/hosts f 644 root:root");
    for (let index = 1; index <= 5; index += 1) expect((await onNode(lab.status, index, listing)).stdout).toBe(before[index - 1]);
    const halligan = await onNode(lab.status, 2, "pgrep -fl 'hello-[w]eb' || true; cat /etc/hosts");
    expect(halligan.stdout).not.toContain("halligan");
  });
});

/** Web servers that were being changed at the same time, from the events of a run. */
function overlaps(events: string): readonly string[] {
  const running = new Set<string>();
  const found: string[] = [];
  for (const line of events.split("\n")) {
    if (!line.includes('"noderole.moved"') || !line.includes("hello-web")) continue;
    const event = JSON.parse(line) as { readonly id: string; readonly state: string };
    if (event.state === "transition") running.add(event.id);
    else running.delete(event.id);
    if (running.size > 1) found.push([...running].join(" and "));
  }
  return found;
}
