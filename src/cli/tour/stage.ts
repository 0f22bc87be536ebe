import { spawn } from "node:child_process";
import { createInterface } from "node:readline/promises";
import { programFile } from "../../core/adapters/files/package.ts";
import { durationWords } from "../../core/words/time.ts";
import { createScreen } from "../screen.ts";

/** Where the tour's commands run and what they print goes. */
export interface Stage {
  /** Begins a part of the tour: a title, and what it is about. */
  part(title: string, text: string): void;
  /** Says a paragraph of the tour. */
  say(text: string): void;
  /** Runs a command of Halligan in the lab's folder, as a person would; what it prints is seen. Returns its exit code. */
  run(...args: readonly string[]): Promise<number>;
  /** Runs a command with `--json` and returns its document; what it prints is not seen. */
  ask(...args: readonly string[]): Promise<unknown>;
  /** Waits until the person presses enter; false when they would rather end here. */
  ready(prompt: string): Promise<boolean>;
}

/** A command of the tour that ended with an unexpected exit code; it has said why itself. */
export class TourStopped extends Error {
  override readonly name = "TourStopped";
  readonly exit: number;
  constructor(exit: number) {
    super(`stopped with exit code ${exit}`);
    this.exit = exit;
  }
}

/** Makes the stage: commands are processes of their own, run by the same program as this one. */
export function createStage(folder: string, signal: AbortSignal): Stage {
  const program = programFile("cli/main");
  const start = (args: readonly string[], stdout: "inherit" | "pipe"): Promise<{ readonly exit: number; readonly text: string }> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [program, ...args], { cwd: folder, stdio: ["inherit", stdout, "inherit"] });
      let text = "";
      child.stdout?.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
      });
      const stop = (): void => void child.kill("SIGTERM");
      signal.addEventListener("abort", stop, { once: true });
      child.once("error", reject);
      child.once("close", (code) => {
        signal.removeEventListener("abort", stop);
        resolve({ exit: code ?? 6, text });
      });
    });
  const { isTTY, columns } = process.stdout;
  const screen = createScreen({ isTerminal: isTTY, columns, plain: false, environment: process.env });
  return {
    part: (title, text) => void process.stdout.write(`\n${screen.bold(title)} ${text}\n`),
    say: (text) => void process.stdout.write(`\n${text}\n`),
    async run(...args) {
      const began = performance.now();
      process.stdout.write(`\n${screen.cyan(`$ halligan ${args.join(" ")}`)}\n`);
      const { exit } = await start(args, "inherit");
      process.stdout.write(screen.dim(`(${durationWords(performance.now() - began)})\n`));
      return exit;
    },
    async ready(prompt) {
      const lines = createInterface({ input: process.stdin, output: process.stdout });
      try {
        await lines.question(`\n${prompt}`, { signal });
        return true;
      } catch {
        return false; // Ctrl+C or Ctrl+D
      } finally {
        lines.close();
      }
    },
    async ask(...args) {
      const { exit, text } = await start([...args, "--json"], "pipe");
      if (exit !== 0) throw new TourStopped(exit);
      return JSON.parse(text);
    },
  };
}

/** Runs a command that must succeed. */
export async function mustRun(stage: Stage, ...args: readonly string[]): Promise<void> {
  const exit = await stage.run(...args);
  if (exit !== 0) throw new TourStopped(exit);
}
