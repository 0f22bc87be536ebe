import { fail, HalliganError } from "../../errors.ts";

/** The `code` of a failed system call (`ENOSPC`, `EACCES` ...), if the error has one. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/**
 * Turns what a system call on a file of ours threw into a coded error; coded errors pass unchanged.
 * Gives `STORE_FULL` or `STORE_UNAVAILABLE`.
 */
export function fileFault(error: unknown, file: string): HalliganError {
  if (error instanceof HalliganError) return error;
  const errno = errnoOf(error);
  switch (errno) {
    case "ENOSPC":
    case "EDQUOT":
    case "EFBIG":
      return fail("STORE_FULL", { message: `There is no room to write ${file}.`, cause: `The system answered ${errno}.`, error });
    case "EROFS":
      return fail("STORE_UNAVAILABLE", { message: `${file} cannot be written.`, cause: "Its file system is mounted read-only.", error });
    case "EACCES":
    case "EPERM":
      return fail("STORE_UNAVAILABLE", {
        message: `This user may not use ${file}.`,
        cause: "The file or its folder belongs to somebody else, perhaps because a command ran with sudo before.",
        error,
      });
    case "ENOTDIR":
    case "EEXIST":
    case "EISDIR":
      return fail("STORE_UNAVAILABLE", {
        message: `${file} cannot be used.`,
        cause: "A file stands where a folder should be, or a folder where a file should be.",
        error,
      });
    default:
      return fail("STORE_UNAVAILABLE", {
        message: `${file} cannot be used.`,
        cause: error instanceof Error ? error.message : String(error),
        error,
      });
  }
}
