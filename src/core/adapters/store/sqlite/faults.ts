import { fail, HalliganError } from "../../../errors.ts";
import { fileFault } from "../file-faults.ts";

// Primary result codes: https://www.sqlite.org/rescode.html
const BUSY = 5;
const LOCKED = 6;
const NOMEM = 7;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const PERM = 3;
const NOTADB = 26;
// An extended result code that means something else than its primary code says.
const IOERR_SHMSIZE = 4874; // the shared-memory file could not grow: in practice a full disk

/** SQLite's (extended) result code of an error, if it comes from SQLite. */
function resultCode(error: unknown): number | undefined {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode : undefined;
}

/** True when another connection holds a lock that we need: try again shortly. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code !== undefined && ((code & 0xff) === BUSY || (code & 0xff) === LOCKED);
}

/** True when the fault lies in the storage, not in the one request that met it: the whole transaction is lost. */
export function isStorageFault(error: unknown): boolean {
  const code = resultCode(error);
  return code !== undefined && [NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, PERM, NOTADB].includes(code & 0xff);
}

/**
 * Turns what SQLite threw into a coded error; coded errors pass unchanged.
 * Gives `STORE_FULL`, `STORE_CORRUPT` or `STORE_UNAVAILABLE`.
 */
export function storeFault(error: unknown, file: string): HalliganError {
  if (error instanceof HalliganError) return error;
  const code = resultCode(error);
  if (code === undefined) return fileFault(error, file);
  if (code === IOERR_SHMSIZE) return full(error, file);
  const words = error instanceof Error ? error.message : String(error);
  switch (code & 0xff) {
    case FULL:
      return full(error, file);
    case CORRUPT:
    case NOTADB:
      return fail("STORE_CORRUPT", { message: `The store ${file} is damaged.`, cause: words, error });
    case READONLY:
      return fail("STORE_UNAVAILABLE", {
        message: `The store ${file} cannot be written.`,
        cause: "The file or its disk is read-only.",
        error,
      });
    default:
      return fail("STORE_UNAVAILABLE", { message: `The store ${file} cannot be used.`, cause: words, error });
  }
}

function full(error: unknown, file: string): HalliganError {
  return fail("STORE_FULL", { message: `There is no room for the store ${file} to grow.`, error });
}
