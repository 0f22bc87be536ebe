/** Chance that can be repeated: every decision of a trial comes from its seed. */
export interface Dice {
  readonly seed: number;
  /** A number from `low` up to, not including, `high`. */
  between(low: number, high: number): number;
  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number;
  pick<T>(choices: readonly [T, ...T[]]): T;
}

/** Mulberry32: small, and the same everywhere. */
export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    seed,
    between: (low, high) => low + next() * (high - low),
    whole,
    pick: (choices) => choices[whole(0, choices.length - 1)] ?? choices[0],
  };
}

/** How often a fault is tried: in `npm test`, and in `npm run test:faults`. */
export interface Times {
  readonly short: number;
  readonly long: number;
}

/** True in `npm run test:faults`. */
export const isLong = process.env["HALLIGAN_FAULTS"] === "long";

/**
 * Seeds of the trials of one fault. The short form always takes the same ones, the long form others each time. HALLIGAN_FAULT_SEED=N repeats one
 * trial; HALLIGAN_FAULT_TRIALS=N sets how many there are, HALLIGAN_FAULT_BASE=N from which number on.
 */
export function seedsOf({ short, long }: Times): readonly number[] {
  const one = process.env["HALLIGAN_FAULT_SEED"];
  if (one !== undefined) return [Number(one)];
  const wished = Number(process.env["HALLIGAN_FAULT_TRIALS"] ?? Number.NaN);
  const count = isLong ? (Number.isInteger(wished) ? wished : long) : short;
  const first = Number(process.env["HALLIGAN_FAULT_BASE"] ?? (isLong ? Math.floor(Date.now() / 1_000) % 1_000_000 : 1));
  return Array.from({ length: count }, (_, index) => first + index);
}
