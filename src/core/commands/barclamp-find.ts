import { fail, HalliganError } from "../errors.ts";
import type { Barclamp } from "../model/barclamp.ts";
import { suggestion } from "../model/suggest.ts";
import type { FoundBarclamp, Local } from "./local.ts";

/** The barclamps that are meant: the named one, or all of an origin. @throws `BARCLAMP_UNKNOWN`. */
export async function findBarclamps(local: Local, name: string | undefined): Promise<readonly FoundBarclamp[]> {
  const all = await local.barclamps();
  if (name === undefined) return all;
  const found = all.filter((each) => each.name === name);
  if (found.length === 0) {
    throw fail("BARCLAMP_UNKNOWN", {
      message: `There is no barclamp \`${name}\`.`,
      hint: suggestion(
        name,
        all.map((each) => each.name),
      ),
    });
  }
  return found;
}

/** One barclamp by name. @throws `BARCLAMP_UNKNOWN`, or everything that is wrong with it. */
export async function findBarclamp(local: Local, name: string): Promise<{ readonly barclamp: Barclamp; readonly found: FoundBarclamp }> {
  const [found] = await findBarclamps(local, name);
  const [first, ...rest] = found?.problems ?? [];
  if (first !== undefined) throw new HalliganError([first, ...rest]);
  if (found?.barclamp === undefined) throw fail("BUG", { message: `Barclamp ${name} has neither content nor problems.` });
  return { barclamp: found.barclamp, found };
}
