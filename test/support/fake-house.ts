import { join } from "node:path";
import { createAuditDesk } from "../../src/cli/house/audit-desk.ts";
import { followRun } from "../../src/cli/house/follow.ts";
import { createIntentDesk } from "../../src/cli/house/intent-desk.ts";
import { systemClock } from "../../src/cli/house/clock.ts";
import { quietPolicy } from "./quiet-policy.ts";
import { openLogs } from "../../src/core/adapters/logs.ts";
import { openStore } from "../../src/core/adapters/store/open.ts";
import type { EngineInfo, House, LoadedCluster } from "../../src/core/house.ts";
import { type JournalEvent, runStream, toStored } from "../../src/core/journal/events.ts";
import type { Plan, PlanBody } from "../../src/core/model/plan.ts";
import type { Json } from "../../src/core/ports.ts";
import { nextNumber } from "../../src/core/run/numbers.ts";
import { indexEnd, plansCollection, requestRun } from "../../src/core/run/requests.ts";

/** A house on a real store and real logs, without files, nodes and engine: the test plays the engine. */
export interface FakeHouse extends House {
  /** What the next plan holds. */
  body: PlanBody;
  /** Digest of the cluster's files. */
  revision: `sha256:${string}`;
  engine: EngineInfo;
  verified: Awaited<ReturnType<House["verify"]>>;
  proved: Awaited<ReturnType<House["prove"]>>;
  /** Appends to the stream of R-1, as the engine would. */
  append(...events: readonly JournalEvent[]): Promise<void>;
  /** Ends R-1. */
  end(phase: "succeeded" | "failed" | "cancelled", parts?: Partial<Extract<JournalEvent, { type: "run.ended" }>>): Promise<void>;
}

/** Opens one; several may be opened on the same folder, also by several processes. */
export async function openFakeHouse(folder: string, body: PlanBody): Promise<FakeHouse> {
  const store = await openStore(join(folder, "state.db"));
  const unused = (): never => {
    throw new Error("not played by this house");
  };
  const house: FakeHouse = {
    file: join(folder, "cluster.yaml"),
    folder,
    store,
    logs: openLogs(join(folder, "logs")),
    clock: systemClock,
    principal: { kind: "local", user: "ann" },
    authority: async () => ({ mode: "single-user" }),
    person: async () => "ann",
    audit: createAuditDesk({ store, home: folder, user: "tester", secrets: async () => [] }),
    secrets: { list: unused, set: unused, generate: unused, rotate: unused, recipients: unused, admit: unused, expel: unused },
    body,
    revision: "sha256:01",
    engine: { host: "deck", pid: 4711, started: false },
    verified: [],
    proved: [],
    load: async () =>
      ({
        file: house.file,
        folder,
        revision: house.revision,
        cluster: { name: "test", nodes: [{ name: "n1" }, { name: "n2" }], deployments: [] },
      }) as unknown as LoadedCluster,
    discover: unused,
    knownFacts: async () => new Map(),
    async plan({ by, onProgress }) {
      onProgress({ what: "check", done: 1, total: 1, item: "n1" });
      const plan = {
        id: `P-${await nextNumber(store, "plans")}`,
        digest: "sha256:02",
        body: house.body,
        author: by,
        at: 1000,
        revision: house.revision,
        facts: "sha256:03",
      } as Plan;
      await store.put(plansCollection, plan.id, plan as unknown as Json, 0);
      return plan;
    },
    verify: async () => house.verified,
    prove: async () => house.proved,
    drift: unused,
    approvals: { store, clock: systemClock, authority: async () => ({ mode: "single-user" }), policies: async () => new Map() },
    judge: async () => [],
    policy: quietPolicy,
    intent: createIntentDesk({ store, clock: systemClock, file: join(folder, "cluster.yaml"), user: "tester", policy: quietPolicy }),
    requestRun: async (plan, by, wish) => ({ run: await requestRun(store, plan, by, systemClock.now(), wish), engine: house.engine }),
    about: async () => ({ kind: "embedded", where: "memory" }),
    findEngine: async () => house.engine,
    ensureEngine: async () => house.engine,
    standBehind: async () => undefined,
    follow: (run, signal) =>
      followRun({ store, clock: systemClock, run, signal, ensureEngine: house.ensureEngine, lastWords: async () => undefined }),
    execute: unused,
    why: unused,
    close: () => store.close(),
    async append(...events) {
      await store.append(
        runStream("R-1"),
        events.map((event) => toStored(event)),
      );
    },
    async end(phase, parts = {}) {
      const nodeRoles = { active: 0, changed: 0, skipped: 0, retired: 0, failed: 0, blocked: 0, unknown: 0 };
      const ended = {
        type: "run.ended" as const,
        v: 1 as const,
        run: "R-1" as const,
        phase,
        nodeRoles,
        durationMs: 1000,
        problems: [],
        ...parts,
      } satisfies JournalEvent;
      await house.append(ended);
      await indexEnd(store, "R-1", ended);
    },
  };
  return house;
}
