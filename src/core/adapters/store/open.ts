import { fail } from "../../errors.ts";
import type { Store } from "../../ports.ts";
import { openSqliteStore } from "./sqlite/open.ts";

/**
 * Opens the store that `--state` names: a file path, or `sqlite:PATH`.
 * Problems: `STORE_SCHEME`, and those of `openSqliteStore`.
 */
export async function openStore(url: string): Promise<Store> {
  // One letter before the colon is a Windows drive, not a scheme.
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]+):(.*)$/is.exec(url) ?? [];
  if (scheme === undefined) return openSqliteStore(nonEmpty(url, url));
  switch (scheme.toLowerCase()) {
    case "sqlite":
      return openSqliteStore(nonEmpty(rest ?? "", url));
    case "redis":
    case "rediss":
      throw fail("STORE_SCHEME", {
        message: "A shared store on Redis comes with a later version of Halligan; this one keeps its state in a file.",
      });
    default:
      throw fail("STORE_SCHEME", {
        message: `"${scheme}:" is not a kind of store.`,
        hint: `Give a file path or \`sqlite:PATH\`; a file whose name has a colon is written \`./${scheme}:...\`.`,
      });
  }
}

function nonEmpty(path: string, url: string): string {
  if (path === "") throw fail("STORE_SCHEME", { message: `The store's address "${url}" has no path.` });
  return path;
}
