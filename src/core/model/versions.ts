import { compareNatural } from "./natural-order.ts";

/** Compares versions part by part: `1.10` is newer than `1.9`, and `1` is `1.0`. Negative when `a` is older. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split("."), b.split(".")];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const order = compareNatural(left[index] ?? "0", right[index] ?? "0");
    if (order !== 0) return order;
  }
  return 0;
}
