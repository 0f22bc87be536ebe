import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { entry, node } from "../cli/run-cli.ts";

/** A `halligan worker` in a process of its own. */
export interface WorkerProcess {
  readonly name: string;
  readonly child: ChildProcess;
  /** What it has said so far. */
  said(): string;
  /** Waits for something that it says. */
  until(what: RegExp): Promise<void>;
  /** Ends it and gives its exit code, or the signal's name. A frozen one is thawed when it is killed. */
  end(signal?: NodeJS.Signals): Promise<number | string | null>;
}

/** Starts a worker for the cluster of a folder and waits until it works. */
export async function startWorker(file: string, state: string, name: string, argv: readonly string[] = []): Promise<WorkerProcess> {
  const env = { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", LANG: "C.UTF-8" };
  const child = spawn(node, [entry, "worker", "-f", file, "--state", state, "--name", name, ...argv], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
    });
  const until = async (what: RegExp): Promise<void> => {
    const deadline = Date.now() + 90_000;
    while (!what.test(said)) {
      if (Date.now() > deadline || child.exitCode !== null)
        throw new Error(`worker ${name} did not say ${String(what)}; exit code ${child.exitCode}:\n${said}`);
      await sleep(25);
    }
  };
  await until(/ works for /u);
  return {
    name,
    child,
    said: () => said,
    until,
    async end(signal = "SIGTERM") {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? child.signalCode;
      const ended = once(child, "exit");
      child.kill(signal);
      await ended;
      return child.exitCode ?? child.signalCode;
    },
  };
}
