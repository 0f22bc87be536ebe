import type { Clock, Meter } from "../ports.ts";

/** How often it is looked how the process gets on while somebody waits, ms. */
const lookMs = 20;
/** A look that comes later than this was kept waiting by the process, if that was computing; ms. Below the lesser time there is room for more. */
const lateMs = 15;
const inTimeMs = 8;
/** Share of the time since the last look in which the process computed: with less than this something else was to blame for the delay, and fewer things under way would not help. */
const computingShare = 0.4;
/**
 * Share of that time in which there was nothing to do. With less than the lesser one, more things under way only wait for each other here, and grow old in memory; with
 * more than the greater one some of the time in which things are on their nodes is not used.
 */
const idleShare = { least: 0.03, most: 0.09 };
/** So much may be under way to begin with, and always. */
const roomAtFirst = 64;
const leastRoom = 16;
/** How the room shrinks, at once where timers are late and slowly where nobody is idle, and grows: by a factor, and a little. */
const shrinking = { late: 0.7, full: 0.97 };
const growing = { factor: 1.1, more: 2 };
/** Nobody waits for longer than this behind things that take long: one of them is let in then, ms. */
const oneInMs = 500;

/** Lets in as much work as the process gets on with. */
export interface Intake {
  /**
   * Does `work` once there is room for it. First come, first served. `size`: how many checks or jobs of one node-role it is like (default one).
   * @throws what `work` throws, and the signal's reason while it has not begun.
   */
  take<T>(signal: AbortSignal, work: () => Promise<T>, size?: number): Promise<T>;
}

/** Somebody who waits for room. */
interface Waiting {
  readonly size: number;
  readonly go: () => void;
}

/**
 * Checks and jobs take most of their time on their nodes, so that a thousand of them can be under way at once; but what all of them say at the same moment keeps the
 * event loop busy for a long time, and what waits meanwhile (text, scripts, answers) fills the memory. So the room for things under way depends on how the process gets on: it shrinks
 * while that computes so much that timers are late or it is never idle, and grows while it is idle, however many are under way then. One for each process.
 */
export function createIntake(clock: Pick<Clock, "sleep">, meter: Meter): Intake {
  const waiting = new Set<Waiting>();
  let room = roomAtFirst;
  let underWay = 0;
  let looking = false;

  const admit = (): boolean => {
    const before = underWay;
    for (const one of waiting) {
      if (underWay >= room) break;
      letIn(one);
    }
    return underWay > before;
  };
  const letIn = (one: Waiting): void => {
    waiting.delete(one);
    underWay += one.size;
    one.go();
  };

  const shrink = (by: number): void => {
    room = Math.max(leastRoom, Math.min(room, underWay) * by);
  };

  const look = async (): Promise<void> => {
    looking = true;
    let at = meter.elapsedMs();
    let computed = meter.computedMs();
    let idled = meter.idleMs();
    let letInAt = at;
    while (waiting.size > 0) {
      await clock.sleep(lookMs);
      const now = meter.elapsedMs();
      const late = now - at - lookMs;
      const computing = (meter.computedMs() - computed) / (now - at);
      const idle = (meter.idleMs() - idled) / (now - at);
      [at, computed, idled] = [now, meter.computedMs(), meter.idleMs()];
      if (late > lateMs && computing > computingShare) shrink(shrinking.late);
      else if (idle < idleShare.least) shrink(shrinking.full);
      else if (late < inTimeMs && idle > idleShare.most) room = Math.max(room, underWay) * growing.factor + growing.more;
      if (admit()) letInAt = now;
      else if (now - letInAt >= oneInMs) {
        letInAt = now;
        const [first] = waiting;
        if (first !== undefined) letIn(first);
      }
    }
    looking = false;
  };

  return {
    async take(signal, work, size = 1) {
      signal.throwIfAborted();
      if (waiting.size === 0 && underWay < room) underWay += size;
      else await place(signal, size);
      try {
        return await work();
      } finally {
        underWay -= size;
        admit();
      }
    },
  };

  async function place(signal: AbortSignal, size: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const giveUp = (): void => {
        if (waiting.delete(one)) reject(signal.reason as Error);
      };
      const go = (): void => {
        signal.removeEventListener("abort", giveUp);
        resolve();
      };
      const one = { size, go };
      signal.addEventListener("abort", giveUp, { once: true });
      waiting.add(one);
      if (!looking) void look();
    });
  }
}
