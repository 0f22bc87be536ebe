import { hasCode } from "../errors.ts";
import type { Store } from "../ports.ts";

/** The next number of a series (`P-n`, `R-n`, `A-n`): each is given out once, whoever asks. */
export async function nextNumber(store: Store, series: "plans" | "runs" | "approvals"): Promise<number> {
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
export async function lastNumber(store: Store, series: "plans" | "runs" | "approvals"): Promise<number> {
  return (await store.get<number>("numbers", series))?.value ?? 0;
}
