import { expect, test } from "vitest";
import type { RunDocument } from "../../../src/core/commands/run-follow.ts";
import type { StatusDocument } from "../../../src/core/commands/status-document.ts";
import type { WhyDocument } from "../../../src/core/commands/why.ts";
import { verifyDocument } from "../../../src/core/commands/verify-document.ts";
import { problem } from "../../../src/core/errors.ts";
import { askedView, detachedView, runView } from "../../../src/cli/views/run.ts";
import { runsView, statusView } from "../../../src/cli/views/status.ts";
import { verifyView } from "../../../src/cli/views/verify.ts";
import { whyView } from "../../../src/cli/views/why.ts";
import { paper } from "./screens.ts";

const none = { active: 0, changed: 0, skipped: 0, retired: 0, failed: 0, blocked: 0, unknown: 0 };
const ended: RunDocument = {
  halligan: 1,
  kind: "run",
  type: "run.ended",
  seq: 9,
  at: 9,
  run: "R-12",
  plan: "P-7",
  phase: "succeeded",
  nodeRoles: none,
  durationMs: 72_000,
  problems: [],
};
const run = (parts: Partial<RunDocument>): string => runView({ ...ended, ...parts }, paper).join("\n");

test("a run that succeeded", () => {
  expect(
    run({ nodeRoles: { ...none, active: 9, changed: 4, skipped: 3, retired: 1 } }),
  ).toBe(`R-12 succeeded in 1m 12s. Node-roles: 9 active (4 changed), 1 removed, 3 unchanged.

Next: halligan verify asks the services whether they work;
      halligan logs R-12 has what the steps printed.`);
});

test("a run with nothing to change", () => {
  expect(run({ nodeRoles: { ...none, skipped: 14 } })).toBe("R-12: nothing to change; 14 node-roles are as they should be.");
});

test("a run that failed tells each failure with code, output and next action, and what was not started", () => {
  const problems = [
    problem("STEP_FAILED", {
      message: "web2/nginx: package nginx: exit code 100",
      at: { node: "web2", role: "nginx", step: "package:nginx" },
      cause: "E: Unable to locate package nginx\nE: sorry",
    }),
    problem("HOST_UNREACHABLE", { message: "web4 does not answer.", at: { node: "web4", role: "nginx" } }),
    problem("BLOCKED_BY_FAILURE", { message: "x", at: { node: "lb1", role: "haproxy" } }),
  ];
  expect(
    run({ phase: "failed", nodeRoles: { ...none, active: 2, changed: 2, failed: 2, blocked: 1 }, problems }),
  ).toBe(`R-12 failed in 1m 12s. Node-roles: 2 failed, 1 not started, 2 active (2 changed).

STEP_FAILED web2/nginx
  package nginx: exit code 100
  | E: Unable to locate package nginx
  | E: sorry
  Read the step's output with \`halligan logs R-12 web2/nginx\`, mend the cause, then \`halligan retry R-12\` does what is
  left.

HOST_UNREACHABLE web4/nginx
  web4 does not answer.
  Check the address with \`ssh\`, then retry.

Not started because something before failed (1): lb1/haproxy

Next: mend the cause, then halligan retry R-12 does what is left; what P-7 finished stays.`);
});

test("many failures are bounded", () => {
  const problems = Array.from({ length: 500 }, (_, n) =>
    problem("STEP_FAILED", { message: "exit code 1", at: { node: `n${n}`, role: "web" } }),
  );
  const text = run({ phase: "failed", nodeRoles: { ...none, failed: 500 }, problems });
  expect(text.split("\n").length).toBeLessThan(120);
  expect(text).toContain("480 more failures; `halligan watch R-12 --json` tells all.");
});

test("leaving says which machine has the run and how to come back", () => {
  const document = { halligan: 1, kind: "detached", run: "R-12", plan: "P-7", engine: { host: "deck", pid: 4711 } } as const;
  expect(detachedView(document, paper)).toEqual([
    "R-12 goes on. The engine on deck (process 4711) carries it out; the run goes on as long as that machine runs.",
    "Come back with halligan watch R-12; end it with halligan cancel R-12.",
  ]);
  expect(askedView({ halligan: 1, kind: "asked", run: "R-12", asked: "cancel", how: "now", engine: document.engine }, paper)).toEqual([
    "R-12 is being cancelled: what runs is told to end, and killed after 10 s. halligan watch R-12 follows it.",
  ]);
});

test("a run that has not begun is told as one that waits", () => {
  const engine = { host: "deck", pid: 4711 };
  const waits = [{ kind: "freeze", code: "FREEZE_ACTIVE", message: "The cluster is frozen.", until: null }] as const;
  const held = { halligan: 1, kind: "detached", run: "R-12", plan: "P-7", engine, waits } as const;
  expect(detachedView(held, paper).slice(0, 2)).toEqual([
    "R-12 waits, and starts by itself when nothing holds it:",
    "  FREEZE_ACTIVE The cluster is frozen.",
  ]);
  expect(askedView({ halligan: 1, kind: "asked", run: "R-12", asked: "cancel", how: "after-step", waiting: true, engine }, paper)).toEqual([
    "R-12 had not begun: it is taken out of the queue, and nothing of it runs.",
  ]);
});

test("status of a cluster with a run that goes on and a failed node-role", () => {
  const progress = { nodeRoles: { total: 3, done: 1, lost: 1, running: 1 }, steps: { total: 9, done: 4, lost: 2 }, unchanged: 0 };
  const open = {
    run: "R-3",
    plan: "P-4",
    by: "ann",
    phase: "running",
    paused: true,
    cancel: null,
    held: null,
    requestedAt: 1000,
    startedAt: 2000,
    endedAt: null,
    progress,
  } as const;
  const about = { host: "deck", pid: 12, version: "0.1.0", concurrency: 50 };
  const worker = { ...about, draining: false, problem: null, since: 1000, seenAt: 5000 };
  const document: StatusDocument = {
    halligan: 1,
    kind: "status",
    cluster: "lab-a",
    file: "/c/cluster.yaml",
    store: { kind: "embedded", where: "state.db" },
    engine: { host: "deck", pid: 4711 },
    workers: [
      { ...worker, name: "deck", site: null, running: 3, alive: true },
      { ...worker, name: "deck-2", site: "eu", running: 1, draining: true, alive: true },
      { ...worker, name: "far", site: "us", running: 0, alive: false },
    ],
    activeRun: open,
    lastRun: { ...open, run: "R-2", phase: "failed", paused: false, endedAt: 5000 },
    lastPlan: "P-4",
    policy: null,
    standing: { approvals: [], locks: [], freezes: [], waiting: [], reviews: [] },
    nodeRoles: [
      { id: "n1/web", deployment: "all", state: "active", run: "R-2", at: 4000 },
      {
        id: "n2/web",
        deployment: "all",
        state: "error",
        run: "R-3",
        at: 6000,
        problem: problem("STEP_FAILED", { message: "n2/web: exit code 1" }),
      },
    ],
    nodes: [
      { node: "n1", seenAt: 3000 },
      { node: "n2", seenAt: null },
    ],
    at: 65_000,
    problems: [],
  };
  expect(statusView(document, paper).join("\n")).toBe(`Cluster   lab-a  /c/cluster.yaml
Engine    on deck, process 4711
Workers   deck (nodes without a site) on deck, version 0.1.0: 3 of 50 jobs
          deck-2 (site eu) on deck, version 0.1.0: 1 of 50 jobs, takes nothing new
          far (site us) on deck, version 0.1.0: gone, heard of 1m 00s ago
Running   R-3 of plan P-4 by ann: paused for 1m 03s, 4 of 9 steps, 1 of 3 node-roles, 1 failed or not started
Last run  R-2 of plan P-4 by ann: failed in 3.0s, 1m 00s ago
Last plan P-4

1 node-role active, 1 not
NODE/ROLE  STATE   RUN  SINCE    WHY
n2/web     failed  R-3  59s ago  STEP_FAILED: exit code 1

2 nodes, facts of 1m 02s ago; never seen: n2

Next: halligan watch follows R-3`);
  // A run whose time has not come waits; it does not run, and misses no engine.
  const waiting = [{ run: "R-3", plan: "P-4", by: "ann", notBefore: 90_000 }];
  const scheduled = { ...open, phase: "requested", paused: false, startedAt: null } as const;
  const ahead = statusView({ ...document, activeRun: scheduled, standing: { ...document.standing, waiting } }, paper).join("\n");
  expect(ahead).toContain("Waiting   R-3; halligan queue tells why");
  expect(ahead).not.toContain("Running");
});

test("runs as a table", () => {
  const runs = [
    { run: "R-2", plan: "P-3", by: "bo", at: 60_000, phase: "requested" },
    { run: "R-1", plan: "P-1", by: "ann", at: 1000, phase: "succeeded", durationMs: 72_000, nodeRoles: { ...none, active: 9, changed: 4 } },
  ] as const;
  expect(
    runsView({ halligan: 1, kind: "runs", runs, more: 3, at: 61_000 }, paper).join("\n"),
  ).toBe(`RUN  PLAN  STATE      STARTED       TOOK  NODE-ROLES            BY
R-2  P-3   going on   1.0s ago                                  bo
R-1  P-1   succeeded  1m 00s ago  1m 12s  9 active (4 changed)  ann

3 older runs; \`--limit N\` lists more.`);
});

test("verification", () => {
  const verified = [{ id: "n1/web", durationMs: 20 }] as const;
  expect(verifyView(verifyDocument({ cluster: "lab", at: 0, durationMs: 30, verified, proofs: [] }), paper)).toEqual([
    "All 1 node-role work as their `verify` steps demand.",
  ]);
});

test("why a node-role is there, what it waits for and where its values come from", () => {
  const document: WhyDocument = {
    halligan: 1,
    kind: "why",
    id: "lb1/haproxy",
    node: "lb1",
    role: "haproxy",
    barclamp: "haproxy",
    cohort: 1,
    placement: {
      deployment: "web",
      on: "tier=front",
      count: 1,
      avoid: [],
      chosen: ["lb1"],
      place: { file: "cluster.yaml", line: 9, column: 7 },
    },
    waits: [{ why: "input", name: "backends", wanted: "http", rule: "deployment", byUse: false, providers: ["web1/nginx", "web2/nginx"] }],
    inputs: { backends: { known: false, from: ["web1/nginx", "web2/nginx"], output: "url" } },
    settings: [
      { name: "drain", value: 250, secret: false, type: "duration", layer: "deployment", layerName: "web" },
      { name: "port", value: 80, secret: false, type: "port", layer: "default" },
      { name: "room", value: 536_870_912, secret: false, type: "size", layer: "default" },
    ],
    planned: { action: "apply", steps: [{ id: "t", kind: "template", label: "template /etc/lb.cfg", change: "unknown" }] },
    problems: [],
  };
  expect(whyView(document, paper).join("\n")).toBe(`lb1/haproxy: role haproxy of barclamp haproxy

Placed because
  deployment web places it on \`tier=front\`, 1 node of them (cluster.yaml:9:7)
  chosen: lb1

In the last plan
  to be applied in layer 1:
    ? decided in the run: template /etc/lb.cfg

Waits for
  web1/nginx and web2/nginx: input backends comes from http (found in the same deployment)

Inputs
  backends = known after web1/nginx and web2/nginx gives url

Settings
  SETTING  VALUE    FROM              WRITTEN AT
  drain    250ms    deployment web
  port     80       barclamp default
  room     512 MiB  barclamp default`);
  const at = { node: "web1", role: "nginx" };
  const failed = problem("STEP_FAILED", { message: "web1/nginx: service nginx: it did not start", cause: "unknown directive", at });
  const held = problem("BLOCKED_BY_FAILURE", { message: "lb1/haproxy was not started: web1/nginx failed." });
  const lastRun = { run: "R-4", at: 0, state: "blocked", problem: held, behind: [failed], notes: [] } as const;
  expect(whyView({ ...document, lastRun }, paper).slice(0, 9)).toEqual([
    "lb1/haproxy: role haproxy of barclamp haproxy",
    "",
    "In R-4 it was not started",
    "  lb1/haproxy was not started: web1/nginx failed.",
    "  STEP_FAILED web1/nginx",
    "    service nginx: it did not start",
    "    | unknown directive",
    expect.stringContaining("`halligan logs R-4 web1/nginx`"),
    expect.stringContaining("left."),
  ]);
});
