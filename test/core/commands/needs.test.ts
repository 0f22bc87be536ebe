import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { carryOut, type FrontContext } from "../../../src/core/commands/carry-out.ts";
import type { CommandDefinition, Need } from "../../../src/core/commands/command.ts";
import { commands } from "../../../src/core/commands/registry.ts";
import { createProposal } from "../../../src/core/intent/proposals.ts";
import { HalliganError } from "../../../src/core/errors.ts";
import type { House } from "../../../src/core/house.ts";
import { type JournalEvent, toStored } from "../../../src/core/journal/events.ts";
import { planBody, plannedNodeRole } from "../run/plans.ts";
import { authorityOf, onePersonPerRole } from "../../support/people.ts";
import { type FakeHouse, openFakeHouse } from "../../support/fake-house.ts";

/** What every command needs, written down a second time: a change in one place alone is noticed. */
const table: Readonly<Record<Need, string>> = {
  nothing: `init, doctor, validate, schema, completion, help, lab up, lab down, lab status, lab tour, import, barclamp new, barclamp list,
    barclamp show, barclamp docs, barclamp test, barclamp lint, barclamp add, barclamp update, steps, complete, whoami, link, unlink, audit verify-copy, policy test, serve, worker, slack manifest, state copy, state import`,
  read: `what, revisions, revisions show, revisions diff, proposals, propose show, note, nodes, facts, export, diff, why, status, runs, runs show, logs, watch, audit, audit verify, audit key, audit export, secrets list,
    secrets recipients list, locks, freezes, queue, tui, approvals, withdraw, policy check, policy explain, policy list`,
  operate: `rollback, set, propose, propose commit, propose rebase, propose drop, discover, plan, apply, retry, drift, restart, reset, rebuild, pause, resume, cancel, verify, exec, lock, unlock, schedule, unschedule, handoff`,
  approve: "approve, reject",
  breakglass: "breakglass",
  administer: `secrets set, secrets generate, secrets rotate, secrets recipients add, secrets recipients remove, freeze, unfreeze, policy waive, state export, state prune`,
};

/** Which of them each role opens. */
const opens: Readonly<Record<string, readonly Need[]>> = {
  nobody: ["nothing"],
  observer: ["nothing", "read"],
  operator: ["nothing", "read", "operate"],
  approver: ["nothing", "read", "approve"],
  breakglass: ["nothing", "breakglass"],
  admin: ["nothing", "read", "operate", "approve", "breakglass", "administer"],
};

const listed = (need: Need): readonly string[] =>
  table[need]
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
const needOf = (id: string): Need | undefined => (Object.keys(table) as Need[]).find((need) => listed(need).includes(id));

let folder: string;
let house: FakeHouse;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "halligan-needs-"));
  house = await openFakeHouse(folder, planBody());
});
afterAll(async () => {
  await house.close();
  await rm(folder, { recursive: true });
});

function contextOf(user: string, present: House = house): FrontContext {
  const asked: House = {
    ...present,
    principal: { kind: "local", user },
    authority: async () => authorityOf(onePersonPerRole),
    person: async () => user,
  };
  return {
    house: async () => asked,
    local: { zone: "UTC" } as never,
    pass: () => undefined,
    confirm: async () => true,
    signal: new AbortController().signal,
    by: user,
    cwd: "/",
    front: "cli",
  };
}

/** What a command did for a user: its answer's exit code, or the code of the problem. */
async function outcome(definition: CommandDefinition, user: string, args: Readonly<Record<string, unknown>> = {}): Promise<string> {
  return await carryOut(definition, contextOf(user), args).then(
    ({ exit }) => `exit ${exit}`,
    (error: unknown) => (error instanceof HalliganError ? error.code : String(error)),
  );
}

test("every command declares what it needs, and that is what the table says", () => {
  expect(Object.fromEntries(commands.map(({ id, needs }) => [id, needs]))).toEqual(
    Object.fromEntries(commands.map(({ id }) => [id, needOf(id)])),
  );
  const known = new Set(commands.map(({ id }) => id));
  expect((Object.keys(table) as Need[]).flatMap(listed).filter((id) => !known.has(id))).toEqual([]);
});

test("nothing that changes the cluster needs nothing or reads only", () => {
  const files = ["init", "import", "barclamp new", "barclamp add", "barclamp update", "lab up", "lab down", "lab tour", "state import"];
  // They judge by themselves: a code, whose vote it is, or whether there is anything to note, or which of two stores is the cluster's.
  const own = ["link", "unlink", "withdraw", "note", "state copy"];
  const bold = commands.filter(({ risk, needs }) => risk !== "read" && (needs === "nothing" || needs === "read")).map(({ id }) => id);
  expect(bold.toSorted()).toEqual([...files, ...own].toSorted());
});

describe.each(Object.keys(opens))("%s", (person) => {
  test("may run exactly what the table says; nothing of another command happens", async () => {
    for (const definition of commands) {
      let ran = 0;
      const traced: CommandDefinition = {
        ...definition,
        async run(context) {
          ran += 1;
          expect(context.by).toBe(person);
          return { exit: 0, document: { halligan: 1, kind: "x" } };
        },
      };
      const allowed = opens[person]?.includes(definition.needs) === true;
      expect([definition.id, await outcome(traced, person), ran]).toEqual([
        definition.id,
        allowed ? "exit 0" : "NOT_ALLOWED",
        allowed ? 1 : 0,
      ]);
    }
  });
});

test("a stranger may run nothing that needs anything", async () => {
  for (const definition of commands.filter(({ needs }) => needs !== "nothing"))
    expect([definition.id, await outcome(definition, "eve")]).toEqual([definition.id, "PRINCIPAL_UNKNOWN"]);
});

describe("rights for one deployment", () => {
  /** Arguments with which a command would work on deployment db, or on the whole cluster. */
  const aims: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> = {
    plan: [{ deployments: ["db"] }, { deployments: ["web", "db"] }, { deployments: [] }],
    apply: [
      { targets: ["P-1"], queue: true },
      { targets: ["db"], queue: true },
      { targets: [], queue: true },
    ],
    retry: [
      { run: "R-1", failed: false, planOnly: true },
      { run: "R-1", failed: false, planOnly: false },
    ],
    reset: [{ deployments: ["db"], forget: false, planOnly: true }],
    drift: [{ putBack: false }],
    restart: [{ planOnly: false }],
    pause: [{ run: "R-1" }],
    resume: [{ run: "R-1" }],
    cancel: [{ run: "R-1", now: false, abandon: false }],
    verify: [
      { deployments: ["db"], prove: false, capability: [] },
      { deployments: [], prove: true, capability: [] },
    ],
    lock: [
      { deployments: ["db"], cluster: false, reason: "because" },
      { deployments: [], cluster: true, reason: "because" },
    ],
    unlock: [
      { deployments: ["db"], cluster: false, force: false },
      { deployments: [], cluster: true, force: false },
    ],
    schedule: [{ plan: "P-1", in: "30m" }],
    unschedule: [{ run: "R-1" }],
    handoff: [{ run: "R-1", person: "admin" }],
    // What may be proposed is judged when it is committed.
    set: [],
    propose: [],
    "propose rebase": [],
    "propose commit": [{ proposal: "D-1" }],
    "propose drop": [{ proposal: "D-1" }],
    rollback: [{ deployment: "db", commit: false }],
    freeze: [
      { deployments: ["db"], for: "1h", reason: "because" },
      { deployments: [], for: "1h", reason: "because" },
    ],
    unfreeze: [{ freeze: "F-1" }],
    approve: [{ request: "A-1" }],
    reject: [{ request: "A-1", reason: "because" }],
    breakglass: [{ plan: "P-1", reason: "the database is down", detach: true }],
  };

  const request: JournalEvent = {
    type: "approval.requested",
    v: 1,
    request: "A-1",
    plan: "P-1",
    digest: "sha256:02",
    cluster: "test",
    scope: ["db"],
    deployments: ["db"],
    by: "admin",
    author: "admin",
    requirements: [],
    people: "sha256:00",
    expiresAt: Date.now() + 60_000,
  };

  test("open the command, and not other deployments", async () => {
    house.body = { ...planBody(plannedNodeRole("n1", "db", { deployment: "db" })), deployments: ["db"] };
    const all = {
      cluster: { name: "test", nodes: [], deployments: [{ name: "web" }, { name: "db" }] },
      revision: house.revision,
      file: house.file,
      folder,
    };
    Object.assign(house, { load: async () => all });
    await house.requestRun(
      await house.plan({ deployments: [], by: "admin", onProgress: () => undefined, signal: new AbortController().signal }),
      "admin",
      { notBefore: Date.now() + 3_600_000 },
    );
    await house.store.append("approval:A-1", [toStored(request)]);
    const before = "deployments: { web: { budget: 1m }, db: { budget: 1m } }\n";
    await createProposal(house.store, { author: "admin", at: 1, before, text: before.replace("db: { budget: 1m", "db: { budget: 2m") });
    const narrowed = commands.filter(({ scope }) => scope === "deployments");
    expect(narrowed.map(({ id }) => id).toSorted()).toEqual(Object.keys(aims).toSorted());
    for (const definition of narrowed) {
      for (const args of aims[definition.id] ?? []) {
        // webadmin has every role for web and none for db: what comes back must be the refusal of the command itself
        expect([definition.id, args, await outcome(definition, "webadmin", args)]).toEqual([definition.id, args, "NOT_ALLOWED"]);
      }
    }
  });

  test("do not open commands that work on the whole cluster", async () => {
    const whole = commands.filter(({ needs, scope }) => needs !== "nothing" && needs !== "read" && scope !== "deployments");
    expect(whole.map(({ id }) => id)).toEqual(expect.arrayContaining(["discover", "exec", "secrets set"]));
    for (const definition of whole) expect([definition.id, await outcome(definition, "webadmin")]).toEqual([definition.id, "NOT_ALLOWED"]);
  });
});
