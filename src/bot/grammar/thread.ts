import { wordPlaces } from "../../core/commands/arguments.ts";
import type { CommandDefinition } from "../../core/commands/command.ts";

/** What a thread is about. `request`: the open approval request of the plan; `run`: the newest run of the plan. */
export interface ThreadSubject {
  readonly cluster: string;
  readonly plan?: string;
  readonly request?: string;
  readonly run?: string;
}

/** Arguments that a thread can stand for, by their key: alone in their place, or the first of several. */
const byKey: Readonly<Record<string, readonly (keyof Omit<ThreadSubject, "cluster">)[]>> = {
  run: ["run"],
  plan: ["plan"],
  request: ["request"],
  targets: ["plan"],
  nodeRole: ["run", "request"],
  of: ["run"],
};

/** The words behind a command and its cluster, with the id of the thread's plan, request or run where that was left out. Pure. */
export function withSubject(command: CommandDefinition, words: readonly string[], thread: ThreadSubject): readonly string[] {
  const [key = ""] = command.positionals;
  const kinds = byKey[key];
  // A note is about a place, not about a run.
  if (kinds === undefined || command.id === "note") return words;
  const id = kinds.map((kind) => thread[kind]).find((each) => each !== undefined);
  if (id === undefined) return words;
  const own = command.id.split(" ").length;
  const places = wordPlaces([...command.id.split(" "), ...words], command).map((index) => index - own);
  const first = places[0] === undefined ? undefined : words[places[0]];
  if (first === undefined) return [id, ...words];
  // `handoff @bob` in the thread of R-3, and `logs web1`: the id goes before what was given
  const goesBefore = command.positionals.length > 1 || key === "of";
  return goesBefore && !/^[RPA]-\d+$/u.test(first) ? [id, ...words] : words;
}
