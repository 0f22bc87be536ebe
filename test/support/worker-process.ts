import { entry } from "../cli/run-cli.ts";
import { type SpeakingProcess, startSpeaking } from "./speaking-process.ts";

/** A `halligan worker` in a process of its own. A frozen one is thawed when it is killed. */
export interface WorkerProcess extends SpeakingProcess {
  readonly name: string;
}

/** Starts a worker for the cluster of a folder and waits until it works. */
export async function startWorker(
  file: string,
  state: string,
  name: string,
  argv: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<WorkerProcess> {
  const worker = startSpeaking(`worker ${name}`, [entry, "worker", "-f", file, "--state", state, "--name", name, ...argv], {
    patienceMs: 90_000,
    env,
  });
  await worker.until(/ works for /u);
  return { name, ...worker };
}
