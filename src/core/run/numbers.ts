import { hasCode } from "../errors.ts";
import type { Store } from "../ports.ts";

/** What is numbered: `P-n`, `R-n`, `A-n`, `V-n` (revisions), `D-n` (proposals, drafts of a change). */
export type Series = "plans" | "runs" | "approvals" | "revisions" | "proposals";

/** The next number of a series: each is given out once, whoever asks. */
export async function nextNumber(store: Store, series: Series): Promise<number> {
  for (;;) {
    const doc = await store.get<number>("numbers", series);
    const next = (doc?.value ?? 0) + 1;
    try {
      await store.put("numbers", series, next, doc?.rev ?? 0);
      return next;
    } catch (error) {
      if (!hasCode(error, "VERSION_CONFLICT")) throw error;
    }
  }
}

/** The number that was given out last; 0 = none. */
export async function lastNumber(store: Store, series: Series): Promise<number> {
  return (await store.get<number>("numbers", series))?.value ?? 0;
}
