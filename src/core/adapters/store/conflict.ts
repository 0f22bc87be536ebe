import { fail, type HalliganError } from "../../errors.ts";

/** The error of a compare-and-swap that lost. */
export function conflict(what: string, expected: number, actual: number): HalliganError {
  return fail("VERSION_CONFLICT", { message: `Somebody else changed ${what}: expected version ${expected}, found ${actual}.` });
}
