import { once } from "node:events";
import { createInterface } from "node:readline";
import { HalliganError, type Problem } from "../../core/errors.ts";
import { codes } from "../../core/problems/codes.ts";
import { runEngine } from "../../core/run/engine.ts";
import { withoutSecrets } from "../disclosure.ts";
import { systemClock } from "./clock.ts";
import { engineOwner } from "./engine-process.ts";
import { type HouseOptions, openHouse } from "./house.ts";

/** How long an engine that was started for one run stays when there is nothing to do; its connections stay open that long. */
const lingerMs = 15_000;

/**
 * The engine process: takes the lease, carries out what is asked for, leaves when there is nothing to do.
 * The first line of stdin holds the answers that a person gave to its starter, as JSON.
 */
export async function engineMain(options: Omit<HouseOptions, "ask" | "answers">): Promise<void> {
  const answers = await readAnswers();
  const house = await openHouse({ ...options, ask: async () => undefined, answers });
  const stop = new AbortController();
  process.once("SIGTERM", () => stop.abort(new Error("SIGTERM")));
  process.on("SIGINT", () => undefined); // a Ctrl+C in the starter's terminal is not meant for the engine
  process.on("SIGHUP", () => undefined);
  try {
    const { cluster } = await house.load();
    const owner = engineOwner();
    await runEngine(
      { store: house.store, clock: systemClock, cluster: cluster.name, owner, lingerMs, gate: house.judge, carryOut: house.carryOut },
      stop.signal,
    );
  } catch (error) {
    // Told to end: the next engine goes on, and there is nothing to say about it.
    if (stop.signal.aborted && error === stop.signal.reason) return;
    if (!(error instanceof HalliganError)) throw error;
    leaveWith(error.problems);
  } finally {
    await house.close();
  }
}

/** The engine's last words, for `engine.log`: whoever follows the run learns them from there or from the next engine. */
function leaveWith(problems: readonly [Problem, ...Problem[]]): void {
  const at = new Date(systemClock.now()).toISOString();
  for (const { code, message, cause } of problems)
    process.stderr.write(withoutSecrets(`${at} ${process.pid} ${code} ${message}${cause === undefined ? "" : ` ${cause}`}\n`));
  process.exitCode = codes[problems[0].code].exit;
}

async function readAnswers(): Promise<Readonly<Record<string, string>>> {
  const lines = createInterface({ input: process.stdin });
  const [line] = (await Promise.race([once(lines, "line"), once(lines, "close")])) as [string | undefined];
  lines.close();
  process.stdin.destroy();
  return line === undefined ? {} : (JSON.parse(line) as Record<string, string>);
}
