import type { House } from "../house.ts";
import { readRunState } from "../run/requests.ts";
import { type RunState, hasEnded } from "../run/state.ts";
import type { Answer, CommandContext } from "./command.ts";
import { type LogReader, openLogReader } from "./log-reader.ts";
import { type LogSelection, logNames, selectLogs } from "./log-selection.ts";
import { chooseRun } from "./run-choose.ts";

/** What `logs` answers after all output was passed on. */
export interface LogsDocument {
  readonly halligan: 1;
  readonly kind: "logs";
  readonly run: string;
  readonly phase: RunState["phase"];
  readonly logs: readonly { readonly node: string; readonly role: string; readonly bytes: number }[];
}

/** How often following looks for new output, in ms. */
const pollMs = 250;

/** What `logs` was told. */
export interface LogsArgs {
  readonly of: readonly string[];
  readonly follow: boolean;
  readonly tail?: number | undefined;
}

/** Passes the selected logs on, and goes on until the run ends when following. @throws `RUN_NOT_FOUND`, `NODE_ROLE_UNKNOWN`, `USAGE`. */
export async function showLogs(context: CommandContext, { of, follow, tail }: LogsArgs): Promise<Answer> {
  const house = await context.house();
  const selection = selectLogs(of);
  const { run } = await chooseRun(house.store, selection.run);
  const { state } = await readRunState(house.store, run);
  const readers = new Map<string, LogReader>();
  if (!follow || hasEnded(state.phase)) {
    await drain(context, house, { state, selection, readers, tail }, true);
    return answer(state, readers);
  }
  return answer(await followLogs(context, house, { state, selection, readers, tail }), readers);
}

interface Reading {
  state: RunState;
  readonly selection: LogSelection;
  readonly readers: Map<string, LogReader>;
  readonly tail: number | undefined;
}

/** Passes on what is new in the selected logs, opening those that have come since. */
async function drain(context: CommandContext, house: House, reading: Reading, final: boolean): Promise<void> {
  const names = logNames(reading.state, reading.selection.of);
  const alone = reading.selection.of.length === 1 && reading.selection.of[0]?.includes("/") === true && names.length === 1;
  for (const name of names) {
    const key = `${name.node}/${name.role}`;
    let reader = reading.readers.get(key);
    if (reader === undefined) {
      reader = await openLogReader(house.logs, name, reading.tail);
      reading.readers.set(key, reader);
    }
    const text = await reader.next(final);
    if (text !== "") context.pass({ type: "log", ...name, text, ...(alone ? { alone } : {}) });
  }
}

/** Follows the run's journal for its end and for new logs, and the logs by looking again and again. */
async function followLogs(context: CommandContext, house: House, reading: Reading): Promise<RunState> {
  const { run } = reading.state;
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  let over = false;
  const journal = (async () => {
    try {
      for await (const { state } of house.follow(run, signal)) reading.state = state;
    } finally {
      over = true;
      stop.abort();
    }
  })();
  journal.catch(() => undefined); // awaited below, once what has come is printed
  try {
    while (!over && !context.signal.aborted) {
      await drain(context, house, reading, false);
      await house.clock.sleep(pollMs, signal).catch(() => undefined);
    }
    if (!context.signal.aborted) await journal;
    await drain(context, house, reading, true);
  } finally {
    stop.abort();
    await journal.catch(() => undefined);
  }
  return reading.state;
}

function answer(state: RunState, readers: ReadonlyMap<string, LogReader>): Answer {
  const logs = [...readers.values()].map(({ name: { node, role }, bytes }) => ({ node, role, bytes }));
  const document: LogsDocument = { halligan: 1, kind: "logs", run: state.run, phase: state.phase, logs };
  return { exit: 0, document: { ...document } };
}
