/** Trouble that a method meets: `after` answers of this kind are used up one by one. */
export type Trouble =
  | { readonly kind: "rateLimited"; readonly retryAfter: number }
  | { readonly kind: "status"; readonly status: number }
  /** Slack has done it, and its answer is lost. */
  | { readonly kind: "dropAfter" }
  /** The connection breaks before Slack has seen anything. */
  | { readonly kind: "dropBefore" }
  | { readonly kind: "error"; readonly error: string }
  | { readonly kind: "slow"; readonly ms: number };

/** Planned trouble of a double. */
export interface Chaos {
  /** The next `times` calls of a method meet this. */
  next(method: string, trouble: Trouble, times?: number): void;
  /** Slack is unreachable: every connection is refused or broken, until `up`. */
  down(): void;
  up(): void;
  /** @internal for the server */
  take(method: string): Trouble | undefined;
  readonly isDown: boolean;
}

/** Makes the planner; `cut` breaks what is open. */
export function createChaos(cut: () => void): Chaos {
  const planned = new Map<string, Trouble[]>();
  let isDown = false;
  return {
    next(method, trouble, times = 1) {
      planned.set(method, [...(planned.get(method) ?? []), ...Array.from({ length: times }, () => trouble)]);
    },
    down() {
      isDown = true;
      cut();
    },
    up() {
      isDown = false;
    },
    take: (method) => planned.get(method)?.shift(),
    get isDown() {
      return isDown;
    },
  };
}
