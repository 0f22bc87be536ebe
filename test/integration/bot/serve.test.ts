import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { findEngine } from "../../../src/cli/house/engine-process.ts";
import { openStore } from "../../../src/core/adapters/store/open.ts";
import { halligan } from "../../cli/run-cli.ts";
import { writeCluster } from "../../support/cluster-folder.ts";
import { startSandbox, type TestLab } from "../../support/lab.ts";
import { type Served, startServe } from "../../support/serve-process.ts";
import { startSlackDouble } from "../../support/slack-double/double.ts";

const barclamp = `barclamp: slow
version: 1.0.0
roles:
  slow:
    steps:
      - command: { name: first, run: "sleep 4; echo first >> /root/slow" }
      - command: { name: second, run: "echo second >> /root/slow" }
`;

let lab: TestLab;
const running: Served[] = [];

beforeAll(async () => {
  lab = await startSandbox(1);
});

afterAll(async () => {
  await lab.dispose();
});

afterEach(async () => {
  for (const served of running.splice(0)) await served.end("SIGKILL");
});

function serve(...parameters: Parameters<typeof startServe>): Served {
  const served = startServe(...parameters);
  running.push(served);
  return served;
}

test("without tokens it serves engines: an engine that is killed is replaced, and so is the server itself", async () => {
  writeCluster(lab, "deployments:\n  all:\n    place:\n      slow: { on: all }\n", { "barclamps/slow/barclamp.yaml": barclamp });
  const store = await openStore(join(lab.folder, ".halligan", "state.db"));
  try {
    const first = serve(lab.folder);
    await first.until("serving test-lab");
    await first.until("SLACK_BOT_TOKEN is not set");
    const applied = await halligan(["apply", "--yes", "--detach"], { cwd: lab.folder });
    expect(applied).toMatchObject({ code: 0 });
    // The server and the engine die in the middle of the step.
    await first.end("SIGKILL");
    const engine = await findEngine(store, "test-lab");
    if (engine === undefined) throw new Error("the run has no engine");
    process.kill(engine.pid, "SIGKILL");
    const second = serve(lab.folder);
    await second.until("an engine carries out its runs");
    for (;;) {
      const { stdout } = await halligan(["runs", "--json"], { cwd: lab.folder });
      const [run] = (JSON.parse(stdout) as { runs: { phase: string }[] }).runs;
      if (run?.phase === "succeeded") break;
      expect(run?.phase).not.toBe("failed");
      await delay(200);
    }
    expect((await halligan(["exec", "n1", "--yes", "--", "cat", "/root/slow"], { cwd: lab.folder })).stdout).toMatch(/first\n.*second/su);
    expect(await second.end()).toBe(0);
    expect(second.said()).toContain("ended; runs that are open go on");
  } finally {
    await store.close();
  }
});

test("what is wrong with tokens, ports and clusters is told at once, and nothing is begun", async () => {
  const folder = mkdtempSync(join(tmpdir(), "halligan-serve-"));
  try {
    for (const name of ["a", "b", "c"]) {
      mkdirSync(join(folder, name));
      writeFileSync(
        join(folder, name, "cluster.yaml"),
        `halligan: 1\ncluster: ${name === "b" ? "a" : name}\nnodes: { n1: { address: 127.0.0.1 } }\n`,
      );
    }
    const twice = await halligan(["serve", "-f", "a/cluster.yaml", "-f", "b/cluster.yaml"], { cwd: folder });
    expect(twice).toMatchObject({ code: 2, stderr: expect.stringContaining("is a second cluster called a") as unknown });
    const badToken = await halligan(["serve", "-f", "a/cluster.yaml"], { cwd: folder, env: { SLACK_BOT_TOKEN: "xoxp-very-secret" } });
    expect(badToken).toMatchObject({ code: 2, stderr: expect.stringContaining("SLACK_SETUP") as unknown });
    expect(badToken.stderr).not.toContain("very-secret");
    rmSync(join(folder, "b"), { recursive: true });
    const served = serve(folder, ["--clusters", folder]);
    await served.until("serving a, c");
    expect(await served.end("SIGINT")).toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a cluster without people.yaml is not answered in Slack; Slack that is away keeps nothing from starting; no token is in its log", async () => {
  const slack = await startSlackDouble();
  try {
    writeCluster(lab, "deployments: {}\n", {});
    const alone = serve(lab.folder, [], slack);
    await alone.until("test-lab is not answered in Slack: it has no people.yaml");
    expect(await alone.end()).toBe(0);
    writeFileSync(join(lab.folder, "people.yaml"), "halligan: 1\npeople: { ann: { slack: [T01/U01] } }\nroles: { admin: [ann] }\n");
    slack.chaos.down();
    const served = serve(lab.folder, [], slack);
    await served.until("slack: not ready");
    slack.chaos.up();
    await served.until(/slack: this is U\w+ of workspace T/u);
    await slack.until("both connections", () => slack.sockets.count === 2);
    expect(await served.end()).toBe(0);
    for (const secret of [slack.tokens.bot, slack.tokens.app]) expect(served.said()).not.toContain(secret);
    expect(slack.violations).toEqual([]);
  } finally {
    rmSync(join(lab.folder, "people.yaml"), { force: true });
    await slack.close();
  }
});
