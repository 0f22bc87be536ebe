import { fail } from "../../core/errors.ts";

/** Takes the guided tour and gives its exit code. */
export async function takeTour(_options: {
  readonly driver: "sandbox" | "nspawn";
  readonly nodes: number;
}): Promise<{ readonly exit: 0 | 1 }> {
  throw fail("LATER_STAGE", {
    message: "The tour is not there yet.",
    hint: "`halligan lab up`, `halligan discover` and `halligan plan` do the same by hand.",
  });
}
