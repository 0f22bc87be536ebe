import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Account } from "./cgroups.ts";
import { nodeInit } from "./node-init.ts";
import { searchPath } from "./requirements.ts";

/** A node of the rig: a real OpenSSH server in its own mount, process and host name namespaces. */
export interface RigNode {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** What all generations of nodes share: keys and the addresses. */
export interface Rig {
  readonly nodes: readonly RigNode[];
  /** Private key that may log in as root. */
  readonly key: string;
  /** A known_hosts file that pins every node. */
  readonly knownHosts: string;
  /** Starts all nodes as new machines: whatever was changed on them before is gone. */
  fresh(): Promise<void>;
  /** Ends all nodes; their file systems vanish with them. */
  stop(): Promise<void>;
}

const port = 2222;
const startDeadlineMs = 60_000;

/** Prepares keys for `count` nodes below `folder`. Nothing runs before `fresh`. */
export function prepareRig(folder: string, count: number, account: Account): Rig {
  const network = 100 + (process.pid % 100);
  const nodes = Array.from({ length: count }, (_, index): RigNode => {
    const address = `127.${network}.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`;
    return { name: `h${index + 1}`, address, port };
  });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const key = join(folder, "login");
  const hostKey = join(folder, "host");
  for (const file of [key, hostKey]) execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "bench", "-f", file]);
  const [type, text] = readFileSync(`${hostKey}.pub`, "utf8").split(" ");
  const knownHosts = join(folder, "known_hosts");
  writeFileSync(knownHosts, nodes.map(({ address }) => `[${address}]:${port} ${type} ${text}\n`).join(""));
  const init = join(folder, "node-init.sh");
  writeFileSync(init, nodeInit);
  chmodSync(init, 0o700);
  let running: ChildProcess[] = [];

  const stop = async (): Promise<void> => {
    const ending = running;
    running = [];
    for (const child of ending) child.kill("SIGKILL");
    await Promise.all(
      ending.map(async (child) => {
        while (child.exitCode === null && child.signalCode === null) await sleep(10);
      }),
    );
  };

  const start = (node: RigNode): ChildProcess => {
    const log = openSync(join(folder, `${node.name}.log`), "w");
    // A node must not outlive the bench, however that ends: setpriv has the kernel end unshare with us, and unshare its first process with itself.
    const command = [
      "--pdeathsig",
      "KILL",
      "unshare",
      "-m",
      "-p",
      "-u",
      "-f",
      "--kill-child=KILL",
      "--propagation",
      "private",
      "/bin/sh",
      init,
    ];
    const args = [...command, node.name, node.address, String(node.port), folder, account.joinFile ?? "/dev/null"];
    const child = spawn("setpriv", args, { stdio: ["ignore", log, log], env: { PATH: searchPath } });
    closeSync(log);
    return child;
  };

  return {
    nodes,
    key,
    knownHosts,
    stop,
    async fresh() {
      await stop();
      running = nodes.map(start);
      await Promise.all(nodes.map((node) => untilUp(node, join(folder, `${node.name}.log`))));
    },
  };
}

async function untilUp({ name, address }: RigNode, log: string): Promise<void> {
  const until = Date.now() + startDeadlineMs;
  while (!(await answers(address))) {
    if (Date.now() > until) throw new Error(`${name} did not start: ${readFileSync(log, "utf8").slice(-400)}`);
    await sleep(50);
  }
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: address, port });
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("data", end(true)).once("error", end(false)).once("close", end(false));
  });
}
