import { compareNatural } from "./natural-order.ts";
import { maxExpansion } from "./range.ts";

/** A name taken apart at one run of digits. */
interface Cut {
  readonly before: string;
  readonly digits: string;
  readonly after: string;
}

/**
 * Names as few expressions with ranges, in natural order: `web1`, `web2`, `web3`, `db` gives `db`, `web[1-3]`. Expanding them (`expandRanges`)
 * gives the same set again. Names with brackets of their own are left as they are. Repeated names count once.
 */
export function foldNames(names: readonly string[]): readonly string[] {
  const left = new Set(names.toSorted(compareNatural));
  const folded: string[] = [];
  while (left.size > 0) {
    const largest = largestFamily(left);
    if (largest.length < 2) {
      folded.push(...left);
      break;
    }
    const family = largest.slice(0, maxExpansion);
    folded.push(expressionOf(family));
    for (const { before, digits, after } of family) left.delete(before + digits + after);
  }
  return folded.toSorted(compareNatural);
}

/** The largest set of names that differ in one run of digits only. */
function largestFamily(names: ReadonlySet<string>): readonly Cut[] {
  const families = new Map<string, Cut[]>();
  let largest: Cut[] = [];
  for (const name of names) {
    for (const cut of cutsOf(name)) {
      const key = `${cut.before}\0${cut.after}`;
      const family = families.get(key) ?? [];
      family.push(cut);
      families.set(key, family);
      if (family.length > largest.length) largest = family;
    }
  }
  return largest;
}

/** The places where a range could stand; ranges hold at most nine digits. The last one comes first: it counts fastest. */
function cutsOf(name: string): readonly Cut[] {
  if (/[[\]]/u.test(name)) return [];
  return [...name.matchAll(/\d+/gu)]
    .filter(([digits]) => digits.length <= 9)
    .map(({ 0: digits, index }) => ({ before: name.slice(0, index), digits, after: name.slice(index + digits.length) }))
    .toReversed();
}

function expressionOf(family: readonly Cut[]): string {
  const [{ before, after } = { before: "", after: "" }] = family;
  const runs: { readonly first: string; last: string }[] = [];
  for (const digits of family.map((each) => each.digits).toSorted((a, b) => Number(a) - Number(b) || a.length - b.length)) {
    const run = runs.at(-1);
    if (run !== undefined && digits === next(run)) run.last = digits;
    else runs.push({ first: digits, last: digits });
  }
  const parts = runs.map(({ first, last }) => (first === last ? first : `${first}-${last}`));
  return `${before}[${parts.join(",")}]${after}`;
}

/** What follows in a range that begins so: as wide as its first element where that is padded. */
function next({ first, last }: { readonly first: string; readonly last: string }): string {
  return String(Number(last) + 1).padStart(first.startsWith("0") ? first.length : 1, "0");
}
