import { existsSync } from "node:fs";
import { fail, HalliganError, type Problem, problem } from "../../errors.ts";
import { serveNspawn } from "./nspawn/serve.ts";
import { identify } from "./processes.ts";
import { serveSandbox } from "./sandbox/serve.ts";
import { type LabPaths, type LabState, labPaths, readState, writeState } from "./state.ts";
import type { LabFact } from "./types.ts";

/** What the lab's daemon tells the process that started it. */
export type DaemonMessage =
  | { readonly kind: "fact"; readonly fact: LabFact }
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly problems: readonly [Problem, ...Problem[]] };

interface Served {
  readonly state: LabState;
  stop(): Promise<void>;
}

function send(message: DaemonMessage): void {
  if (process.connected) process.send?.(message);
}

async function serve(paths: LabPaths, wanted: LabState): Promise<Served> {
  switch (wanted.driver) {
    case "sandbox":
      return await serveSandbox(paths, wanted, (fact) => send({ kind: "fact", fact }));
    case "nspawn":
      return await serveNspawn(paths, wanted, (fact) => send({ kind: "fact", fact }));
    default:
      return wanted satisfies never;
  }
}

/** How often the daemon looks whether its folder is still there. */
const folderCheckMs = 5_000;

/** Serves the lab of one folder until it is told to end. Its starter gets `DaemonMessage`s; when the starter goes away before `ready`, it gives up. */
async function main(folder: string): Promise<void> {
  const paths = labPaths(folder);
  const wanted = readState(paths);
  if (wanted === undefined) throw fail("LAB_FAILED", { message: `There is no lab state in ${folder}.` });
  const self = identify(process.pid);
  writeState(paths, { ...wanted, daemon: self });
  let served: Served | undefined;
  let ending = false;
  const end = async (code: number): Promise<void> => {
    if (ending) return;
    ending = true;
    // While the lab is still being made, whoever makes it sees `ending` when it is done.
    if (served === undefined) return;
    await served.stop();
    process.exit(code);
  };
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(name, () => void end(0));
  process.on("disconnect", () => {
    if (served === undefined) ending = true;
  });
  process.on("uncaughtException", (error) => {
    process.stderr.write(`${error.stack ?? error.message}\n`);
    void end(1);
  });
  try {
    served = await serve(paths, wanted);
  } catch (error) {
    if (!(error instanceof HalliganError)) process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    const problems = error instanceof HalliganError ? error.problems : ([problem("BUG", { message: String(error) })] as const);
    send({ kind: "failed", problems });
    process.exitCode = 1;
    if (process.connected) process.disconnect();
    return;
  }
  if (ending) {
    await served.stop();
    process.exit(0);
  }
  writeState(paths, { ...served.state, daemon: self });
  send({ kind: "ready" });
  // Somebody who removes the folder instead of taking the lab down has no other way to end it.
  setInterval(() => {
    if (!existsSync(paths.state)) void end(0);
  }, folderCheckMs).unref();
}

const folder = process.argv[2];
if (folder !== undefined) void main(folder);
