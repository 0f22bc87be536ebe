import { fail, HalliganError } from "../../../errors.ts";

/**
 * Turns what Redis or its client answered into a coded error; coded errors pass unchanged. `where` is the store's address as it may be shown.
 * Gives `STORE_FULL` or `STORE_UNAVAILABLE`. Error words: https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors
 */
export function redisFault(error: unknown, where: string): HalliganError {
  if (error instanceof HalliganError) return error;
  const words = error instanceof Error ? error.message : String(error);
  const [, word = ""] = /^(?:ERR )?(?:Error running script.*?: )?-?([A-Z]+)\b/u.exec(words) ?? [];
  const known = faults[word] ?? (/\bOOM\b/u.test(words) ? faults["OOM"] : undefined);
  if (known?.code === "STORE_FULL") {
    return fail("STORE_FULL", {
      message: `The store ${where} has no memory left.`,
      cause: words,
      hint: "Raise `maxmemory` of the Redis server, or prune the store, and run the command again: it goes on where it was.",
      error,
    });
  }
  return fail("STORE_UNAVAILABLE", {
    message: `The store ${where} cannot be used: ${known?.says ?? "no answer"}.`,
    cause: words,
    hint: known?.hint ?? "Look whether the Redis server is up and can be reached from here; `halligan doctor` looks too.",
    error,
  });
}

interface Fault {
  readonly code?: "STORE_FULL";
  readonly says: string;
  readonly hint: string;
}

const login =
  "Check `user` and `passwordFile` in the address, or HALLIGAN_REDIS_PASSWORD, against the server's ACL (docs/store.md lists what is needed).";

const faults: Readonly<Record<string, Fault>> = {
  OOM: { code: "STORE_FULL", says: "no memory left", hint: "" },
  NOAUTH: { says: "it wants a password", hint: login },
  WRONGPASS: { says: "it refuses the password", hint: login },
  NOPERM: { says: "its user may not do this", hint: login },
  READONLY: { says: "this server is a replica", hint: "Give the address of the primary, or use redis-sentinel://." },
  MISCONF: { says: "it cannot save to its disk and refuses writes", hint: "Look at the Redis server's disk and log." },
  LOADING: { says: "it is still loading its data", hint: "Try again in a moment." },
  NOREPLICAS: {
    says: "too few replicas are there",
    hint: "Look at the replicas: the server is told to refuse writes without them (min-replicas-to-write).",
  },
  CLUSTERDOWN: { says: "the cluster is down", hint: "`redis-cli cluster info` says why." },
};
