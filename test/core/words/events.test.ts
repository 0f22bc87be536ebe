import { expect, test } from "vitest";
import { problem } from "../../../src/core/errors.ts";
import { type EventType, type JournalEvent, eventSchemas, isRunEvent } from "../../../src/core/journal/events.ts";
import { count, listed } from "../../../src/core/words/count.ts";
import { eventWords } from "../../../src/core/words/events.ts";
import { nextAction } from "../../../src/core/words/problem.ts";
import { agoWords, durationWords } from "../../../src/core/words/time.ts";

const nodeRoles = { active: 3, changed: 2, skipped: 1, retired: 1, failed: 1, blocked: 2, unknown: 1 };
const why = problem("STEP_FAILED", { message: "web1/nginx: package nginx: exit code 100" });
const step = { v: 1, id: "web1/nginx", step: "package:nginx", section: "steps", durationMs: 1234, exitCode: 0 } as const;
const digest = "sha256:1";

const told: readonly (readonly [JournalEvent, string])[] = [
  [{ type: "node.seen", v: 1, node: "web1", digest, changed: [] }, "web1 seen, as before"],
  [{ type: "node.seen", v: 1, node: "web1", digest, changed: ["os", "disks"] }, "web1 seen: os and disks changed"],
  [{ type: "plan.made", v: 1, plan: "P-7", digest, by: "ann", deployments: ["web"], changes: 3 }, "P-7 made by ann: 3 changes in web"],
  [{ type: "intent.run", v: 1, run: "R-1", plan: "P-7", digest, by: "ann" }, "R-1 asked for by ann: plan P-7"],
  [{ type: "intent.cancel", v: 1, run: "R-1", by: "bo", how: "now" }, "bo cancels R-1: what runs is told to end, and killed after 10 s"],
  [{ type: "intent.pause", v: 1, run: "R-1", by: "bo" }, "bo pauses R-1: what runs goes on, nothing new is started"],
  [{ type: "intent.resume", v: 1, run: "R-1", by: "bo" }, "bo resumes R-1"],
  [
    { type: "run.started", v: 1, run: "R-1", plan: "P-7", digest, by: "ann", nodeRoles: 1, steps: 9, engine: "deck:7" },
    "R-1 started: plan P-7, 1 node-role, 9 steps, engine on deck, process 7",
  ],
  [{ type: "run.resumed", v: 1, run: "R-1", engine: "deck:8" }, "R-1 goes on: the engine on deck, process 8 took it over"],
  [{ type: "run.held", v: 1, run: "R-1", problems: [why] }, "R-1 is held: web1/nginx: package nginx: exit code 100"],
  [{ type: "run.released", v: 1, run: "R-1" }, "R-1 goes on"],
  [{ type: "run.handed", v: 1, run: "R-1", from: "ann", to: "bo", note: "my shift ends" }, "ann hands R-1 over to bo: my shift ends"],
  [{ type: "noderole.moved", v: 1, id: "web1/nginx", state: "transition", attempt: 2 }, "web1/nginx running, attempt 2"],
  [
    { type: "noderole.moved", v: 1, id: "web1/nginx", state: "active", attempt: 1, changed: 1, reason: "settled by check" },
    "web1/nginx active, 1 step changed (settled by check)",
  ],
  [
    { type: "noderole.moved", v: 1, id: "web1/nginx", state: "error", attempt: 1, problem: why },
    "web1/nginx failed: STEP_FAILED: package nginx: exit code 100",
  ],
  [{ type: "node.contact", v: 1, node: "web1", contact: "lost", reason: "no answer" }, "web1 contact lost: no answer"],
  [{ type: "step.started", v: 1, id: "web1/nginx", step: "http:/", section: "verify" }, "web1/nginx verify http:/ started"],
  [
    {
      type: "job.ended",
      v: 1,
      id: "web1/nginx",
      attempt: 1,
      job: "0a1b2c3d-R-1-nginx",
      worker: "oslo-1",
      outcome: { end: "done", changed: 2 },
    },
    "web1/nginx carried out on worker oslo-1",
  ],
  [{ type: "step.finished", ...step, status: "changed" }, "web1/nginx package:nginx changed in 1.2s"],
  [
    { type: "step.finished", ...step, status: "failed", exitCode: 100, message: "no such package" },
    "web1/nginx package:nginx failed with exit code 100 after 1.2s: no such package",
  ],
  [
    {
      type: "step.finished",
      ...step,
      step: "http:http://a/",
      section: "verify",
      status: "failed",
      message: "http://a/ answers with status 500",
    },
    "web1/nginx verify failed after 1.2s: http://a/ answers with status 500",
  ],
  [{ type: "output.known", v: 1, id: "web1/nginx", name: "url", value: "http://x" }, "web1/nginx output url = http://x"],
  [
    { type: "run.ended", v: 1, run: "R-1", phase: "failed", nodeRoles, durationMs: 72_000, problems: [] },
    "R-1 failed in 1m 12s: 3 active, 2 changed, 1 unchanged, 1 removed, 1 failed, 2 not started, 1 unknown",
  ],
];

test.each(told.map(([event, words]) => [words, event] as const))("%s", (words, event) => {
  expect(eventWords(event)).toBe(words);
});

test("every event of runs is among the examples", () => {
  const seen = new Set<EventType>(told.map(([event]) => event.type));
  expect(Object.keys(eventSchemas()).filter((type) => isRunEvent({ type } as JournalEvent) && !seen.has(type as EventType))).toEqual([]);
});

test.each([
  [0, "0.0s"],
  [-5, "0.0s"],
  [949, "0.9s"],
  [9_960, "10s"],
  [59_600, "1m 00s"],
  [185_000, "3m 05s"],
  [7_440_000, "2h 04m"],
  [266_400_000, "3d 02h"],
])("%i ms is %s", (ms, words) => {
  expect(durationWords(ms)).toBe(words);
});

test("counts and lists", () => {
  expect([count(1, "node"), count(2, "node"), count(0, "batch", "batches")]).toEqual(["1 node", "2 nodes", "0 batches"]);
  expect([listed([]), listed(["a"]), listed(["a", "b", "c"]), listed(["a", "b", "c"], 2)]).toEqual([
    "",
    "a",
    "a, b and c",
    "a, b and 1 more",
  ]);
  expect([agoWords(-3), agoWords(61_000)]).toEqual(["just now", "1m 01s ago"]);
});

test("the next action for a failure names the very command that shows its output", () => {
  const at = { node: "web1", role: "nginx" };
  expect(nextAction("R-3", problem("STEP_FAILED", { message: "x", at }))).toBe(
    "Read the step's output with `halligan logs R-3 web1/nginx`, mend the cause, then `halligan retry R-3` does what is left.",
  );
  expect(nextAction("R-3", problem("CHECK_FAILED", { message: "x", at, hint: "Mend it." }))).toBe(
    "Mend it. `halligan logs R-3 web1/nginx` has its output.",
  );
  expect(nextAction("R-3", problem("HOST_UNREACHABLE", { message: "x", at, hint: "Mend it." }))).toBe("Mend it.");
});
