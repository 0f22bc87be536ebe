import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { programFile } from "../../core/adapters/files/package.ts";
import { shellWord } from "../../core/words/shell-word.ts";
import type { Child } from "../../tui/ports.ts";
import { frontVariable } from "../front.ts";
import type { TuiPlace } from "./tui.ts";

/** The options that make a command mean this cluster. */
function clusterOptions({ file, state, identity }: TuiPlace): readonly string[] {
  const option = (name: string, value: string | undefined): readonly string[] => (value === undefined ? [] : [name, value]);
  return ["--file", file, ...option("--state", state), ...option("--identity", identity)];
}

/** The same, as somebody types it who joins. */
export function joinOptions(place: TuiPlace): string {
  return ["-f", place.file, ...(place.state === undefined ? [] : ["--state", place.state])].map(shellWord).join(" ");
}

/** Arguments for Node that run a command of ours on the same cluster. */
export function commandArguments(place: TuiPlace, argv: readonly string[]): readonly string[] {
  return [...process.execArgv, programFile("cli/main"), ...clusterOptions(place), ...argv];
}

/** The environment without what this program has set for itself. */
export function childEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { NODE_ENV: _, [frontVariable]: __, ...rest } = process.env;
  return { ...rest, ...extra };
}

/** Tells a command of ours that it was asked for in the terminal UI. */
export const fromTui = { [frontVariable]: "tui" } as const;

/** Runs commands of ours, each in a process of its own with nobody to ask. */
export function createRunner(place: TuiPlace): (argv: readonly string[], said: (text: string) => void) => Child {
  return (argv, said) => {
    const colour = (process.env["NO_COLOR"] ?? "") === "" ? { FORCE_COLOR: "1" } : undefined;
    const child = spawn(process.execPath, commandArguments(place, argv), {
      cwd: dirname(place.file),
      env: childEnvironment({ ...fromTui, ...colour }),
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", said);
    }
    const done = new Promise<number>((resolve) => {
      child.on("error", (error) => {
        said(`${error.message}\n`);
        resolve(70);
      });
      child.on("close", (code) => resolve(code ?? 70));
    });
    return { done, stop: () => void child.kill("SIGTERM") };
  };
}
