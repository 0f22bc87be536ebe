/**
 * Orders names as people count: `ctl-2` before `ctl-10`. A total order that does not depend on a locale: digit runs by value, all else by
 * code unit; names that are equal so (`a1`, `a01`) by code unit.
 */
export function compareNatural(a: string, b: string): number {
  const left = parts(a);
  const right = parts(b);
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const order = comparePart(left[index] ?? "", right[index] ?? "");
    if (order !== 0) return order;
  }
  return left.length - right.length || compareUnits(a, b);
}

function parts(name: string): readonly string[] {
  return name.match(/\d+|\D+/gu) ?? [];
}

function comparePart(a: string, b: string): number {
  if (!isDigits(a) || !isDigits(b)) return compareUnits(a, b);
  const [left, right] = [a.replace(/^0+/u, ""), b.replace(/^0+/u, "")];
  return left.length - right.length || compareUnits(left, right);
}

function isDigits(part: string): boolean {
  return /^\d/u.test(part);
}

function compareUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
