import type { Clock } from "../../ports.ts";

/** How often it is looked whether something came, ms. */
const tickMs = 5_000;
/** Looks without a sign of life after which a connection on which nothing is on its way is given up. */
const ticksBorne = 3;
/** The slowest link on which Halligan works, bytes a second: what was handed over gets the time that it takes there, unless the link has shown to be faster. */
const slowestBytesPerSecond = 512;
/** More time than this is not given, in looks. */
const mostTicksMore = 12;

/** After how many bytes of input the other side is asked for an answer: one packet, so that most scripts need one question or none; at the slowest rate it comes in time. */
export const askEveryBytes = 32_768;

/** Tells whether the other side of a connection still lives. */
export interface Liveness {
  /** Begins the watch, once the other side is ready to answer. */
  start(): void;
  /** Something came from the other side, whatever it was. */
  heard(): void;
  /** So many bytes were handed to the network. */
  wrote(bytes: number): void;
  /** Asks for an answer behind everything that was written so far: it will show how far that has come. `answered` hears of it, and of the connection's end. */
  ask(answered?: () => void): void;
  /** Ends the watch. */
  end(): void;
}

/** What the watch acts through. */
export interface LivenessDeps {
  readonly clock: Clock;
  /** Sends a question that any SSH server answers, behind what was written before; `answered` is called with the answer. */
  ping(answered: () => void): void;
  /** Called once: nothing came for so many seconds although an answer was due. */
  dead(seconds: number): void;
}

/**
 * Watches a connection. It is dead when nothing came for 15 s although the other side was asked; bytes that stand before the question get the time that they take on
 * a link of 512 B/s, a minute at most, or as fast as this one has been at least: a node that lost its power while a script was on its way is missed sooner. Looks
 * are counted, not moments: whoever was frozen, or whose clock was set, has not waited.
 */
export function watchLiveness({ clock, ping, dead }: LivenessDeps): Liveness {
  const ending = new AbortController();
  let written = 0;
  let arrived = 0;
  let silent = 0;
  let looks = 0;
  let bytesPerLook = (slowestBytesPerSecond * tickMs) / 1_000;
  /** Answers that are due, in order: up to where the other side will have read then, and after how many looks it was asked. */
  const asked: { readonly upTo: number; readonly at: number }[] = [];

  const ask = (answered?: () => void): void => {
    const question = { upTo: written, at: looks };
    asked.push(question);
    ping(() => {
      asked.shift();
      // At least so fast: what was asked behind may have been written a look before, and the answer may have come right after one.
      bytesPerLook = Math.max(bytesPerLook, (question.upTo - arrived) / (looks - question.at + 2));
      arrived = question.upTo;
      silent = 0;
      answered?.();
    });
  };

  const bearable = (): number => {
    const onTheWay = (asked[0]?.upTo ?? arrived) - arrived;
    return ticksBorne + Math.min(mostTicksMore, Math.floor(onTheWay / bytesPerLook));
  };

  const watch = async (): Promise<void> => {
    for (let due = clock.now(); ; ) {
      // As long after the last look was due, not after it came: timers that come late together would else stay together, and a thousand connections would sooner or later
      // all ask in the same moment. Never much less than a look, whatever the clock does.
      const now = clock.now();
      const waitMs = Math.min(tickMs * 1.5, Math.max(tickMs * 0.5, due + tickMs - now));
      due = now + waitMs;
      await clock.sleep(waitMs, ending.signal);
      looks += 1;
      silent += 1;
      if (silent > bearable()) return dead(((silent - 1) * tickMs) / 1_000);
      if (asked.length === 0) ask();
    }
  };

  return {
    start: () => void watch().catch(() => undefined), // it was ended
    heard: () => void (silent = 0),
    wrote: (bytes) => void (written += bytes),
    ask,
    end: () => ending.abort(),
  };
}
