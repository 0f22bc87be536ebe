/** True when two pieces of data say the same: plain objects, arrays, maps and sets are compared by what is in them. */
export function sameData(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length && one.every((each, index) => sameData(each, other[index]));
  }
  if (one instanceof Map) return other instanceof Map && sameData([...one], [...other]);
  if (one instanceof Set) return other instanceof Set && sameData([...one], [...other]);
  if (Object.getPrototypeOf(one) !== Object.getPrototypeOf(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && sameData(value(one, key), value(other, key)))
  );
}

function value(of: object, key: string): unknown {
  return (of as Readonly<Record<string, unknown>>)[key];
}
