import { fail } from "../../errors.ts";
import { dayNumber, isDate } from "../../model/civil-time.ts";

/** Most elements that a list made by a function of ours may have. */
const mostElements = 100_000;

/** A function that rules can call beside those of CEL; lists come as arrays, whole numbers as bigint. */
export interface PolicyFunction {
  readonly name: string;
  readonly argument: "list" | "dyn";
  readonly result: "list" | "int";
  readonly does: string;
  readonly example: string;
  run(argument: unknown): unknown;
}

/** Functions that rules can call beside those of CEL. Every engine has exactly these. */
export const policyFunctions: readonly PolicyFunction[] = [
  {
    name: "distinct",
    argument: "list",
    result: "list",
    does: "each different element once, in the order of first appearance",
    example: "distinct(members.map(m, m.labels.rack)).size() >= 2",
    run: (list) => [...unique(elements(list)).values()].map((each) => each.value),
  },
  {
    name: "duplicates",
    argument: "list",
    result: "list",
    does: "the elements that appear more than once, each once",
    example: "duplicates(nodes.map(n, n.address)).size() == 0",
    run: (list) => [...unique(elements(list)).values()].filter((each) => each.count > 1).map((each) => each.value),
  },
  {
    name: "flatten",
    argument: "list",
    result: "list",
    does: "the elements of all the lists in a list",
    example: "flatten(nodes.map(n, n.roles))",
    run: (list) => bounded(elements(list).flatMap((each) => (Array.isArray(each) ? (each as readonly unknown[]) : [each]))),
  },
  {
    name: "numbers",
    argument: "dyn",
    result: "list",
    does: 'whole numbers of a value such as 7, "100-199,300" or ["1-3", 7]; what is no number is -1',
    example: "numbers(set.fabric.vlans).all(n, n >= 1 && n <= 4094)",
    run: (value) => bounded(numbersOf(value)),
  },
  {
    name: "sum",
    argument: "list",
    result: "int",
    does: "the sum of whole numbers",
    example: "sum(members.map(m, m.facts.memory.totalBytes))",
    run: (list) =>
      elements(list).reduce<bigint>((total, each) => {
        if (typeof each !== "bigint") throw fail("VALUE_INVALID", { message: "sum() takes a list of whole numbers." });
        return total + each;
      }, 0n),
  },
  {
    name: "dayOf",
    argument: "dyn",
    result: "int",
    does: "the number of a date such as 2027-03-01, to count days with (time.dayNumber is today)",
    example: 'dayOf(node.labels["warranty-ends"]) - time.dayNumber > 90',
    run: (value) => {
      const found = typeof value === "string" ? /^(\d{4})-(\d{2})-(\d{2})/u.exec(value) : null;
      const [year, month, day] = [Number(found?.[1]), Number(found?.[2]), Number(found?.[3])];
      if (found === null || !isDate(year, month, day)) throw fail("VALUE_INVALID", { message: "dayOf() takes a date such as 2027-03-01." });
      return BigInt(dayNumber(year, month, day));
    },
  },
];

function elements(list: unknown): readonly unknown[] {
  return bounded(Array.isArray(list) ? (list as readonly unknown[]) : [...(list as Iterable<unknown>)]);
}

function bounded<T>(list: readonly T[]): readonly T[] {
  if (list.length > mostElements)
    throw fail("VALUE_INVALID", { message: `A list of more than ${mostElements} elements is too long for a rule.` });
  return list;
}

function unique(list: readonly unknown[]): ReadonlyMap<unknown, { readonly value: unknown; count: number }> {
  const seen = new Map<unknown, { readonly value: unknown; count: number }>();
  for (const value of list) {
    const key = keyOf(value);
    const known = seen.get(key);
    if (known === undefined) seen.set(key, { value, count: 1 });
    else known.count += 1;
  }
  return seen;
}

/** Equal values have equal keys; a number is equal however it is kept. */
function keyOf(value: unknown): unknown {
  if (typeof value === "bigint" || typeof value === "number") return `n:${value}`;
  if (typeof value === "object" && value !== null)
    return `o:${JSON.stringify(value, (_key, each: unknown) => (typeof each === "bigint" ? `n:${each}` : each))}`;
  return `${typeof value}:${String(value)}`;
}

function numbersOf(value: unknown): readonly bigint[] {
  if (typeof value === "bigint") return [value];
  if (typeof value === "number") return [Number.isInteger(value) ? BigInt(value) : -1n];
  if (Array.isArray(value)) return value.flatMap((each: unknown) => numbersOf(each));
  if (typeof value !== "string") return value === null || value === undefined ? [] : [-1n];
  return value.trim() === "" ? [] : value.split(",").flatMap((part) => span(part.trim()));
}

function span(part: string): readonly bigint[] {
  const found = /^(\d{1,9})(?:\s*-\s*(\d{1,9}))?$/u.exec(part);
  if (found === null) return [-1n];
  const first = Number(found[1]);
  const last = Number(found[2] ?? found[1]);
  if (last < first || last - first > mostElements) return [-1n];
  return Array.from({ length: last - first + 1 }, (_, index) => BigInt(first + index));
}
