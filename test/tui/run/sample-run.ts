import type { JournalEvent, Recorded } from "../../../src/core/journal/events.ts";
import { problem } from "../../../src/core/errors.ts";
import type { Plan, PlannedNodeRole } from "../../../src/core/model/plan.ts";
import type { RunEntry } from "../../../src/core/run/requests.ts";
import type { RunJournal } from "../../../src/tui/data/run-view.ts";
import { planBody, plannedNodeRole } from "../../core/run/plans.ts";
import { now } from "../rig.ts";

const started = now - 60_000;
const steps = [
  { id: "package:nginx", kind: "package", label: "package nginx", change: "create" },
  { id: "service:nginx", kind: "service", label: "service nginx running", change: "change" },
] as const;

/** Four web servers, a balancer that needs them, and `base` everywhere; web3 fails. */
const runPlan: Plan = {
  id: "P-7",
  digest: "sha256:07",
  author: "ann",
  at: started - 10_000,
  revision: "sha256:01",
  facts: "sha256:02",
  body: planBody(
    ...["web1", "web2", "web3", "web4", "lb1"].map((node) => plannedNodeRole(node, "base", { action: "skip" })),
    ...["web1", "web2", "web3", "web4"].map((node) => plannedNodeRole(node, "nginx", { cohort: 1, steps, after: [`${node}/base`] })),
    plannedNodeRole("lb1", "haproxy", { cohort: 2, steps, after: ["web1/nginx", "web2/nginx", "web3/nginx", "web4/nginx"] }),
  ),
};

const failure = problem("STEP_FAILED", {
  message: "web3/nginx: package nginx: it ended with exit code 100",
  cause: "E: Unable to fetch some archives\nE: Could not get lock /var/lib/dpkg/lock-frontend",
  at: { node: "web3", role: "nginx", step: "package:nginx" },
});

/** Events with the second in which they happened. */
const happened: readonly (readonly [second: number, event: JournalEvent])[] = [
  [0, { type: "intent.run", v: 1, run: "R-4", plan: "P-7", digest: "sha256:07", by: "ann" }],
  [
    1,
    { type: "run.started", v: 1, run: "R-4", plan: "P-7", digest: "sha256:07", by: "ann", nodeRoles: 10, steps: 10, engine: "deck:4711:x" },
  ],
  ...(["web1", "web2", "web3"] as const).flatMap((node, index): readonly (readonly [number, JournalEvent])[] => [
    [2, { type: "noderole.moved", v: 1, id: `${node}/nginx`, state: "transition", attempt: 1, job: "j" }],
    [3, { type: "step.started", v: 1, id: `${node}/nginx`, step: "package:nginx", section: "steps" }],
    ...(node === "web3"
      ? ([
          [12, finished(node, "package:nginx", "failed", 9_000)],
          [12, { type: "noderole.moved", v: 1, id: "web3/nginx", state: "error", attempt: 1, problem: failure }],
        ] as const)
      : ([
          [10 + index, finished(node, "package:nginx", "changed", 7_000)],
          [10 + index, { type: "step.started", v: 1, id: `${node}/nginx`, step: "service:nginx", section: "steps" }],
        ] as const)),
  ]),
  [14, finished("web1", "service:nginx", "changed", 4_000)],
  [14, { type: "noderole.moved", v: 1, id: "web1/nginx", state: "active", attempt: 1, changed: 2 }],
];

/** How it ends. */
const ending: readonly (readonly [number, JournalEvent])[] = [
  [30, finished("web2", "service:nginx", "ok", 19_000)],
  [30, { type: "noderole.moved", v: 1, id: "web2/nginx", state: "active", attempt: 1, changed: 1 }],
  [30, { type: "noderole.moved", v: 1, id: "web4/nginx", state: "blocked", attempt: 0, problem: blocked("web4", "nginx") }],
  [30, { type: "noderole.moved", v: 1, id: "lb1/haproxy", state: "blocked", attempt: 0, problem: blocked("lb1", "haproxy") }],
  [
    31,
    {
      type: "run.ended",
      v: 1,
      run: "R-4",
      phase: "failed",
      nodeRoles: { active: 2, changed: 2, skipped: 5, retired: 0, failed: 1, blocked: 2, unknown: 0 },
      durationMs: 30_000,
      problems: [failure],
    },
  ],
];

function finished(node: string, step: string, status: "ok" | "changed" | "failed", durationMs: number): JournalEvent {
  const exitCode = status === "failed" ? 100 : 0;
  return { type: "step.finished", v: 1, id: `${node}/nginx`, step, section: "steps", status, exitCode, durationMs };
}

function blocked(node: string, role: string): ReturnType<typeof problem> {
  return problem("BLOCKED_BY_FAILURE", { message: `${node}/${role} was not started: the failure budget is used up.`, at: { node, role } });
}

/** The run's events up to now, or up to its end; `more` come after them, a second ago. */
export function runJournal(ended: boolean, more: readonly JournalEvent[] = [], plan: Plan = runPlan): RunJournal {
  const all = [...happened, ...(ended ? ending : []), ...more.map((event) => [59, event] as const)].toSorted(
    ([one], [other]) => one - other,
  );
  const events = all.map(
    ([second, event], index): Recorded => ({
      ...event,
      seq: index + 1,
      at: started + second * 1_000,
      stream: "run:R-4",
      version: index + 1,
    }),
  );
  return { plan, events: events as unknown as RunJournal["events"] };
}

/** The same run before anything happened, on any plan. */
export function freshJournal(nodeRoles: readonly PlannedNodeRole[], more: readonly JournalEvent[]): RunJournal {
  const journal = runJournal(false, [], { ...runPlan, body: planBody(...nodeRoles) });
  const [intent, begun] = journal.events;
  const events = [intent, begun, ...more].map(
    (event, index) => ({ ...event, seq: index + 1, at: started + index * 10, stream: "run:R-4", version: index + 1 }) as Recorded,
  );
  return { plan: journal.plan, events: events as unknown as RunJournal["events"] };
}

/** Entries of the index of runs. */
export const openEntry: RunEntry = { run: "R-4", plan: "P-7", by: "ann", at: started, phase: "requested" };
export const endedEntry: RunEntry = {
  run: "R-4",
  plan: "P-7",
  by: "ann",
  at: started,
  phase: "failed",
  durationMs: 30_000,
  nodeRoles: { active: 2, changed: 2, skipped: 5, retired: 0, failed: 1, blocked: 2, unknown: 0 },
};
export const olderEntry: RunEntry = {
  run: "R-3",
  plan: "P-6",
  by: "bo",
  at: started - 3_600_000,
  phase: "succeeded",
  durationMs: 95_000,
  nodeRoles: { active: 9, changed: 4, skipped: 1, retired: 0, failed: 0, blocked: 0, unknown: 0 },
};

/** What web3/nginx printed. */
export const printed: readonly string[] = [
  "Reading package lists...",
  ...Array.from(
    { length: 14 },
    (_, index) => `Get:${index + 1} http://deb.debian.org/debian trixie/main amd64 lib${index} [12.${index} kB]`,
  ),
  "E: Unable to fetch some archives",
  "E: Could not get lock /var/lib/dpkg/lock-frontend",
];
