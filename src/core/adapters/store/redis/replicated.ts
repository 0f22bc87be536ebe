import type { Redis } from "ioredis";
import { redisFault } from "./faults.ts";

/** How long a replica has for saying that it has something, before it is looked whether this server is still the primary, ms. */
const confirmWithinMs = 1_000;

/** Carries out a change; it is called again when nobody knows whether the change stays. */
type Keep = <T>(change: () => Promise<T>) => Promise<T>;

/**
 * Where a server wants replicas for what it writes (`min-replicas-to-write`), a change counts once one of them has it. A primary that was frozen or cut off while
 * a replica took its place still takes writes, and loses them when it hears of it: it has no replica any more that could say so. Then the change is carried out again, on the server that is the
 * primary now; changes bear that. After `withinMs` it is refused like a server without replicas does it.
 */
export function replicated(redis: Redis, where: string, withinMs: number): Keep {
  let connection = 0;
  let wanted: Promise<boolean> | undefined;
  redis.on("close", () => {
    connection += 1;
    wanted = undefined;
  });
  const isWanted = async (): Promise<boolean> => {
    // Who may not ask does not know, and has what the server promises by itself.
    wanted ??= redis.info("replication").then(
      (told) => told.includes("\nmin_slaves_good_slaves:"),
      () => false,
    );
    return await wanted;
  };
  // Who may not wait has what the server promises by itself, too.
  const confirm = together(() => redis.wait(1, confirmWithinMs).catch((error: Error) => (error.message.startsWith("NOPERM") ? 1 : 0)));
  return async (change) => {
    for (const until = performance.now() + withinMs; ; ) {
      const over = connection;
      const answer = await change();
      if (!(await isWanted())) return answer;
      // The server counts what came over one connection: what another one carried is not in it.
      if ((await confirm()) > 0 && over === connection) return answer;
      if (performance.now() > until) throw redisFault(new Error("NOREPLICAS No replica has what was written."), where);
      if (over === connection) redis.disconnect(true);
    }
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
