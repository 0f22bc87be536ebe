import { expect, test } from "vitest";
import { runActs } from "../../../src/bot/messages/run-view.ts";
import type { RunState } from "../../../src/core/run/state.ts";

const can = { retry: true, rollback: true };

test("a run that another one has overtaken offers its output alone", () => {
  const state = { phase: "failed", paused: false } as RunState;
  expect(runActs({ state, ended: undefined, can, deployments: ["web"] })).toEqual(["retry", "rollback", "logs"]);
  expect(runActs({ state, ended: undefined, can, deployments: ["web"], newer: "R-3" })).toEqual(["logs"]);
});
