import { expect, test } from "vitest";
import { frame } from "../../../src/cli/live/frame.ts";
import { LiveRun } from "../../../src/cli/live/model.ts";
import { createScreen } from "../../../src/cli/screen.ts";
import { problem } from "../../../src/core/errors.ts";
import { freshRun, planBody, plannedNodeRole } from "../../core/run/plans.ts";

const screen = createScreen({ isTerminal: false, columns: 100, plain: true, environment: {} });
const why = (message: string) => problem("APPROVAL_NEEDED", { message });

function drawn(problems: readonly ReturnType<typeof why>[], columns = 100): readonly string[] {
  const state = { ...freshRun(planBody(plannedNodeRole("n1", "web"))), phase: "running" as const, held: { problems, since: 2_000 } };
  return frame(new LiveRun(state), 3_000, { columns, rows: 20 }, screen, false);
}

test("the live view of a run that is held says so, and why, on lines that fit", () => {
  const lines = drawn([why("P-1 is not approved (A-1):\n0 of 2 approvals")]);
  expect(lines[0]).toContain("held");
  expect(lines.join("\n")).toContain("held by APPROVAL_NEEDED: P-1 is not approved (A-1): 0 of 2 approvals");
  expect(lines[1]).toMatch(/, held$/u);
  for (const line of drawn([why("x".repeat(500))], 40)) expect(line.length).toBeLessThan(40);
});

test("many reasons are cut to a few", () => {
  const lines = drawn(Array.from({ length: 9 }, (_, index) => why(`reason ${index}`)));
  expect(lines.filter((line) => line.startsWith("held by"))).toHaveLength(3);
  expect(lines).toContain("and 6 more reasons: halligan status");
});
