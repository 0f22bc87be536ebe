import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Simulator, startSimulator } from "../../../bench/sim/simulator.ts";
import { systemClock } from "../../../src/cli/house/clock.ts";
import { discoverNode } from "../../../src/core/inventory/discover.ts";
import { wholeOf } from "../../../src/core/jigs/script.ts";
import type { ResolvedNodeRole, ResolvedStep } from "../../../src/core/jigs/resolved.ts";
import { compileScript } from "../../../src/core/jigs/shell/compile.ts";
import type { ShellCompileInput } from "../../../src/core/jigs/shell/part.ts";
import type { Json } from "../../../src/core/ports.ts";
import { askNode, type NodeLink } from "../../../src/core/run/remote/node-link.ts";
import { attachCommand, checkReceiver, cleanCommand, jobReceiver } from "../../../src/core/run/remote/node-shell.ts";
import { lastTurn, takeTurn } from "../../../src/core/run/remote/standing.ts";
import { type TestLab, startSandbox } from "../../support/lab.ts";
import { type TestLinks, testLinks } from "../../support/nodes.ts";
import { simTargets } from "../../support/sim.ts";

/** The same conversations with a real shell on a real node and with a simulated one. */

let lab: TestLab;
let simulator: Simulator;
let folder: string;
let real: TestLinks;
let simulated: TestLinks;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "halligan-sim-"));
  [lab, simulator] = await Promise.all([startSandbox(1), startSimulator(folder, { nodes: 1 })]);
  real = testLinks(lab.targets);
  simulated = testLinks(simTargets(simulator));
});

afterAll(async () => {
  await Promise.all([real?.end(), simulated?.end()]);
  await Promise.all([lab?.dispose(), simulator?.stop()]);
  await rm(folder, { recursive: true, force: true });
});

/** What both say to the same input, without what differs from process to process and from node to node. */
async function both(text: string, input: Uint8Array): Promise<{ readonly real: string; readonly simulated: string }> {
  const talk = async (link: NodeLink): Promise<string> => {
    const said = await askNode(link, text, input);
    return `${neutral(Buffer.from(said.stdout).toString("latin1"))}${JSON.stringify(said.exit)}`;
  };
  const [one, other] = await Promise.all([real.link("n1"), simulated.link("s1")]);
  return { real: await talk(one), simulated: await talk(other) };
}

function neutral(text: string): string {
  return text
    .replaceAll(/@ hello \d+ \d+ \S+ \d+ \d+ 0/gu, "@ hello 0")
    .replaceAll(/^(@ end \d+ \w+ \d+) \d+ /gmu, "$1 0 ")
    .replaceAll(/^(@ observed \d+ none) \d+\ntar \S+$/gmu, "$1 tar");
}

function step(kind: string, args: Record<string, Json>): ResolvedStep {
  const id = `${kind}:${String(args["path"] ?? "x")}`;
  const rest = { blobs: {}, secret: false, unknown: false, notify: [], timeoutMs: 60_000, retries: 0, retryDelayMs: 1_000 };
  return { id, kind, label: id, args, ...rest };
}

function role(steps: readonly ResolvedStep[]): ResolvedNodeRole {
  return { id: "n1/web", steps, verify: [], around: { before: [], after: [], onFailure: [] }, outputs: [] };
}

const steps = (text: string, mode: string, to: string): readonly ResolvedStep[] => [
  step("package", { name: ["tar"] }),
  step("directory", { path: "/etc/hgsim/conf.d", mode: "0750" }),
  step("file", { path: "/etc/hgsim/it's.conf", content: text, mode }),
  step("file", { path: "/srv/hgsim-plain", content: "grüße\n" }),
  step("link", { path: "/etc/hgsim/link", to }),
];

function script(input: Omit<ShellCompileInput, "nodeRole"> & { readonly steps: readonly ResolvedStep[] }): Uint8Array {
  const { steps: all, ...rest } = input;
  return wholeOf(compileScript({ ...rest, nodeRole: role(all) }).script);
}

function bundle(job: string, words: string, bytes: Uint8Array, size = bytes.length): Uint8Array {
  return Buffer.concat([Buffer.from(`sudo-password\nHALLIGAN/1 ${job} ${words} ${size}\n`), bytes]);
}

const first = steps("port = 1\n", "0640", "/etc/hgsim/conf.d");
const second = steps("port = 2\nhost = x\n", "0600", "/srv");

describe("a simulated node says what a real one says", () => {
  test("when it is asked what would change, asked to do it, and asked again", async () => {
    const ask = async (all: readonly ResolvedStep[]): Promise<string> => {
      const said = await both(checkReceiver, bundle("plan.web", "check 0", script({ mode: "check", steps: all })));
      expect(said.simulated).toBe(said.real);
      return said.real;
    };
    const apply = async (number: number, all: readonly ResolvedStep[], more: Partial<ShellCompileInput> = {}): Promise<string> => {
      const compiled = script({ mode: "apply", steps: all, expected: {}, staleness: "exact", ...more });
      const said = await both(jobReceiver, bundle(`feedbeef.R-${number}.1.web`, "feedbeef 1", compiled));
      expect(said.simulated).toBe(said.real);
      return said.real;
    };
    expect(await ask(first)).toMatch(/@ observed 2 create 6\nabsent\n[^]*@ new 2 9\nport = 1\n[^]*@ done ok 0/u);
    expect(await apply(1, first)).toMatch(/@ end 4 changed 0 0 0\n[^]*@ done changed 0/u);
    expect(await ask(first)).toMatch(/@ observed 3 none \d+\nfile 0644 root:root sha256:[0-9a-f]{64}\n/u);
    expect(await apply(2, first)).not.toContain("phase apply");
    expect(await ask(second)).toMatch(/@ diff 2 \d+\nmode: 0640 -> 0600\n\n@ old 2 9\nport = 1\n[^]*target: \S+ -> \/srv/u);
    const { id = "" } = second[2] ?? {};
    const stale = await apply(3, second, { expected: { [id]: { change: "change", observed: "absent" } } });
    expect(stale).toMatch(/@ new 2 18\n[^]*@ done stale 40\na step finds another state than approved/u);
    const bounded = await apply(4, second, { expected: { [id]: { change: "none" } }, staleness: "bounded" });
    expect(bounded).toContain("a step approved to change nothing would change something");
    expect(await apply(5, second, { expected: { [id]: { change: "change" } } })).toContain("@ done changed 0");
    expect(await apply(6, second, { expected: { [id]: { change: "change" } } })).toContain("phase apply");
  });

  test("when a step fails", async () => {
    const broken = [step("file", { path: "/nowhere/at/all", content: "x" }), step("directory", { path: "/srv/hgsim-never" })];
    const said = await both(jobReceiver, bundle("feedbeef.R-20.1.web", "feedbeef 1", script({ mode: "apply", steps: broken })));
    expect(said.simulated).toBe(said.real);
    expect(said.real).toMatch(/@ end 0 failed 0 0 87\nthe directory \/nowhere\/at does not exist[^]*@ done failed 87/u);
  });

  test("when a job is sent twice, is cut, is older than the newest engine, is attached to and cleaned up", async () => {
    const bytes = script({ mode: "apply", steps: first });
    const send = (job: string, words: string, size?: number) => both(jobReceiver, bundle(job, words, bytes, size));
    const same = async (said: Promise<{ readonly real: string; readonly simulated: string }>): Promise<string> => {
      const each = await said;
      expect(each.simulated).toBe(each.real);
      return each.real;
    };
    expect(await same(send("feedbeef.R-30.1.web", "feedbeef 5"))).toContain("started");
    expect(await same(send("feedbeef.R-30.1.web", "feedbeef 5"))).toMatch(/exists\n.*76/u);
    expect(await same(send("feedbeef.R-31.1.web", "feedbeef 4"))).toMatch(/fenced 5\n.*75/u);
    expect(await same(send("feedbeef.R-32.1.web", "feedbeef 5", bytes.length + 1))).toMatch(/cut \d+\n.*74/u);
    const none = new Uint8Array();
    const ref = (name: string, fence = "5") => ({ name, scope: "feedbeef", fence });
    const log = await same(both(attachCommand(ref("feedbeef.R-30.1.web"), 0), none));
    expect(log).toMatch(/attached\n@ hello[^]*@ done changed[^]*77/u);
    for (const link of [await real.link("n1"), await simulated.link("s1")]) {
      const from = async (offset: number) => (await askNode(link, attachCommand(ref("feedbeef.R-30.1.web"), offset))).stdout;
      const preface = "HALLIGAN/1 feedbeef.R-30.1.web attached\n";
      expect(Buffer.from(await from(40)).toString()).toBe(
        preface +
          Buffer.from(await from(0))
            .subarray(preface.length + 40)
            .toString(),
      );
    }
    expect(await same(both(attachCommand(ref("feedbeef.R-30.1.web", "4.7"), 0), none))).toMatch(/fenced 5\n.*75/u);
    expect(await same(both(attachCommand(ref("feedbeef.R-99.1.web"), 0), none))).toMatch(/absent\n.*78/u);
    expect(await same(both(cleanCommand(["feedbeef.R-30.1.web", "feedbeef.R-99.1.web"]), none))).toContain('"code":0');
    expect(await same(both(attachCommand(ref("feedbeef.R-30.1.web"), 0), none))).toMatch(/absent\n.*78/u);
  });

  test("when one channel serves a look, a job, a refused job and, anew, a job and the cleaning", async () => {
    const talk = async (link: NodeLink): Promise<string> => {
      let said = "";
      const turn = async (who: string, input: ShellCompileInput): Promise<void> => {
        const taken = await takeTurn(link, who, compileScript(input).script);
        if (taken === undefined) throw new Error("no receiver stays");
        let answer = "";
        for await (const chunk of taken.stdout) {
          answer += Buffer.from(chunk).toString("latin1");
          if (!/\n@ done [^]*\n$/u.test(answer)) continue;
          taken.over();
          break;
        }
        said += `${taken.first ? "first: " : ""}${neutral(answer)}`;
        if (!answer.includes("@ done")) said += JSON.stringify(await taken.exit);
      };
      const apply = { mode: "apply", nodeRole: role(first), expected: {}, staleness: "bounded" } as const;
      await turn("plan.web check 0", { mode: "check", nodeRole: role(first) });
      await turn("feedbeef.R-40.1.web feedbeef 5", apply);
      await turn("feedbeef.R-40.1.web feedbeef 5", apply);
      await turn("feedbeef.R-41.1.web feedbeef 5", apply);
      return said + JSON.stringify(await lastTurn(link, "clean", cleanCommand(["feedbeef.R-40.1.web", "feedbeef.R-41.1.web"])));
    };
    const [one, other] = [await talk(await real.link("n1")), await talk(await simulated.link("s1"))];
    expect(other).toBe(one);
    expect(one).toMatch(
      /^first: HALLIGAN\/1 plan.web started\n[^]*R-40.1.web started[^]*R-40.1.web exists\n\{"kind":"exited","code":76\}first: [^]*\{"kind":"exited","code":0\}$/u,
    );
  });
});

test("facts of a simulated node are facts", async () => {
  const { connection } = await simulated.link("s1");
  const facts = await discoverNode({ connection, clock: systemClock, packages: ["tar", "nginx"] });
  expect(facts).toMatchObject({ hostname: "s1", os: { id: "debian" }, packages: { nginx: null, tar: expect.stringMatching(/^1\./u) } });
});

test("what is not simulated is said, not made up", async () => {
  const link = await simulated.link("s1");
  const odd = script({ mode: "check", steps: [step("line", { path: "/etc/hosts", line: "x" })] });
  const said = await askNode(link, checkReceiver, bundle("plan.web", "check 0", odd));
  expect(said).toMatchObject({ stderr: "simulator: steps with hg_line_check are not simulated\n", exit: { kind: "exited", code: 2 } });
});
