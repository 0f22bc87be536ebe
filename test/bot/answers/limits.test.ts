import { describe, expect, test } from "vitest";
import { changeLine } from "../../../src/bot/answers/changes.ts";
import { helpAnswer } from "../../../src/bot/answers/help.ts";
import { collectOutput, logsAnswer } from "../../../src/bot/answers/logs.ts";
import { problemsMessage } from "../../../src/bot/answers/problems.ts";
import { runsAnswer, whyRunAnswer } from "../../../src/bot/answers/runs.ts";
import { approvalsAnswer, locksAnswer, nodesAnswer, whatAnswer, whoamiAnswer } from "../../../src/bot/answers/standing.ts";
import { statusAnswer } from "../../../src/bot/answers/status.ts";
import { plain, sentence, type Told } from "../../../src/bot/answers/told.ts";
import { whyAnswer } from "../../../src/bot/answers/why.ts";
import { limitViolations } from "../../../src/bot/text/violations.ts";
import { commands } from "../../../src/core/commands/registry.ts";
import type { StatusRun } from "../../../src/core/commands/status-document.ts";
import { problem } from "../../../src/core/errors.ts";

const style = { commands, prefix: "/halligan", cluster: "lab-a" };
const at = 1_795_000_000_000;

/** Names as nobody would give them: markup, orders, brackets, quotes, letters that count twice, very long words. */
const names = [
  "web",
  "<!channel>",
  "<@U0123ABC>",
  "*_~`",
  "```",
  "&lt;&amp;",
  '"\\\n\r\t\u0000\u001b[31m',
  "\u202ekcats\u2066",
  "😀".repeat(40),
  "x".repeat(5_000),
  "<http://evil.example|lab-a>",
];
const name = (index: number): string => `${names[index % names.length] ?? ""}${index}`;
const sizes = [0, 1, 2, 11, 100, 10_000];
const list = <T>(size: number, make: (index: number) => T): T[] => Array.from({ length: size }, (_, index) => make(index));

const run = (index: number): StatusRun => ({
  run: `R-${index}`,
  plan: `P-${index}`,
  by: name(index),
  owner: name(index + 1),
  breakglass: name(index + 2),
  phase: index % 2 === 0 ? "requested" : "failed",
  paused: false,
  cancel: null,
  held: {
    problems: list(Math.min(index, 300), (n) => problem("LOCK_HELD", { message: name(n), hint: name(n + 1) })),
    since: at - 5_000,
    until: at + 5_000,
  },
  requestedAt: at - 90_000,
  startedAt: at - 80_000,
  endedAt: index % 2 === 0 ? null : at - 10_000,
  progress: { nodeRoles: { total: 3, done: 1, lost: 1, running: 1 }, steps: { total: 9, done: 4, lost: 1 }, unchanged: 2 },
});

const answers: Readonly<Record<string, (size: number) => Told>> = {
  status: (size) =>
    statusAnswer(
      {
        halligan: 1,
        kind: "status",
        cluster: name(size),
        file: "/x",
        store: { kind: "embedded", where: "state.db" },
        engine: null,
        workers: [],
        activeRun: size === 0 ? null : run(size),
        lastRun: size === 0 ? null : run(size + 1),
        lastPlan: null,
        nodeRoles: list(size, (index) => ({
          id: `${name(index)}/${name(index)}`,
          deployment: name(index),
          state: (["active", "error", "unknown", "blocked"] as const)[index % 4] ?? "active",
          run: `R-${index}`,
          at,
          problem: problem("STEP_FAILED", { message: name(index) }),
        })),
        nodes: [],
        standing: {
          approvals: list(size, approval),
          locks: list(size, lock),
          freezes: list(size, (index) => ({
            freeze: name(index),
            deployments: list(index % 9, name),
            from: at,
            until: at + 1,
            reason: name(index),
            by: null,
            zone: null,
          })),
          waiting: list(size, (index) => ({
            run: `R-${index}`,
            plan: `P-${index}`,
            by: name(index),
            notBefore: index % 2 === 0 ? null : at + 60_000,
          })),
          reviews: list(size, (index) => ({ run: `R-${index}`, plan: `P-${index}`, by: name(index), at, reason: name(index) })),
        },
        policy: null,
        at,
        problems: list(size, (index) => problem("YAML_INVALID", { message: name(index) })),
      },
      style,
    ),
  "why-run": (size) =>
    whyRunAnswer(
      {
        halligan: 1,
        kind: "why-run",
        ...run(size),
        at,
        failures: list(size, (index) => ({
          id: name(index),
          state: index % 2 === 0 ? ("error" as const) : ("unknown" as const),
          problem: problem("STEP_FAILED", { message: name(index) }),
          notes: [{ note: `N-${index}` as const, text: name(index), by: name(index), at }],
        })),
      },
      style,
    ),
  runs: (size) =>
    runsAnswer(
      {
        halligan: 1,
        kind: "runs",
        runs: list(size, (index) => ({ run: `R-${index}`, plan: `P-${index}`, by: name(index), at: at - index, phase: "requested" })),
        more: size,
        at,
      },
      style,
    ),
  what: (size) =>
    whatAnswer(
      {
        halligan: 1,
        kind: "what",
        cluster: name(size),
        deployments: list(size, (index) => ({
          deployment: name(index),
          wanted: index % 3 !== 0,
          nodeRoles: index,
          nodes: index,
          barclamps: list(index % 12, (n) => ({
            barclamp: name(n),
            version: n % 2 === 0 ? null : name(n),
            digest: "sha256:1",
            nodeRoles: 1,
          })),
          since: at,
          last: { run: `R-${index}`, plan: `P-${index}`, by: index % 2 === 0 ? null : name(index), at },
        })),
        absent: list(size, name),
        activeRun: size === 0 ? null : name(size),
        at,
      },
      style,
    ),
  approvals: (size) => approvalsAnswer({ halligan: 1, kind: "approvals", requests: list(size, approval), more: size, at }, style),
  locks: (size) => locksAnswer({ halligan: 1, kind: "locks", locks: list(size, lock), at }, style),
  nodes: (size) =>
    nodesAnswer(
      {
        halligan: 1,
        kind: "nodes",
        cluster: name(size),
        selector: name(size + 1),
        nodes: list(size, (index) => ({
          name: name(index),
          address: name(index),
          port: 22,
          user: name(index),
          labels: Object.fromEntries(list(index % 12, (n) => [name(n), name(n)])),
          seen: index % 2 === 0 ? null : { at, os: name(index), arch: null, threads: null, memoryBytes: null, init: "systemd" },
        })),
      },
      style,
      at,
    ),
  whoami: (size) =>
    whoamiAnswer(
      list(size, (index) => [
        name(index),
        {
          halligan: 1,
          kind: "whoami",
          mode: "people",
          principal: `slack:T1/${name(index)}`,
          person: index % 3 === 0 ? null : name(index),
          name: name(index),
          groups: list(index % 30, name),
          principals: [],
          roles: { cluster: ["admin"], deployments: Object.fromEntries(list(index % 40, (n) => [name(n), ["operator" as const]])) },
          may: ["read"],
        },
      ]),
      style,
    ),
  why: (size) =>
    whyAnswer(
      {
        halligan: 1,
        kind: "why",
        id: `${name(size)}/${name(size)}`,
        node: name(size),
        role: name(size),
        barclamp: name(size),
        cohort: 1,
        placement: { deployment: name(size), on: name(size + 1), avoid: [], chosen: list(size, name) },
        waits: list(size, (index) => ({
          why: "requires",
          name: name(index),
          wanted: name(index),
          providers: list(index % 20, (n) => `${name(n)}/x` as const),
        })),
        inputs: {},
        settings: [],
        planned: {
          action: "apply",
          steps: list(size, (index) => ({ id: name(index), kind: "file", label: name(index), change: "change" as const })),
        },
        problems: list(size, (index) => problem("STEP_FAILED", { message: name(index), hint: name(index) })),
        lastRun: {
          run: "R-1",
          at: 0,
          state: "blocked",
          problem: problem("BLOCKED_BY_FAILURE", { message: name(size) }),
          behind: list(size % 4, (index) => problem("STEP_FAILED", { message: name(index), hint: name(index) })),
          notes: [],
        },
      },
      style,
    ),
  logs: (size) => {
    const output = collectOutput();
    for (let index = 0; index < size; index += 1)
      output.take({ type: "log", run: "R-1", node: name(index), role: "web", text: `${name(index)}\n` });
    return logsAnswer(
      { halligan: 1, kind: "logs", run: "R-1", phase: "failed", logs: list(size, () => ({ node: "n", role: "r", bytes: 1 })) },
      output,
      style,
    );
  },
  problems: (size) => {
    const all = list(Math.max(1, size), (index) =>
      problem("STEP_FAILED", {
        message: name(index),
        cause: name(index + 1),
        hint: name(index + 2),
        at: { node: name(index), role: name(index), step: name(index) },
      }),
    );
    const [first, ...more] = all;
    if (first === undefined) throw new Error("there is one");
    return problemsMessage([first, ...more], style, {
      line: name(size),
      channels: size === 0 ? [] : list(Math.min(size, 50), (index) => `C0${index}`),
    });
  },
  plain: (size) => plain(style, name(size), list(size, name).join("\n"), { exit: 0, document: { halligan: 1, kind: "x" } }),
  help: (size) =>
    helpAnswer([], {
      style,
      clusters: list(size, name),
      elsewhere: new Map(list(size, (index) => [name(index), ["C1"]])),
      may: new Set(["nothing", "read", "operate"]),
    }),
  change: (size) =>
    sentence(
      changeLine(
        { exit: 0, document: { halligan: 1, kind: "locked", locks: list(size, lock), at } },
        { user: "U1", command: name(size), cluster: name(size) },
        name(size),
      ),
    ),
};

function approval(index: number): Parameters<typeof approvalsAnswer>[0]["requests"][number] {
  return {
    request: `A-${index}`,
    plan: `P-${index}`,
    digest: "sha256:1",
    phase: index % 2 === 0 ? "open" : "granted",
    author: name(index),
    by: name(index),
    deployments: list(index % 20, name),
    openedAt: at,
    expiresAt: at + 1_000,
    run: null,
    missing: name(index),
  };
}

function lock(index: number): Parameters<typeof locksAnswer>[0]["locks"][number] {
  return {
    lock: `L-${index}`,
    deployment: index % 2 === 0 ? null : name(index),
    holder: name(index),
    reason: name(index),
    since: at,
    until: index % 3 === 0 ? null : at,
  };
}

describe("answers of any size are within Slack's limits", () => {
  test.each(Object.keys(answers).flatMap((kind) => sizes.map((size) => [kind, size] as const)))("%s of %d", (kind, size) => {
    const told = answers[kind]?.(size);
    expect(told === undefined ? ["nothing"] : limitViolations(told.message)).toEqual([]);
    const words = JSON.stringify(told?.message);
    // Nothing of a name became an order, a mention or a link.
    expect(words).not.toMatch(/<!channel>|<@U0123ABC>|<http:\/\/evil|\\u001b|\u202e/u);
    expect(told?.message.text.trim()).not.toBe("");
  });
});

describe("help", () => {
  const asker = { style, clusters: ["lab-a"], elsewhere: new Map<string, readonly string[]>() };

  test("lists what the caller may do, and nothing else", () => {
    const observer = JSON.stringify(helpAnswer([], { ...asker, may: new Set(["nothing", "read"] as const) }).message);
    expect(observer).toContain("`status`");
    expect(observer).not.toContain("`apply`");
    expect(observer).not.toContain("`exec`");
    expect(JSON.stringify(helpAnswer([], { ...asker, may: new Set(["nothing", "read", "operate"] as const) }).message)).toContain(
      "`apply`",
    );
  });

  test.each(commands.filter(({ hidden }) => hidden !== true).map(({ id }) => id))("%s is explained within the limits", (id) => {
    const { message } = helpAnswer(id.split(" "), { ...asker, may: new Set(["nothing", "read"] as const) });
    expect(limitViolations(message)).toEqual([]);
    expect(message.text).toContain(id);
  });

  test("examples are for this place", () => {
    expect(JSON.stringify(helpAnswer(["plan"], { ...asker, may: new Set(["operate"] as const) }).message)).toContain(
      "`/halligan plan lab-a web`",
    );
  });
});

test("what is long is in a file as a whole, with commands as they are typed here", () => {
  const text = [...list(500, (index) => `line ${index}`), "Next: halligan apply P-3"].join("\n");
  const { message, file } = plain(style, "diff", text, { exit: 0, document: { halligan: 1, kind: "diff" } });
  expect(limitViolations(message)).toEqual([]);
  expect(file?.text.split("\n")).toHaveLength(501);
  expect(file?.text).toContain("/halligan apply lab-a P-3");
});

test("a problem tells code, place, cause and the command to type", () => {
  const found = problem("STEP_FAILED", {
    message: "it broke",
    cause: "exit 1",
    hint: "Look: `halligan logs R-3`.",
    at: { node: "web1", role: "nginx" },
  });
  const words = JSON.stringify(problemsMessage([found], style, { line: "/halligan status lab-a" }).message);
  for (const part of ["STEP_FAILED", "web1/nginx", "it broke", "exit 1", "`/halligan logs lab-a R-3`", "`/halligan status lab-a`"])
    expect(words).toContain(part);
});
