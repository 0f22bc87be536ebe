import type { EpochMs } from "../../core/ports.ts";

/** Calls of one kind that are left: `perMinute` come back evenly, `burst` can be saved up, and the last `reserve` are for what is urgent. */
export interface Budget {
  /** Takes one, if there is one. */
  take(now: EpochMs, urgent: boolean): boolean;
  /** When there will be one. */
  nextAt(now: EpochMs, urgent: boolean): EpochMs;
  /** Nothing before that: Slack said so. */
  block(until: EpochMs): void;
}

/** How the budget is measured. */
export interface BudgetSize {
  readonly perMinute: number;
  readonly burst: number;
  readonly reserve: number;
}

/**
 * Slack takes about 50 `chat.update` per minute for a whole workspace (tier 3, https://docs.slack.dev/apis/web-api/rate-limits): ours stay below
 * it in any minute, burst included.
 */
export const updateBudget: BudgetSize = { perMinute: 40, burst: 5, reserve: 2 };

/** Makes a budget that is full. */
export function createBudget({ perMinute, burst, reserve }: BudgetSize, start: EpochMs): Budget {
  const msPerToken = 60_000 / perMinute;
  let tokens = burst;
  let at = start;
  let blockedUntil = 0;
  const fill = (now: EpochMs): void => {
    if (now > at) tokens = Math.min(burst, tokens + (now - at) / msPerToken);
    at = Math.max(at, now);
  };
  const needed = (urgent: boolean): number => (urgent ? 1 : reserve + 1);
  return {
    take(now, urgent) {
      fill(now);
      if (now < blockedUntil || tokens + 1e-9 < needed(urgent)) return false;
      tokens -= 1;
      return true;
    },
    nextAt(now, urgent) {
      fill(now);
      const missing = needed(urgent) - tokens;
      return Math.max(now, blockedUntil, missing <= 0 ? now : now + Math.ceil(missing * msPerToken));
    },
    block(until) {
      blockedUntil = Math.max(blockedUntil, until);
      // What was saved up is worth nothing after a refusal.
      tokens = Math.min(tokens, 1);
    },
  };
}
