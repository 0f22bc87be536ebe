import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Account } from "./rig/cgroups.ts";

/** What one command line took. */
export interface Measured {
  readonly wallMs: number;
  /** Computing time of the command and all that it started here. */
  readonly controllerMs: number | undefined;
  readonly nodesMs: number | undefined;
  readonly exit: number;
}

/** Computing time that follows the end of a command (closing connections) belongs to it. */
const settleMs = 200;

/** Runs a command as a whole process, its output in a file, and measures it. */
export async function measure(
  command: readonly string[],
  place: { readonly cwd: string; readonly output: string; readonly controller: Account; readonly nodes: Account },
): Promise<Measured> {
  const { controller, nodes } = place;
  const before = [controller.usedMs(), nodes.usedMs()] as const;
  const started = performance.now();
  const exit = await runIn(controller, command, place.cwd, place.output);
  const wallMs = performance.now() - started;
  await sleep(settleMs);
  return { wallMs, controllerMs: since(before[0], controller.usedMs()), nodesMs: since(before[1], nodes.usedMs()), exit };
}

/** Runs a command in an account; gives its exit code. */
export function runIn(account: Account, command: readonly string[], cwd: string, output: string): Promise<number> {
  const file = openSync(output, "w");
  const join = account.joinFile === undefined ? [] : ["/bin/sh", "-c", `echo 0 >"$0" && exec "$@"`, account.joinFile];
  const [program = "", ...args] = [...join, ...command];
  const child = spawn(program, args, { cwd, stdio: ["ignore", file, file] });
  closeSync(file);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

function since(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined || after === undefined ? undefined : after - before;
}
