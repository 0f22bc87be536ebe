import { resolve } from "node:path";
import { fail } from "../../errors.ts";
import type { Secret, Store } from "../../ports.ts";
import { openLogs } from "../logs.ts";
import { redisSchemes } from "./redis/address.ts";
import { snapshotsIn } from "./sqlite/snapshots.ts";
import { openSqliteStore } from "./sqlite/open.ts";
import type { State } from "./state.ts";

/** What opening a shared store may need beside its address. */
export interface StoreAccess {
  /** For a store on Redis whose address names no password file. */
  readonly password?: Secret;
}

/** Where the logs of a store in a file are; those of a shared one lie beside it. */
export interface StatePlace {
  readonly url: string;
  readonly logs: string;
}

/**
 * Opens the store that `--state` names, and its logs: a file path, `sqlite:PATH`, or an address on Redis.
 * Problems: `STORE_SCHEME`, and those of `openSqliteStore` and `openRedisState`.
 */
export async function openState({ url, logs }: StatePlace, access: StoreAccess = {}): Promise<State> {
  const path = filePath(url);
  if (path === undefined) {
    const { openRedisState } = await import("./redis/open.ts");
    return await openRedisState(url, access);
  }
  const store = await openSqliteStore(path);
  return {
    store,
    logs: openLogs(logs),
    snapshots: snapshotsIn(path, logs),
    about: async () => ({ kind: "embedded", where: resolve(path) }),
  };
}

/** Opens only the store that `--state` names. Problems as for `openState`. */
export async function openStore(url: string, access: StoreAccess = {}): Promise<Store> {
  return (await openState({ url, logs: "" }, access)).store;
}

/** The file of an embedded store; undefined = it is on Redis. @throws `STORE_SCHEME`. */
function filePath(url: string): string | undefined {
  // One letter before the colon is a Windows drive, not a scheme.
  const [, scheme, rest = ""] = /^([a-z][a-z0-9+.-]+):(.*)$/is.exec(url) ?? [];
  if (scheme === undefined) return nonEmpty(url, url);
  if (scheme.toLowerCase() === "sqlite") return nonEmpty(rest, url);
  if (redisSchemes.includes(scheme.toLowerCase())) return undefined;
  throw fail("STORE_SCHEME", {
    message: `"${scheme}:" is not a kind of store.`,
    hint: `Give a file path, \`sqlite:PATH\` or \`redis://HOST:PORT?site=NAME\`; a file whose name has a colon is written \`./${scheme}:...\`.`,
  });
}

function nonEmpty(path: string, url: string): string {
  if (path === "") throw fail("STORE_SCHEME", { message: `The store's address "${url}" has no path.` });
  return path;
}
