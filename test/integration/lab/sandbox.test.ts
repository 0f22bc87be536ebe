import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LabStatus } from "../../../src/core/adapters/lab/types.ts";
import type { Problem } from "../../../src/core/errors.ts";
import { onNode, sshArguments } from "../../support/lab-ssh.ts";

const COMMAND = join(import.meta.dirname, "../../support/lab-command.ts");
const NOBODY = 65_534;
const iAmRoot = process.getuid?.() === 0;

interface Outcome {
  readonly answer: LabStatus | null;
  readonly problems: readonly Problem[];
}

type Owner = "this user" | "an ordinary user";

async function lab(owner: Owner, ...args: readonly string[]): Promise<Outcome> {
  const drop = ["--reuid", String(NOBODY), "--regid", String(NOBODY), "--clear-groups", process.execPath];
  const [program, before] = owner === "this user" ? [process.execPath, []] : ["setpriv", drop];
  return JSON.parse((await promisify(execFile)(program, [...before, COMMAND, ...args])).stdout) as Outcome;
}

function newFolder(owner: Owner): string {
  const folder = mkdtempSync(join(tmpdir(), "halligan-lab-"));
  if (owner === "an ordinary user") chownSync(folder, NOBODY, NOBODY);
  return folder;
}

const owners: readonly Owner[] = iAmRoot ? ["this user", "an ordinary user"] : ["this user"];

describe.each(owners)("sandbox lab of %s", (owner) => {
  const folder = newFolder(owner);
  let status: LabStatus;

  beforeAll(async () => {
    const { answer, problems } = await lab(owner, "up", folder, "2");
    if (answer === null) throw new Error(`no lab: ${JSON.stringify(problems)}`);
    status = answer;
  });

  afterAll(async () => {
    await lab(owner, "down", folder);
    rmSync(folder, { recursive: true, force: true });
  });

  test("writes a cluster file, a private key and pinned host keys", () => {
    expect(status).toMatchObject({ state: "up", cluster: "written", driver: "sandbox", keepsFiles: true });
    const text = readFileSync(join(folder, "cluster.yaml"), "utf8");
    expect(text).toContain(`  n1: { address: ${status.nodes[0]?.address}, port: 2222, labels: { tier: lb } }\n`);
    expect(statSync(status.key).mode & 0o777).toBe(0o600);
    expect(readFileSync(status.knownHosts, "utf8")).toMatch(/^\[127\.77\.\d+\.1\]:2222 ssh-ed25519 AAAA/);
  });

  test("is root on a machine of its own", async () => {
    const { stdout } = await onNode(status, 1, "id -u; hostname; pwd; cat /etc/hostname; ps -e -o pid= | head -n 1 | tr -d ' '");
    expect(stdout).toBe("0\nn1\n/root\nn1\n1\n");
  });

  test("writes everywhere and deletes /etc/passwd without touching this machine or another node", async () => {
    const before = readFileSync("/etc/passwd", "utf8");
    const places = [
      "/etc",
      "/etc/apt",
      "/usr/bin",
      "/usr/local/bin",
      "/opt",
      "/srv",
      "/var/lib",
      "/var/log",
      "/root",
      "/home",
      "/tmp",
      "/run",
    ];
    const mark = `halligan-mark-${process.pid}`;
    const script = `set -e; for d in ${places.join(" ")}; do echo x > $d/${mark}; done; echo '1.2.3.4 x' >> /etc/hosts; rm /etc/passwd; mkdir /data; ! ls /etc/passwd 2>/dev/null; echo done`;
    expect(await onNode(status, 1, script)).toEqual({ code: 0, stdout: "done\n", stderr: "" });
    expect(readFileSync("/etc/passwd", "utf8")).toBe(before);
    for (const place of places) expect(existsSync(join(place, mark))).toBe(false);
    const other = await onNode(status, 2, `test -s /etc/passwd && ! ls /etc/${mark} /data 2>/dev/null && echo clean`);
    expect(other.stdout).toBe("clean\n");
    expect((await onNode(status, 1, `cat /var/lib/${mark}`)).stdout).toBe("x\n");
  });

  test("cannot change the kernel, the clock, the network or this program", async () => {
    const attempts = [
      "echo 1 > /proc/sys/vm/swappiness",
      "date -s 2001-01-01",
      "ip link set lo down",
      "mount -o remount,rw /sys",
      `echo x >> ${process.execPath}`,
      "mknod /root/disk b 8 0",
    ];
    for (const attempt of attempts) expect((await onNode(status, 2, attempt)).code, attempt).not.toBe(0);
  });

  test("reports exit codes, keeps outputs apart and reads stdin to its end", async () => {
    expect(await onNode(status, 1, "echo out; echo err >&2; exit 7")).toEqual({ code: 7, stdout: "out\n", stderr: "err\n" });
    expect((await onNode(status, 1, "kill -KILL $$")).code).toBe(255);
    expect(await onNode(status, 1, "cat /dev/stdin >/dev/stderr; echo end >/dev/stdout", "häß\n")).toEqual({
      code: 0,
      stdout: "end\n",
      stderr: "häß\n",
    });
    expect((await onNode(status, 1, "wc -c; sha256sum </dev/null | cut -c 1-4", new Uint8Array(5_000_000))).stdout).toBe("5000000\ne3b0\n");
    expect((await onNode(status, 1, "head -c 20000000 /dev/zero")).stdout.length).toBe(20_000_000);
  });

  test("serves many channels and nodes at once", async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) => onNode(status, (index % 2) + 1, `sleep 0.1; echo ${index}`)),
    );
    expect(answers.map((each) => each.stdout.trim())).toEqual(Array.from({ length: 12 }, (_, index) => `${index}`));
  });

  test("a command goes on when its client is gone", async () => {
    const node = status.nodes[1];
    if (node === undefined) throw new Error("no second node");
    const client = spawn("ssh", [...sshArguments(status, node), "echo started; sleep 1; echo survived > /root/mark"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    await new Promise((resolve) => client.stdout.once("data", resolve));
    client.kill("SIGKILL");
    await sleep(1_300);
    expect((await onNode(status, 2, "cat /root/mark")).stdout).toBe("survived\n");
  });

  test("gives a terminal of the client's size, and hangs it up when the client goes", async () => {
    const node = status.nodes[1];
    if (node === undefined) throw new Error("no second node");
    const args = ["-tt", ...sshArguments(status, node), "tty; exit 5"];
    const client = spawn("ssh", args, { stdio: ["pipe", "pipe", "ignore"] });
    let text = "";
    client.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    const code = await new Promise((resolve) => client.once("close", resolve));
    expect({ code, text }).toEqual({ code: 5, text: "/dev/pts/0\r\n" });
    const long = spawn("ssh", ["-tt", ...sshArguments(status, node), "echo here; sleep 4321"], { stdio: ["pipe", "pipe", "ignore"] });
    await new Promise((resolve) => long.stdout.once("data", resolve));
    long.kill("SIGKILL");
    await sleep(500);
    expect((await onNode(status, 2, "ps -e -o args= | grep '[s]leep 4321'")).stdout).toBe("");
  });

  test("refuses another user and another key", async () => {
    const node = status.nodes[0];
    if (node === undefined) throw new Error("no node");
    const as = (lab_: LabStatus, user: string): Promise<unknown> =>
      promisify(execFile)("ssh", [...sshArguments(lab_, node, user), "true"]).then(
        () => "in",
        (error: { stderr: string }) => error.stderr.trim().split(": ").at(-1),
      );
    expect(await as(status, "nobody")).toBe("Permission denied (publickey).");
    expect(await as({ ...status, key: join(folder, ".halligan/lab/hostkeys/n1") }, "root")).toBe("Permission denied (publickey).");
  });

  test("up again changes nothing; another size is refused; a killed daemon is noticed and replaced", async () => {
    const again = await lab(owner, "up", folder, "2");
    expect(again.answer).toMatchObject({ daemonPid: status.daemonPid, cluster: "kept", nodes: status.nodes });
    expect((await lab(owner, "up", folder, "3")).problems[0]?.code).toBe("LAB_DIFFERS");
    process.kill(status.daemonPid, "SIGKILL");
    await expect.poll(() => status.nodes.filter((node) => existsSync(`/proc/${node.pid}/root`)).length).toBe(0);
    expect((await lab(owner, "status", folder)).answer?.state).toBe("down");
    const { answer } = await lab(owner, "up", folder, "2");
    if (answer === null) throw new Error("no lab");
    status = answer;
    expect(answer.nodes.map((node) => node.address)).toEqual(again.answer?.nodes.map((node) => node.address));
    expect((await onNode(status, 1, "ls -d /data")).stdout).toBe("/data\n");
  });

  test("leaves a cluster file of other nodes alone and says so", async () => {
    const path = join(folder, "cluster.yaml");
    writeFileSync(path, "halligan: 1\nnodes: { a: { address: 10.0.0.1 } }\n");
    const { answer } = await lab(owner, "up", folder, "2");
    expect(answer).toMatchObject({ state: "up", cluster: "other" });
    expect(answer?.notices[0]?.code).toBe("LAB_CLUSTER_EXISTS");
    expect(readFileSync(path, "utf8")).toBe("halligan: 1\nnodes: { a: { address: 10.0.0.1 } }\n");
  });

  test("down ends every process and forgets the lab", async () => {
    const pids = [status.daemonPid, ...status.nodes.map((node) => node.pid)];
    expect((await lab(owner, "down", folder)).problems).toEqual([]);
    expect(pids.filter((pid) => existsSync(`/proc/${pid}/root`))).toEqual([]);
    expect(existsSync(join(folder, ".halligan/lab"))).toBe(false);
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(folder);
    expect((await lab(owner, "status", folder)).answer).toBeNull();
  });
});

test("an address that another process takes after it was chosen: others are chosen", async () => {
  const folder = mkdtempSync(join(tmpdir(), "halligan-lab-"));
  const path = join(folder, ".halligan/lab/lab.json");
  const up = lab("this user", "up", folder, "2");
  // What was chosen is written down before the nodes are started, which takes longer than this does.
  await expect.poll(() => existsSync(path), { interval: 2, timeout: 30_000 }).toBe(true);
  const [chosen] = (JSON.parse(readFileSync(path, "utf8")) as Pick<LabStatus, "nodes">).nodes;
  if (chosen === undefined) throw new Error("no address was chosen");
  const other = createServer().listen(chosen.port, chosen.address);
  try {
    await once(other, "listening");
    const { answer, problems } = await up;
    expect(problems).toEqual([]);
    expect(answer).toMatchObject({ state: "up", cluster: "written" });
    expect(answer?.nodes.map((node) => node.address)).not.toContain(chosen.address);
    expect(readFileSync(join(folder, "cluster.yaml"), "utf8")).not.toContain(`${chosen.address},`);
  } finally {
    other.close();
    await lab("this user", "down", folder);
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a kernel without user namespaces is explained, and nothing is left running", async () => {
  const folder = mkdtempSync(join(tmpdir(), "halligan-lab-"));
  const script = `echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"`;
  const args = ["--user", "--map-root-user", "/bin/sh", "-c", script, "sh", process.execPath, COMMAND, "up", folder, "2"];
  const outcome = JSON.parse((await promisify(execFile)("unshare", args)).stdout) as Outcome;
  expect(outcome.problems).toMatchObject([
    { code: "LAB_UNSUPPORTED", hint: expect.stringContaining("sysctl -w user.max_user_namespaces=") },
  ]);
  const state = JSON.parse(readFileSync(join(folder, ".halligan/lab/lab.json"), "utf8")) as { daemon?: unknown };
  expect(state.daemon).toBeUndefined();
  rmSync(folder, { recursive: true, force: true });
});
