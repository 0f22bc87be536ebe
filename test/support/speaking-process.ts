import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { node } from "../cli/run-cli.ts";

/** A `halligan` that goes on, in a process of its own, and what it says. */
export interface SpeakingProcess {
  readonly child: ChildProcess;
  /** What it has said so far. */
  said(): string;
  /** Waits for something that it says. */
  until(what: string | RegExp, ms?: number): Promise<void>;
  /** Ends it and gives its exit code, or the signal's name. */
  end(signal?: NodeJS.Signals): Promise<number | string | null>;
}

/** Starts one, called `name` where it fails to say something, with a bare environment and that of `options`. `argv`: the program and its arguments. */
export function startSpeaking(
  name: string,
  argv: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>>; readonly patienceMs: number },
): SpeakingProcess {
  const env = { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", LANG: "C.UTF-8", ...options.env };
  const child = spawn(node, [...argv], { cwd: options.cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
    });
  return {
    child,
    said: () => said,
    async until(what, ms = options.patienceMs) {
      const deadline = Date.now() + ms;
      while (typeof what === "string" ? !said.includes(what) : !what.test(said)) {
        if (Date.now() > deadline || child.exitCode !== null)
          throw new Error(`${name} did not say ${String(what)}; exit code ${child.exitCode}:\n${said}`);
        await sleep(25);
      }
    },
    async end(signal = "SIGTERM") {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? child.signalCode;
      const ended = once(child, "exit");
      child.kill(signal);
      await ended;
      return child.exitCode ?? child.signalCode;
    },
  };
}
