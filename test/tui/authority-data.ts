import type { ApprovalDocument } from "../../src/core/commands/authority/approval-document.ts";
import { documentPlan } from "../../src/core/commands/plan-document.ts";
import type { PolicyReport, Violation } from "../../src/core/authority/policy/report.ts";
import type { Rule } from "../../src/core/authority/policy/rule.ts";
import type { JournalEvent, Recorded } from "../../src/core/journal/events.ts";
import type { ApprovalEntry, Holds, Myself, PolicyView } from "../../src/tui/data/authority-topics.ts";
import type { JournalTail } from "../../src/tui/data/journal-topic.ts";
import type { Loaded } from "../../src/tui/data/loaded.ts";
import type { DeploymentSettings } from "../../src/tui/data/settings-topic.ts";
import type { Presence } from "../../src/core/presence/presence.ts";
import { samplePlan } from "../cli/views/sample-plan.ts";
import { now } from "./rig.ts";

const minute = 60_000;
const digest = "sha256:00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee";

/** Data that is there. */
export function ready<T>(value: T): Loaded<unknown> {
  return { phase: "ready", value, at: now };
}

/** Ann asked; two of the leads have to say yes, as something is removed. Bob has. */
const request: ApprovalDocument = {
  halligan: 1,
  kind: "approval",
  request: "A-3",
  plan: "P-7",
  digest,
  phase: "open",
  author: "ann",
  by: "ann",
  deployments: ["web"],
  openedAt: now - 2 * minute,
  expiresAt: now + 13 * minute,
  run: null,
  missing: "1 of 2 approvals of leads (web, as something is removed or destroyed); eve may",
  done: "shown",
  cluster: "hack-lab",
  requirements: [
    {
      deployment: "web",
      risk: "destructive",
      people: 2,
      groups: ["leads"],
      excludeAuthor: true,
      excludeEditor: true,
      stepUp: false,
      counted: ["bob"],
      missing: 1,
      mayVote: ["eve"],
    },
  ],
  votes: [{ person: "bob", principal: "ssh:SHA256:abc", at: now - minute, signed: false, counts: true }],
  rejections: [],
  end: null,
  changed: [],
  signedText: "",
  what: documentPlan(samplePlan),
  at: now,
};

/** The same after somebody has planned something else. */
export const voided: ApprovalDocument = {
  ...request,
  phase: "voided",
  missing: "",
  end: "it was voided: P-8 by ann is another plan",
  changed: ["web1/nginx: file /etc/motd would change something else"],
};

const entry: ApprovalEntry = { ...request, mayVote: ["eve"] };
const older: ApprovalEntry = { ...entry, request: "A-2", plan: "P-5", phase: "consumed", run: "R-4", missing: "", mayVote: [] };

const eve: Myself = { person: "eve", principal: "local:eve", people: true, roles: ["observer", "approver"], deployments: new Map() };

function rule(id: string, parts: Partial<Rule> = {}): Rule {
  return {
    id,
    level: "warn",
    scope: "node",
    applies: ["plan", "live"],
    origin: "shipped",
    off: false,
    description: `What ${id} is for.`,
    place: { file: "policy/own.yaml", line: 4, column: 5 },
    require: "node.roles.size() < 9",
    message: [{ text: "too many roles on " }, { expression: "node.name" }],
    evidence: [["roles", "node.roles"]],
    params: {},
    ...parts,
  };
}

function violation(id: string, parts: Partial<Violation> = {}): Violation {
  return {
    rule: id,
    level: "warn",
    outcome: "fail",
    change: "new",
    subject: "node:web1",
    message: "web1 has 512 MiB, 2 GiB are wanted",
    evidence: { mib: 512 },
    nodes: ["web1"],
    deployments: [],
    blocks: false,
    ...parts,
  };
}

const report: PolicyReport = {
  digest,
  rules: 3,
  summary: { deny: 1, warn: 1, info: 0, unknown: 0, waived: 1, new: 1, cured: 1, unchanged: 2, blocking: 1 },
  violations: [
    violation("web-memory", { level: "deny", blocks: true, owner: "team-web" }),
    violation("odd-quorum", { change: "unchanged", subject: "role:web/nginx", nodes: [], deployments: ["web"], message: "4 members" }),
    violation("old-kernel", {
      change: "unchanged",
      waived: { by: "ann", reason: "reboot on Monday", until: now + 90 * minute },
    }),
  ],
  cured: [{ rule: "odd-quorum", level: "warn", subject: "role:db/mariadb", message: "db has three members again" }],
};

const policy: PolicyView = {
  policy: {
    rules: [
      rule("web-memory", { level: "deny", origin: "cluster", owner: "team-web" }),
      rule("odd-quorum", { scope: "role" }),
      rule("old-kernel", { off: true }),
    ],
    settings: { factsMaxAgeMs: 1, timezone: "UTC", deadlineMs: 1 },
  },
  report,
  plan: "P-7",
  waivers: [{ rule: "old-kernel", reason: "reboot on Monday", by: "ann", at: now - minute, until: now + 90 * minute }],
};

const holds: Holds = {
  locks: [
    {
      lock: "L-1",
      deployment: "web",
      holder: "bob",
      reason: "INC-311, moving racks",
      since: now - minute,
      until: now + 60 * minute,
      token: 1,
    },
    { lock: "L-2", deployment: "db", holder: "eve", reason: "restoring", since: now - minute, token: 2 },
  ],
  freezes: [{ freeze: "F-1", deployments: [], from: now + minute, until: now + 120 * minute, reason: "press event", by: "ann" }],
  queue: {
    halligan: 1,
    kind: "queue",
    running: null,
    waiting: [
      {
        run: "R-5",
        plan: "P-7",
        by: "ann",
        owner: "ann",
        deployments: ["web"],
        requestedAt: now,
        startedAt: null,
        breakglass: null,
        held: [],
        place: 1,
        notBefore: null,
        waits: [{ kind: "lock", code: "LOCK_HELD", message: "Deployment web is locked by bob: INC-311, moving racks.", until: null }],
      },
    ],
    at: now,
  },
};

const happened: readonly (JournalEvent & { readonly on: string })[] = [
  { type: "node.seen", v: 1, node: "web1", digest: "sha256:01", changed: ["memory.totalBytes"], on: "node:web1" },
  { type: "plan.made", v: 1, plan: "P-7", digest: "sha256:07", by: "ann", deployments: ["web"], changes: 5, on: "plans" },
  {
    type: "audit.recorded",
    v: 1,
    n: 1,
    time: now,
    by: "mallory",
    principal: "local:mallory",
    front: "cli",
    action: "apply",
    resource: "P-7",
    decision: "refused",
    code: "NOT_ALLOWED",
    prev: "sha256:00",
    hash: "sha256:01",
    on: "audit",
  },
  {
    type: "approval.rejected",
    v: 1,
    request: "A-3",
    person: "eve",
    principal: "local:eve",
    digest: "sha256:07",
    reason: "not now",
    on: "approval:A-3",
  },
];

const journal: JournalTail = {
  events: happened.map(({ on, ...event }, index): Recorded => ({ ...event, seq: index + 1, at: now + index, stream: on, version: 1 })),
  more: false,
};

const here: readonly Presence[] = [
  { id: "here:1:0", person: "eve", front: "tui", host: "here", where: "approvals", since: now - 5 * minute, seenAt: now },
  { id: "there:2:0", person: "ann", front: "tui", host: "there", where: "plan P-7", doing: "plan", since: now - minute, seenAt: now },
];

const settings: DeploymentSettings = {
  roles: [
    { role: "nginx", barclamp: "nginx", on: "tier=web", nodes: ["web1", "web2"], place: { file: "/c/cluster.yaml", line: 12, column: 3 } },
  ],
  settings: [
    {
      barclamp: "nginx",
      name: "port",
      attribute: { type: "port", required: false, default: 80, why: "Where it listens." },
      values: [
        { text: "8080", from: "deployment web", given: true, place: { file: "/c/cluster.yaml", line: 13, column: 3 }, nodes: ["web1"] },
        { text: "81", from: "node web2", given: true, place: { file: "/c/cluster.yaml", line: 7, column: 3 }, nodes: ["web2"] },
      ],
    },
    {
      barclamp: "nginx",
      name: "password",
      attribute: { type: "secret", required: true },
      values: [{ text: "[secret nginx.password]", from: "secrets", given: true, nodes: ["web1", "web2"] }],
    },
  ],
};

/** Everything that the screens about people, rules and settings show, by the keys of its topics. */
export const shelf: Readonly<Record<string, Loaded<unknown>>> = {
  myself: ready(eve),
  approvals: ready([entry, older]),
  "approval:A-3": ready(request),
  "verdict:P-7": ready(report),
  policy: ready(policy),
  holds: ready(holds),
  "journal:2000": ready(journal),
  presence: ready(here),
  "settings:web": ready(settings),
};
