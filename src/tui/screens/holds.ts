import type { Freeze } from "../../core/authority/locks/freeze-state.ts";
import { coveredWords } from "../../core/authority/locks/lock-words.ts";
import type { Lock } from "../../core/authority/locks/lock-state.ts";
import type { QueuedRun, Waits } from "../../core/commands/authority/queue.ts";
import { durationWords, utcWords } from "../../core/words/time.ts";
import type { Holds } from "../data/authority-topics.ts";
import type { Look } from "../text/look.ts";
import { line } from "../text/line.ts";
import type { Intent } from "./screen.ts";
import { type Told, indent, part, prose } from "./told.ts";

/** What holds runs back: the queue, locks, freezes. */
export function holdLines({ queue, locks, freezes }: Holds, now: number, look: Look, width: number): readonly Told[] {
  const runs = [
    ...(queue.running === null ? [] : runLines(queue.running, "goes on", queue.running.held, look, width)),
    ...queue.waiting.flatMap((run) =>
      runLines(
        run,
        run.notBefore === null ? `place ${run.place}` : `place ${run.place}, not before ${utcWords(run.notBefore)}`,
        run.waits,
        look,
        width,
      ),
    ),
  ];
  return [
    ...part("queue", runs, "No run waits."),
    ...part(
      "locks",
      locks.flatMap((lock) => lockLines(lock, now, look, width)),
      "Nothing is locked; L takes a lock.",
    ),
    ...part(
      "freezes",
      freezes.flatMap((freeze) => freezeLines(freeze, now, look, width)),
      "Nothing is frozen; F sets a freeze.",
    ),
  ];
}

function runLines(run: QueuedRun, place: string, waits: readonly Waits[], look: Look, width: number): readonly Told[] {
  const glass = run.breakglass === null ? "" : `  BREAK-GLASS: ${run.breakglass}`;
  return [
    {
      id: `run:${run.run}`,
      text: `${run.run} ${place}, ${run.plan} of ${run.owner}${glass}${waits.map(({ message }) => `; ${message}`).join("")}`,
      line: line(
        [`${waits.length > 0 ? look.glyphs.waiting : look.glyphs.busy} `, waits.length > 0 ? "warn" : "busy"],
        [run.run, "strong"],
        [`  ${place}  ${run.plan} of ${run.owner}  ${run.deployments.join(" ")}`, "dim"],
        [glass, "bad"],
      ),
    },
    ...waits.flatMap(({ message }, index) =>
      prose(`run:${run.run}:${index}`, message, width - 2, "warn").map((told) => ({ ...told, line: indent(told.line, 2) })),
    ),
  ];
}

/** A lock with who holds it, why, and how long. */
export function lockLines(lock: Lock, now: number, look: Look, width: number): readonly Told[] {
  const { deployment, holder, reason, since, until } = lock;
  const ends = until === undefined ? "until it is released" : `${durationWords(until - now)} more`;
  const id = `lock:${deployment ?? ""}`;
  return [
    {
      id,
      text: `${lock.lock}: ${coveredWords(deployment === undefined ? [] : [deployment])} locked by ${holder}, ${ends}: ${reason}`,
      line: line(
        [`${look.glyphs.bad} `, "warn"],
        [coveredWords(deployment === undefined ? [] : [deployment]), "strong"],
        `  by ${holder}`,
        [`  for ${durationWords(now - since)}, ${ends}  ${lock.lock}`, "dim"],
      ),
    },
    ...prose(`${id}:why`, reason, width - 2).map((told) => ({ ...told, line: indent(told.line, 2) })),
  ];
}

function freezeLines(freeze: Freeze, now: number, look: Look, width: number): readonly Told[] {
  const { freeze: name, deployments, from, until, reason, by } = freeze;
  const open = from <= now;
  const when = open ? `${durationWords(until - now)} more, until ${utcWords(until)}` : `from ${utcWords(from)} to ${utcWords(until)}`;
  return [
    {
      id: `freeze:${name}`,
      text: `${name}: ${coveredWords(deployments)} ${open ? "is frozen" : "will be frozen"}, ${when}: ${reason}`,
      line: line(
        [`${open ? look.glyphs.bad : look.glyphs.waiting} `, open ? "warn" : "dim"],
        [coveredWords(deployments), "strong"],
        `  ${when}`,
        [`  ${name}, ${by === undefined ? "from the cluster file" : `by ${by}`}`, "dim"],
      ),
    },
    ...prose(`freeze:${name}:why`, reason, width - 2).map((told) => ({ ...told, line: indent(told.line, 2) })),
  ];
}

/** What releasing the row's lock or freeze asks. Somebody else's lock wants a reason, in a form. */
export function releaseIntents(id: string, { locks, freezes }: Holds, me: string): readonly Intent<never>[] {
  const lock = locks.find(({ deployment }) => id === `lock:${deployment ?? ""}` || id.startsWith(`lock:${deployment ?? ""}:`));
  if (id.startsWith("lock:") && lock !== undefined) {
    const where = lock.deployment === undefined ? [] : [lock.deployment];
    if (lock.holder !== me) return [{ want: "form", command: "unlock", rest: [...where, "--force"] }];
    return [
      ask(`unlock ${where.join("")}`.trim(), `Releases your lock of ${coveredWords(where)}. Runs that wait for it go on by themselves.`, [
        "unlock",
        ...where,
      ]),
    ];
  }
  const freeze = freezes.find(({ freeze: name }) => id === `freeze:${name}` || id.startsWith(`freeze:${name}:`));
  if (freeze !== undefined) {
    const window = freeze.by === undefined ? "Leaves this window out once" : `Lifts the freeze of ${coveredWords(freeze.deployments)}`;
    return [ask(`unfreeze ${freeze.freeze}`, `${window}. Runs that wait for it go on by themselves.`, ["unfreeze", freeze.freeze])];
  }
  return [];
}

/** A question that can be taken back, about one command line. */
export function ask(title: string, says: string, argv: readonly string[]): Intent<never> {
  return {
    want: "ask",
    confirmation: {
      level: "asks",
      title,
      says: [says],
      command: `halligan ${argv.join(" ")}`,
      effects: [{ do: "run", argv, show: "quiet" }],
    },
  };
}
