export function countOutcomes(csv: string): { readonly success: number; readonly fail: number; readonly skip: number };
export function tempestRecord(parts: {
  readonly csv: string;
  readonly versions: string;
  readonly tests: readonly string[];
  readonly took: string;
  readonly today: string;
}): string;
