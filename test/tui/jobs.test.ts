import { expect, test } from "vitest";
import { createJobs } from "../../src/tui/app/jobs.ts";
import type { Intent } from "../../src/tui/screens/screen.ts";
import type { RunEffect } from "../../src/tui/state/state.ts";
import { manualClock } from "../support/manual-clock.ts";

/** What comes of a command that prints something and ends, when the person is still there and when they have gone elsewhere. */
async function ended(effect: RunEffect, exit: number, printed: string, here: boolean): Promise<readonly Intent[]> {
  return await new Promise((resolve) => {
    const ports = {
      sources: { clock: manualClock(0) },
      run: (_argv: readonly string[], said: (text: string) => void) => {
        queueMicrotask(() => said(printed));
        return { done: new Promise<number>((done) => setImmediate(() => done(exit))), stop: () => undefined };
      },
    };
    createJobs(ports, () => undefined, resolve).start(effect, () => here);
  });
}

const retry: RunEffect = { do: "run", argv: ["retry", "R-1", "--plan-only"], show: "quiet", opens: { screen: "plan", param: "" } };
const apply: RunEffect = { do: "run", argv: ["apply", "P-1", "--yes"], show: "quiet", opens: { screen: "run", param: "" } };
const asked = "Approval is needed: A-7 asks for it.\n";

test.each([
  [retry, 0, "", { want: "open", screen: "plan", param: "" }, "retry R-1 --plan-only: done. `:plan` shows it."],
  [retry, 1, "PLAN_FAILED\n", { want: "open", screen: "output", param: "1" }, "did not succeed: exit code 1. `&` shows what it said."],
  [apply, 3, asked, { want: "open", screen: "approval", param: "A-7" }, "A-7 asks for approval first. `:approvals` shows it."],
] as const)(
  "a command that ends (%#) opens its page only for whoever is still where it was started",
  async (effect, exit, printed, opens, told) => {
    expect(await ended(effect, exit, printed, true)).toMatchObject([opens, { want: "notice" }]);
    const elsewhere = await ended(effect, exit, printed, false);
    expect(elsewhere).toMatchObject([{ want: "notice", text: expect.stringContaining(told) }]);
  },
);
