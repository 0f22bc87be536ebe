import { join } from "node:path";
import { expect, test } from "vitest";
import { createAuditDesk } from "../../../../src/cli/house/audit-desk.ts";
import { openStore } from "../../../../src/core/adapters/store/open.ts";
import { readAudit } from "../../../../src/core/authority/audit/read.ts";
import { recordRuns } from "../../../../src/core/authority/audit/record-runs.ts";
import { problem } from "../../../../src/core/errors.ts";
import { type JournalEvent, toStored } from "../../../../src/core/journal/events.ts";
import { auditFolder, verifyEdited } from "../../../support/audit-store.ts";

const v = 1 as const;
const run = "R-7" as const;
const digest = "sha256:aa" as const;
const nodeRoles = { active: 0, changed: 0, skipped: 0, retired: 0, failed: 0, blocked: 0, unknown: 0 };
const frozen = { ...problem("NOT_ALLOWED", { message: "Alice may not do that any more." }) };

test("what an engine does with a run is on record when its store is closed, each with a checkpoint; the rest passes by", async () => {
  using audit = await auditFolder(async () => undefined);
  const kept = await openStore(audit.file);
  const desk = createAuditDesk({ store: kept, home: audit.folder, user: "tester", secrets: async () => [] });
  const failures: unknown[] = [];
  const store = recordRuns(kept, desk, (error) => failures.push(error));
  const events: readonly JournalEvent[] = [
    { type: "run.started", v, run, plan: "P-3", digest, by: "alice", nodeRoles: 2, steps: 4, engine: "deck:1:2" },
    { type: "noderole.moved", v, id: "n1/web", state: "transition", attempt: 1 },
    { type: "run.held", v, run, problems: [frozen] },
    { type: "run.ended", v, run, phase: "failed", nodeRoles, durationMs: 9, problems: [frozen] },
  ];
  for (const [index, event] of events.entries()) {
    await store.append(`run:${run}`, [toStored(event)], { commandId: `c${index}` });
    await store.append(`run:${run}`, [toStored(event)], { commandId: `c${index}` }); // a repeated command appends nothing
  }
  await store.append("elsewhere", events.map(toStored));
  await store.close();

  const again = await openStore(audit.file);
  const { entries } = await readAudit(again, {}, 10);
  await again.close();
  expect(failures).toEqual([]);
  expect(entries.map(({ by, front, action, resource, decision, code }) => [by, front, action, resource, decision, code])).toEqual([
    ["alice", "engine", "run start", "R-7", "allowed", undefined],
    ["alice", "engine", "run held", "R-7", "refused", "NOT_ALLOWED"],
    ["alice", "engine", "run end", "R-7", "allowed", "NOT_ALLOWED"],
  ]);
  const own = { ...audit, keys: new Set([await desk.key()]) };
  expect(await verifyEdited(own, () => undefined)).toMatchObject({ entries: 3, checkpoints: 3, uncovered: 0, found: 0 });
});

test("a run goes on when the audit's key cannot be used, and that is told", async () => {
  using audit = await auditFolder(async () => undefined);
  const { writeFileSync } = await import("node:fs");
  writeFileSync(join(audit.folder, "audit-tester.key"), "x", { mode: 0o666 });
  const kept = await openStore(audit.file);
  const desk = createAuditDesk({ store: kept, home: audit.folder, user: "tester", secrets: async () => [] });
  const failures: string[] = [];
  const store = recordRuns(kept, desk, (error) => failures.push(error.code));
  await store.append(`run:${run}`, [toStored({ type: "run.resumed", v, run, engine: "e" })]);
  await store.close();
  expect(failures).toEqual(["AUDIT_KEY_UNUSABLE"]);
});
