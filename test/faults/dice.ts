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

/** True in `npm run test:faults`. */
export const isLong = process.env["HALLIGAN_FAULTS"] === "long";

/** Trials of each fault that the long form makes at most. */
const most = 300;
/** How long the long form goes on with one fault where nobody says how many trials there shall be, seconds. */
const spanSeconds = 300;

const wished = numberOf("HALLIGAN_FAULT_TRIALS");

/**
 * Seeds of the trials of one fault. The short form (`npm test`) makes so many, always the same; the long form hundreds, others each time, as far as time allows (`spanMs`).
 * HALLIGAN_FAULT_SEED=N repeats one trial; HALLIGAN_FAULT_TRIALS=N sets how many there are, HALLIGAN_FAULT_BASE=N from which number on.
 */
export function seedsOf(short: number): readonly number[] {
  const one = numberOf("HALLIGAN_FAULT_SEED");
  if (one !== undefined) return [one];
  const count = isLong ? (wished ?? most) : short;
  const first = numberOf("HALLIGAN_FAULT_BASE") ?? (isLong ? Math.floor(Date.now() / 1_000) % 1_000_000 : 1);
  return Array.from({ length: count }, (_, index) => first + index);
}

/** How long trials of one fault are begun, ms; HALLIGAN_FAULT_SECONDS=N sets it. Without a bound where the number of trials was given. */
export const spanMs =
  1_000 * (numberOf("HALLIGAN_FAULT_SECONDS") ?? (isLong && wished === undefined ? spanSeconds : Number.POSITIVE_INFINITY));

function numberOf(variable: string): number | undefined {
  const text = process.env[variable] ?? "";
  return /^\d+$/u.test(text) ? Number(text) : undefined;
}
