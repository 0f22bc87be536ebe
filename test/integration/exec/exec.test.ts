import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ExecDocument } from "../../../src/core/commands/exec-document.ts";
import { entry, halligan, node, type Ran, temporaryFolder } from "../../cli/run-cli.ts";
import { startSandbox, type TestLab } from "../../support/lab.ts";
import { startSshd } from "../../support/sshd.ts";

let lab: TestLab;

beforeAll(async () => {
  lab = await startSandbox(5);
  const { nodes } = JSON.parse(readFileSync(join(lab.folder, ".halligan/lab/lab.json"), "utf8")) as {
    nodes: { name: string; holder: { pid: number } }[];
  };
  const dead = nodes.find((each) => each.name === "n5");
  if (dead === undefined) throw new Error("no n5");
  process.kill(dead.holder.pid, "SIGKILL");
  await until(async () => (await exec(["name=n5", "--", "true"])).code === 5);
});
afterAll(() => lab.dispose());

function exec(args: readonly string[], folder = lab.folder): Promise<Ran> {
  return halligan(["exec", ...args], { cwd: folder, env: { HOME: folder } });
}

async function execJson(
  args: readonly string[],
  folder = lab.folder,
): Promise<{ readonly code: number | null; readonly document: ExecDocument }> {
  const { code, stdout } = await exec(["--json", "--yes", ...args], folder);
  return { code, document: JSON.parse(stdout) as ExecDocument };
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await holds()) return;
    await sleep(100);
  }
  throw new Error("it did not come about within 10 s");
}

/** Processes anywhere on this machine, nodes of the sandbox included, with exactly these arguments. */
function running(...args: readonly string[]): number {
  return globSync("/proc/[0-9]*/cmdline").filter((file) => {
    try {
      return readFileSync(file, "utf8") === `${args.join("\0")}\0`;
    } catch {
      return false; // it has ended
    }
  }).length;
}

describe("exec on a sandbox with a dead node", () => {
  test("equal answers are one group; other codes, a command that hangs and the dead node are told apart", async () => {
    const line = 'case $(hostname) in n3) exit 3;; n4) sleep 612.5; echo late;; esac; hostname | cut -c1; echo "to you" >&2';
    const { code, document } = await execJson(["name=n*", "--timeout", "4s", "--", line]);
    expect(document.groups.map(({ folded, outcome, stdout, stderr }) => [folded, outcome, stdout.head, stderr.head])).toEqual([
      [["n[1-2]"], { kind: "exited", code: 0 }, "n\n", "to you\n"],
      [["n3"], { kind: "exited", code: 3 }, "", ""],
      [["n4"], { kind: "timeout", gone: true }, "", ""],
    ]);
    expect(document.unreachable.map(({ nodes, problem }) => [nodes, problem.code])).toEqual([[["n5"], "HOST_UNREACHABLE"]]);
    expect(document.counts).toEqual({ ok: 2, failed: 2, unknown: 1, interrupted: 0 });
    expect(code).toBe(1);
    expect(running("sleep", "612.5")).toBe(0);
  });

  test("in words, where the output cannot steer the terminal", async () => {
    const { code, stdout } = await exec(["name=n[12]*", "--yes", "--", "printf", "\\033]0;owned\\007%s\\n", "it's $HOME"]);
    expect(code).toBe(2); // not a selector
    expect(stdout).toBe("");
    const ran = await exec(["name=n1 | name=n2", "--yes", "--", "printf", "\\033]0;owned\\007%s\\n", "it's $HOME"]);
    expect(ran.stdout).toBe("== n[1-2] (2 nodes): exit 0\n\\x1b]0;owned\\x07it's $HOME\n\n2 of 2 nodes: exit 0\n");
    expect(ran.code).toBe(0);
  });

  test("only a node that is away: exit code 5", async () => {
    const ran = await exec(["name=n5", "--", "true"]);
    expect(ran.code).toBe(5);
    expect(ran.stdout).toMatch(/^== n5: did not begin\nHOST_UNREACHABLE /u);
  });

  test("more than one node is asked for first", async () => {
    const ran = await exec(["name=n*", "--", "touch", "/root/asked"]);
    expect([ran.code, ran.stdout]).toEqual([2, ""]);
    expect(ran.stderr).toMatch(/^CONFIRM_NEEDED The command would run on 5 nodes/u);
    expect((await execJson(["name=n1", "--", "test -e /root/asked"])).document.groups[0]?.outcome).toEqual({ kind: "exited", code: 1 });
  });

  test("a hundred megabytes: the first and the last part, and how much was left out", async () => {
    const { document } = await execJson(["name=n1", "--", "yes 0123456789 | head -c 100000000; printf END"]);
    const { stdout } = document.groups[0] ?? {};
    expect(stdout).toMatchObject({ totalBytes: 100_000_003, omittedBytes: 100_000_003 - 2 * 65_536, encoding: "utf8" });
    expect(stdout?.head).toMatch(/^0123456789\n/u);
    expect(stdout?.tail).toMatch(/0END$/u);
  });

  test("bytes of any kind go in and come out as they are", async () => {
    const bytes = randomBytes(300_000);
    writeFileSync(join(lab.folder, "input"), bytes);
    const sum = await execJson(["name=n2", "--stdin", "input", "--", "sha256sum"]);
    expect(sum.document.groups[0]?.stdout.head).toBe(`${createHash("sha256").update(bytes).digest("hex")}  -\n`);
    const back = await execJson(["name=n2", "--stdin", "input", "--", "head", "-c", "1000"]);
    expect(back.document.groups[0]?.stdout).toMatchObject({ encoding: "base64", head: bytes.subarray(0, 1000).toString("base64") });
  });

  test("without a file it reads nothing, and a signal is told", async () => {
    const { code, document } = await execJson(["name=n2", "--", "cat; kill -TERM $$"]);
    expect(document.groups[0]?.outcome).toEqual({ kind: "signalled", signal: "TERM" });
    expect(code).toBe(1);
  });

  test("Ctrl+C ends what runs there, also what does not hear TERM", async () => {
    const args = ["exec", "name=n1 | name=n2", "--yes", "--json", "--", 'trap "" TERM; sleep 613.5; sleep 614.5'];
    const child = spawn(node, [entry, ...args], { cwd: lab.folder, env: { HOME: lab.folder, PATH: process.env["PATH"] ?? "" } });
    let stdout = "";
    child.stdout.on("data", (chunk) => (stdout += chunk));
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    await until(() => running("sleep", "613.5") === 2);
    child.kill("SIGINT");
    expect(await ended).toBe(6);
    const { groups, counts } = JSON.parse(stdout) as ExecDocument;
    // A shell that sees its command die before itself says so: then the two nodes' outputs differ.
    for (const { outcome } of groups) expect(outcome).toEqual({ kind: "interrupted", gone: true });
    expect(counts.interrupted).toBe(2);
    expect(running("sleep", "613.5") + running("sleep", "614.5")).toBe(0);
  });

  test("the audit holds the command and the nodes", async () => {
    await execJson(["name=n1 | name=n2", "--become", "--", "echo", "for the record"]);
    const { stdout } = await halligan(["audit", "--action", "exec", "--limit", "1", "--json"], {
      cwd: lab.folder,
      env: { HOME: lab.folder },
    });
    const { entries } = JSON.parse(stdout) as { entries: unknown[] };
    expect(entries).toEqual([
      expect.objectContaining({
        action: "exec run",
        resource: "n[1-2]",
        decision: "allowed",
        detail: { command: "echo 'for the record'", user: "root" },
      }),
    ]);
  });
});

test("what a login prints before the command is not its output", async () => {
  using folder = temporaryFolder();
  const noise = 'echo WELCOME; echo careful >&2; printf unfinished; exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"';
  const sshd = await startSshd({ banner: "A banner\nof two lines\n", config: { ForceCommand: noise } });
  try {
    writeFileSync(
      join(folder.path, "cluster.yaml"),
      `halligan: 1\ncluster: t\nssh: { user: ${sshd.user}, key: ${sshd.clientKey}, port: ${sshd.port}, hostKeys: accept-new, become: none }\nnodes: { a: { address: ${sshd.address} } }\ndeployments: {}\n`,
    );
    const { code, document } = await execJson(["name=a", "--", "echo out; echo err >&2; exit 7"], folder.path);
    expect(document.groups.map(({ outcome, stdout, stderr }) => [outcome, stdout.head, stderr.head])).toEqual([
      [{ kind: "exited", code: 7 }, "out\n", "err\n"],
    ]);
    expect(code).toBe(1);
    const hung = await execJson(["name=a", "--timeout", "2s", "--", "sleep 615.5 & sleep 616.5"], folder.path);
    expect(hung.document.groups[0]?.outcome).toEqual({ kind: "timeout", gone: true });
    expect(running("sleep", "615.5") + running("sleep", "616.5")).toBe(0);

    const lost = execJson(["name=a", "--", "echo begun; sleep 6.175"], folder.path);
    await until(() => running("sleep", "6.175") === 1);
    sshd.dropConnections();
    const { code: unknown, document: cut } = await lost;
    expect([unknown, cut.groups[0]?.outcome.kind, cut.groups[0]?.stdout.head, cut.counts.unknown]).toEqual([5, "lost", "begun\n", 1]);
  } finally {
    await sshd.stop();
  }
});
