import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newKeyPair } from "../../src/core/adapters/lab/keys.ts";
import type { Fault, FromSimulator, SimCounts, SimNode, SimOptions, ToSimulator } from "./options.ts";

/** Simulated SSH nodes in a process of their own. */
export interface Simulator {
  readonly nodes: readonly SimNode[];
  readonly pid: number;
  /** The private key that may log in, as root. */
  readonly key: string;
  /** Every node's host key. */
  readonly knownHosts: string;
  /** From now on these go wrong, and no others. */
  setFaults(faults: readonly Fault[]): void;
  counts(): Promise<SimCounts>;
  stop(): Promise<void>;
}

/**
 * Starts simulated nodes: real SSH servers that answer the engine's receivers as a node would, without shells behind them. They know `file`, `directory`
 * and `link` steps and packages that are there already; anything else they refuse, and say so. `folder` gets the keys.
 */
export async function startSimulator(folder: string, wanted: Partial<SimOptions> & Pick<SimOptions, "nodes">): Promise<Simulator> {
  const options: SimOptions = { latencyMs: 0, pauseMs: 0, faults: [], ...wanted };
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const login = newKeyPair("login");
  const host = newKeyPair("host");
  const key = join(folder, "login");
  writeFileSync(key, login.private, { mode: 0o600 });
  chmodSync(key, 0o600);
  const child = fork(join(import.meta.dirname, "main.ts"), { execArgv: [], stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  child.on("message", (message: FromSimulator) => {
    if (message.type === "failed") failed.reject(new Error(`the simulator failed: ${message.message}`));
  });
  child.once("exit", (code) => failed.reject(new Error(`the simulator ended with exit code ${code}`)));
  const ask = async <T extends FromSimulator["type"]>(message: ToSimulator, type: T): Promise<Extract<FromSimulator, { type: T }>> => {
    const said = heard(child, type);
    child.send(message);
    return await Promise.race([said, failed.promise]);
  };
  try {
    const { nodes } = await ask({ type: "start", options, hostKey: host.private, loginKey: login.public }, "up");
    const knownHosts = join(folder, "known_hosts");
    const [type, text] = host.public.split(" ");
    writeFileSync(knownHosts, nodes.map(({ address, port }) => `[${address}]:${port} ${type} ${text}\n`).join(""));
    return {
      nodes,
      pid: child.pid ?? 0,
      key,
      knownHosts,
      setFaults: (faults) => void child.send({ type: "faults", faults } satisfies ToSimulator),
      counts: async () => (await ask({ type: "counts" }, "counts")).counts,
      stop: () => end(child),
    };
  } catch (error) {
    await end(child);
    throw error;
  }
}

function heard<T extends FromSimulator["type"]>(child: ChildProcess, type: T): Promise<Extract<FromSimulator, { type: T }>> {
  return new Promise((resolve) => {
    const hear = (message: FromSimulator): void => {
      if (message.type !== type) return;
      child.off("message", hear);
      resolve(message as Extract<FromSimulator, { type: T }>);
    };
    child.on("message", hear);
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
