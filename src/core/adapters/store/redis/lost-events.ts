import { fail, type HalliganError } from "../../../errors.ts";
import type { Position } from "../../../ports.ts";

const hint =
  "Start this process again: it goes on from what is there. Was the store emptied, fill it from a backup first (`halligan state import FILE`). `halligan doctor` says which settings of Redis prevent this.";

/** For who has seen the journal end at `seen`, when it ends at `found`, before that. */
export function shorter(where: string, seen: Position, found: Position): HalliganError {
  return fail("STORE_UNAVAILABLE", {
    message: `The store ${where} has lost events: it ended at ${seen} and now ends at ${found}.`,
    cause:
      "A replica that had not received everything became the primary, the server was started from an older copy, or somebody emptied it.",
    hint,
  });
}

/** For who has seen the event at a position, when another one is there. */
export function replaced(where: string, position: Position): HalliganError {
  return fail("STORE_UNAVAILABLE", {
    message: `The store ${where} has lost events: at ${position} there is another event now.`,
    cause: "A replica that had not received everything became the primary, or the server was started from an older copy.",
    hint,
  });
}
