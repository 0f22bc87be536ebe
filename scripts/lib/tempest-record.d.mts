export function countOutcomes(csv: string): { readonly passed: number; readonly failed: number; readonly skipped: number };
export function reasonsOf(text: string): ReadonlyMap<string, string>;
export function tempestRecord(parts: {
  readonly csv: string;
  readonly last?: string;
  readonly versions: string;
  readonly tests: readonly string[];
  readonly took: string;
  readonly today: string;
}): string;
