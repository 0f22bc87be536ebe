import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSandbox, type TestLab } from "../../support/lab.ts";
import { onNode } from "../../support/lab-ssh.ts";
import { ClusterFolder } from "./halligan.ts";

interface Told {
  readonly code: string;
  readonly message: string;
  readonly at?: { readonly node?: string; readonly role?: string; readonly step?: string };
  readonly cause?: string;
  readonly hint: string;
}

const barclamps: Readonly<Record<string, string>> = {
  greedy: `barclamp: greedy
version: 1.0.0
attributes: { port: { type: port, default: 1 } }
roles:
  greedy:
    steps: [ { file: { path: /etc/greedy, content: x } } ]
    checks:
      - { code: GREEDY-101, port: "{{ set.port }}", freeUnlessOurs: true, message: "Another program listens.", hint: "Stop it." }
      - { code: GREEDY-102, disk: { path: /var/lib/greedy, free: 900T } }
      - { code: GREEDY-103, memory: { total: 900T, available: 1M } }
      - { code: GREEDY-104, clock: 10m }
      - { code: GREEDY-105, resolves: [no-such-name.invalid, localhost] }
      - { code: GREEDY-106, available: [dpkg, "dpkg=0.0*"] }
      - { code: GREEDY-107, disk: { path: /, free: 1K, total: 1M } }
      - { code: GREEDY-108, memory: { total: 1M, available: 1M } }
      - { code: GREEDY-109, resolves: { name: localhost, address: 192.0.2.200 } }
`,
  modest: `barclamp: modest
version: 1.0.0
roles:
  modest: { steps: [ { file: { path: /etc/modest, content: x } } ] }
`,
  bringer: `barclamp: bringer
version: 1.0.0
attributes: { path: { type: string, default: /etc/brought } }
roles:
  bringer:
    steps: [ { file: { path: "{{ set.path }}", content: x } } ]
    outputs: { done: { type: string, value: "yes" } }
`,
  needy: `barclamp: needy
version: 1.0.0
roles:
  needy:
    inputs: { bringer: { from: bringer.done, default: "" } }
    steps: [ { file: { path: /etc/needy, content: x } } ]
    around: { onFailure: [ { file: { path: /etc/needy-went-back, content: x } } ] }
    checks: [ { code: NEEDY-101, command: "test -e /etc/brought || { echo looked in /etc; exit 1; }", curedBy: [bringer], message: "Nothing was brought to {{ node.name }}.", hint: "Bring it." } ]
`,
};

describe("conditions that a barclamp sets, in a sandbox", { timeout: 180_000 }, () => {
  let lab: TestLab;
  let cluster: ClusterFolder;
  let nodes = "";
  let server: Server;
  let port = 0;

  /** A cluster file with these deployments. */
  function deploy(text: string): void {
    writeFileSync(cluster.file, `${nodes}deployments:\n${text}`);
  }

  async function plan(): Promise<{ readonly problems: readonly Told[]; readonly actions: Readonly<Record<string, string>> }> {
    const { stdout, stderr } = await cluster.run("plan", "--json");
    const found = JSON.parse(stdout) as {
      problems?: readonly Told[];
      nodeRoles?: readonly { id: string; action: string; blocked?: Told }[];
    };
    if (found.nodeRoles === undefined) throw new Error(`no plan: ${stdout}${stderr}`);
    return {
      problems: found.problems ?? [],
      actions: Object.fromEntries(found.nodeRoles.map((each) => [each.id, each.blocked === undefined ? each.action : "blocked"])),
    };
  }

  beforeAll(async () => {
    lab = await startSandbox(2);
    cluster = new ClusterFolder(lab.folder);
    nodes = readFileSync(cluster.file, "utf8");
    for (const [name, text] of Object.entries(barclamps)) {
      mkdirSync(join(lab.folder, "barclamps", name), { recursive: true });
      writeFileSync(join(lab.folder, "barclamps", name, "barclamp.yaml"), text);
    }
    server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    port = typeof address === "object" && address !== null ? address.port : 0;
    await cluster.discover();
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    await lab.dispose();
  });

  test("all that do not hold are told at once, with code, cause and what to do; nothing is changed there, others go on", async () => {
    deploy(`  a: { place: { greedy: { on: n1 }, modest: { on: n2 } }, set: { greedy: { port: ${port} } } }\n`);
    const { problems, actions } = await plan();
    expect(actions).toEqual({ "n1/greedy": "blocked", "n2/modest": "apply" });
    expect(problems.map((each) => [each.code, each.at, each.message.split(":")[0]])).toEqual(
      ["101", "102", "103", "105", "106", "109"].map((number) => [
        "PRECHECK_FAILED",
        { node: "n1", role: "greedy", step: `GREEDY-${number}` },
        `GREEDY-${number}`,
      ]),
    );
    expect(problems[0]).toMatchObject({
      message: "GREEDY-101: Another program listens.",
      cause: `port ${port} is taken by another program`,
      hint: "Stop it.",
    });
    expect(problems[1]?.message).toMatch(/^GREEDY-102: \/var\/lib\/greedy has \d+ [GM]iB free, 921600 GiB are needed$/u);
    expect(problems[2]?.message).toMatch(/^GREEDY-103: the node has \d+ [GM]iB of memory, 921600 GiB are needed$/u);
    expect(problems[3]?.message).toBe("GREEDY-105: the name no-such-name.invalid is not found");
    expect(problems[4]?.message).toMatch(/^GREEDY-106: no repository of the node has dpkg=0\.0\*/u);
    expect(problems[5]?.message).toMatch(/^GREEDY-109: localhost is \S+, not 192\.0\.2\.200$/u);
    expect((await cluster.run("plan")).stdout).toContain("PRECHECK_FAILED: n1/greedy: GREEDY-101: Another program listens.");
    await cluster.apply(1);
    expect((await onNode(lab.status, 1, "ls -d /etc/greedy 2>&1")).code).not.toBe(0);
    expect((await onNode(lab.status, 2, "cat /etc/modest")).stdout).toBe("x");
  });

  test("what an earlier role brings is judged after it", async () => {
    deploy("  a: { place: { bringer: { on: n1 }, needy: { on: all } } }\n");
    const { problems, actions } = await plan();
    expect(problems.map((each) => [each.at?.node, each.message, each.hint])).toEqual([
      ["n2", "NEEDY-101: Nothing was brought to n2.", "Bring it."],
    ]);
    expect(problems[0]?.cause).toBe("looked in /etc");
    expect(actions).toMatchObject({ "n1/bringer": "apply", "n1/needy": "apply", "n2/needy": "blocked" });
    await cluster.apply(1);
    expect((await onNode(lab.status, 1, "cat /etc/needy")).stdout).toBe("x");
    expect((await onNode(lab.status, 2, "ls -d /etc/needy 2>&1")).code).not.toBe(0);
  });

  test("where the earlier role does not bring it after all, the run stops before the first change, and says so", async () => {
    deploy("  a: { place: { bringer: { on: n2 }, needy: { on: n2 } }, set: { bringer: { path: /etc/another } } }\n");
    expect((await plan()).problems).toEqual([]);
    const failed = await cluster.apply(1);
    expect(failed.stdout).toContain('"PRECHECK_FAILED"');
    expect(failed.stdout).toContain("NEEDY-101: Nothing was brought to n2.");
    expect(failed.stdout).toContain('"looked in /etc"');
    expect(failed.stdout).toContain("Bring it.");
    expect((await onNode(lab.status, 2, "cat /etc/another; ls -d /etc/needy* 2>&1 | grep -c 'No such'")).stdout).toBe("x1\n");
  });
});
