import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import { redisFault } from "./faults.ts";

/** How long a replica has for saying that it has something, before it is looked whether this server is still the primary, ms. */
const confirmWithinMs = 1_000;

/** How long who only looks waits for a replica, and then how long nobody who looks waits again, ms. */
const lookWithinMs = 3_000;
const lookAgainMs = 10_000;

/** How one connection deals with servers whose primary may be another one in the next moment. Each calls `work` again when nobody knows whether that stays. */
interface Replicated {
  /** Changes, until replicas have the change. After `withinMs` it is refused like a server without replicas does it. */
  change<T>(work: () => Promise<T>): Promise<T>;
  /** Reads, until a replica has all of what was read; refused likewise. What `isNothing` needs no replica. */
  follow<T>(work: () => Promise<T>, isNothing: (answer: T) => boolean): Promise<T>;
  /** As `follow`, for a shorter time; then it is given as it is: who looks at a store that has lost its replicas should see what there is. */
  look<T>(work: () => Promise<T>): Promise<T>;
}

/** What is known of the server. */
interface ReplicatedOptions {
  /** Its address as it may be shown. */
  readonly where: string;
  /** A key whose value means nothing: a replica that has a change of it has all that was there before. */
  readonly marker: string;
  /** How long a change may wait, ms. */
  readonly withinMs: number;
  /** Whether none of the other servers says that another one is the primary. */
  isUndisputed(): Promise<boolean>;
}

/**
 * Where a server wants replicas for what it writes (`min-replicas-to-write`), a change counts once they have it. A primary that was frozen or cut off while
 * a replica took its place still takes writes, and loses them when it hears of it: it has no replica any more that could say so. Then the change is carried out again, on the server that is the
 * primary now; changes bear that. Likewise nobody is told of what only such a primary has: it will be gone, and its positions will be those of other events.
 * One replica is not enough where there were more: the one that is missing may have taken its place, while another one has not heard of that and still follows it. Then, and
 * on a connection that is not the first, the other servers are asked too.
 */
export function replicated(redis: Redis, { where, marker, withinMs, isUndisputed }: ReplicatedOptions): Replicated {
  let connection = 0;
  let replicas = 1;
  let isVetted = true;
  let wanted: Promise<boolean> | undefined;
  let lookedInVain = -Infinity;
  redis.on("close", () => {
    connection += 1;
    wanted = undefined;
    isVetted = false;
  });
  const isWanted = async (): Promise<boolean> => {
    // Who may not ask does not know, and has what the server promises by itself. A replica was perhaps a primary of which it is wanted.
    wanted ??= redis.info("replication").then(
      (told) => {
        replicas = Math.max(1, Number(/^connected_slaves:(\d+)/mu.exec(told)?.[1] ?? 1));
        return told.includes("\nmin_slaves_good_slaves:") || told.includes("\nrole:slave");
      },
      () => false,
    );
    return await wanted;
  };
  // Who may not wait has what the server promises by itself, too. The server counts what came over one connection: what another one carried is not in it.
  const wait = async (): Promise<boolean> => {
    const had = replicas;
    const has = await redis.wait(had, confirmWithinMs).catch((error: Error) => (error.message.startsWith("NOPERM") ? had : 0));
    if (has === 0) return false;
    const over = connection;
    if ((has < had || !isVetted) && (!(await isUndisputed()) || over !== connection)) return false;
    isVetted = true;
    replicas = has;
    return true;
  };
  const changed = together(wait);
  // A server that refuses the marker for want of replicas is asked for it again and again: longer than who reads should wait.
  const marked = together(() => {
    const done = redis.set(marker, "").then(wait, () => false);
    return Promise.race([done, sleep(2 * confirmWithinMs, false, { ref: false })]);
  });

  const safely = async <T>(
    work: () => Promise<T>,
    confirm: (answer: T) => Promise<boolean>,
    forMs: number,
    orElse: (answer: T) => T,
  ): Promise<T> => {
    for (const until = performance.now() + forMs; ; ) {
      const over = connection;
      const answer = await work();
      if (!(await isWanted())) return answer;
      if ((await confirm(answer)) && over === connection) return answer;
      if (performance.now() > until) return orElse(answer);
      if (over === connection) redis.disconnect(true);
    }
  };
  const refuse = (): never => {
    throw redisFault(new Error("NOREPLICAS No replica has what is there."), where);
  };
  return {
    change: (work) => safely(work, changed, withinMs, refuse),
    follow: (work, isNothing) => safely(work, async (answer) => isNothing(answer) || (await marked()), withinMs, refuse),
    look: async (work) => {
      if (performance.now() - lookedInVain < lookAgainMs) return await work();
      return await safely(work, marked, lookWithinMs, (answer) => {
        lookedInVain = performance.now();
        return answer;
      });
    },
  };
}

/** Calls that come while one is under way share the next one: what they ask about came after it. */
function together<T>(work: () => Promise<T>): () => Promise<T> {
  let current: Promise<T> | undefined;
  let next: Promise<T> | undefined;
  const begin = (): Promise<T> => {
    current = work().finally(() => (current = undefined));
    return current;
  };
  return () => {
    if (current === undefined) return begin();
    next ??= current.then(() => {
      next = undefined;
      return begin();
    });
    return next;
  };
}
