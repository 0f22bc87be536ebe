import type { LockedDocument } from "../../../core/commands/authority/lock.ts";
import type { LockRow, LocksDocument } from "../../../core/commands/authority/locks.ts";
import type { UnlockedDocument } from "../../../core/commands/authority/unlock.ts";
import { listed } from "../../../core/words/count.ts";
import { agoWords, durationWords } from "../../../core/words/time.ts";
import { type Screen, table } from "../../screen.ts";

/** All locks. */
export function locksView({ locks, at }: LocksDocument, screen: Screen): readonly string[] {
  if (locks.length === 0) return ["Nothing is locked."];
  return table<LockRow>(
    screen,
    [
      { title: "LOCK", cell: (each) => each.lock },
      { title: "WHAT", cell: (each) => each.deployment ?? "the cluster" },
      { title: "HOLDER", cell: (each) => each.holder },
      { title: "SINCE", cell: (each) => agoWords(at - each.since) },
      { title: "ENDS", cell: (each) => endWords(each, at) },
      { title: "REASON", cell: (each) => each.reason, flexible: true },
    ],
    locks,
  );
}

/** Locks that were taken. */
export function lockedView({ locks, at }: LockedDocument, screen: Screen): readonly string[] {
  const what = whatWords(locks);
  const [first] = locks;
  const end = first === undefined || first.until === null ? "until you release it" : `for ${durationWords(first.until - at)}`;
  const names = locks.flatMap((each) => (each.deployment === null ? [] : [` ${each.deployment}`]));
  return [`You hold ${what} ${end}. Runs of others wait there.`, `Next: ${screen.bold(`halligan unlock${names.join("")}`)} releases it.`];
}

/** Locks that were released or taken away. */
export function unlockedView({ locks, takenFrom }: UnlockedDocument): readonly string[] {
  const from = takenFrom.length === 0 ? "" : ` It was taken from ${listed(takenFrom)}: tell them.`;
  return [`${sentence(whatWords(locks))} ${locks.length === 1 ? "is" : "are"} unlocked.${from}`];
}

function whatWords(locks: readonly LockRow[]): string {
  const names = locks.flatMap((each) => (each.deployment === null ? [] : [each.deployment]));
  return names.length === 0 ? "the cluster" : `${names.length === 1 ? "deployment" : "deployments"} ${listed(names)}`;
}

function endWords({ until }: LockRow, at: number): string {
  return until === null ? "when released" : `in ${durationWords(until - at)}`;
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
