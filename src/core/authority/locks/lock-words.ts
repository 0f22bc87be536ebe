import { listed } from "../../words/count.ts";
import { utcWords } from "../../words/time.ts";
import type { Lock } from "./lock-state.ts";

/** What a lock or a freeze covers: the cluster, or deployments by name. */
export function coveredWords(deployments: readonly string[]): string {
  if (deployments.length === 0) return "the cluster";
  return `${deployments.length === 1 ? "deployment" : "deployments"} ${listed(deployments)}`;
}

/** The first letter in upper case. */
export function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** What to do about locks of others, with the command that an admin would take them away with. */
export function lockedHint(locks: readonly Lock[]): string {
  const named = locks.flatMap(({ deployment }) => (deployment === undefined ? [] : [deployment]));
  const whole = named.length < locks.length ? ["`halligan unlock --force --reason TEXT`"] : [];
  const some = named.length === 0 ? [] : [`\`halligan unlock ${named.join(" ")} --force --reason TEXT\``];
  return `Ask the holder to \`halligan unlock\`, or wait; an admin can take the lock away with ${[...whole, ...some].join(" and ")}.`;
}

/** A lock in a sentence, without its full stop. Always the same for the same lock: it says when it ends, not how long that is from now. */
export function lockWords(lock: Lock): string {
  const covered = coveredWords(lock.deployment === undefined ? [] : [lock.deployment]);
  return sentence(
    `${covered} is locked by ${lock.holder}: ${lock.reason}${lock.until === undefined ? "" : `, until ${utcWords(lock.until)}`}`,
  );
}
