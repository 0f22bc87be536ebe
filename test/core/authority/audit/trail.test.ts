import { chmodSync, copyFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createAuditDesk } from "../../../../src/cli/house/audit-desk.ts";
import { systemClock } from "../../../../src/cli/house/clock.ts";
import { openStore } from "../../../../src/core/adapters/store/open.ts";
import { fingerprintOf, publicKeyLine, readPublicKeys } from "../../../../src/core/authority/audit/public-key.ts";
import { readAudit } from "../../../../src/core/authority/audit/read.ts";
import { type AuditEntry, createAuditTrail } from "../../../../src/core/authority/audit/trail.ts";
import { SecretValue } from "../../../../src/core/model/secret.ts";
import { auditFolder, auditWriter, verifyEdited } from "../../../support/audit-store.ts";

const entry: AuditEntry = { by: "alice", principal: "local:alice", front: "cli", action: "status", decision: "allowed" };

test("several processes at once write one chain", async () => {
  using audit = await auditFolder(async (desk) => desk.record({ ...entry, front: "engine" }));
  await Promise.all(["a", "b", "c", "d"].map((who) => auditWriter(audit.folder, who, 20)));
  const found = await verifyEdited(audit, () => undefined);
  expect(found).toMatchObject({ entries: 81, found: 0 });
  expect(found.checkpoints).toBeGreaterThanOrEqual(3);
  expect(found.keys).toHaveLength(1);
});

test("a writer that is killed at any moment leaves a whole chain with everything it had acknowledged", async () => {
  using audit = await auditFolder(async (desk) => desk.record({ ...entry, front: "engine" }));
  let acknowledged = 1;
  for (const afterMs of [1, 8, 20, 35]) {
    acknowledged += await auditWriter(audit.folder, "killed", 100_000, afterMs);
    const store = await openStore(audit.file); // reads what the killed process left in the log
    await store.close();
    const found = await verifyEdited(audit, () => undefined);
    expect(found.found).toBe(0);
    expect(found.entries).toBeGreaterThanOrEqual(acknowledged);
    acknowledged = found.entries;
  }
});

test("many at once in one process are one chain, and a checkpoint comes by itself", async () => {
  using audit = await auditFolder(async (desk) => {
    await Promise.all(Array.from({ length: 70 }, (_, index) => desk.record({ ...entry, detail: { index } })));
  });
  expect(await verifyEdited(audit, () => undefined)).toMatchObject({
    entries: 70,
    checkpoints: 1,
    newest: { n: 64 },
    uncovered: 6,
    found: 0,
  });
});

test("secrets are taken out of what exec runs and of notes, too", async () => {
  using audit = await auditFolder(async () => undefined);
  const store = await openStore(audit.file);
  const secrets = async () => [{ name: "db", value: new SecretValue("hunter2-long") }];
  const desk = createAuditDesk({ store, home: audit.folder, user: "tester", secrets });
  await desk.record({ ...entry, action: "exec run", detail: { command: "mysql -phunter2-long" } });
  await desk.record({ ...entry, action: "note", detail: { about: "n1", text: "hunter2-long" } });
  expect(JSON.stringify(await store.read({ stream: "audit" }))).not.toContain("hunter2");
  expect(await desk.redacted("it is hunter2-long")).toBe("it is [secret db]");
  await store.close();
});

test("secrets are taken out, long things are cut, and each cut is said", async () => {
  using audit = await auditFolder(async () => undefined);
  const store = await openStore(audit.file);
  const secrets = async () => [{ name: "db", value: new SecretValue("hunter2-long") }];
  const desk = createAuditDesk({ store, home: audit.folder, user: "tester", secrets });
  await desk.record({
    ...entry,
    action: "exec",
    reason: "with hunter2-long",
    resource: "a hunter2-long",
    detail: {
      command: `mysql -phunter2-long ${"x".repeat(5000)}`,
      list: Array.from({ length: 500 }, String),
      deep: { a: { b: { c: { d: { e: { f: 1 } } } } } },
    },
  });
  await desk.record({ ...entry, action: "exec run", detail: { command: "y".repeat(100_000) } });
  const { entries } = await readAudit(store, {}, 10);
  await store.close();
  expect(entries[1]?.detail).toEqual({ command: "y".repeat(100_000) });
  const text = JSON.stringify(entries[0]);
  expect(text).not.toContain("hunter2");
  expect(text).toContain("mysql -p[secret db] xxx");
  expect(text).toMatch(/\[\d{4} characters left out, sha256 of all is [0-9a-f]{64}\].*\[300 more left out\].*\[deeper values left out\]/u);
  expect(text.length).toBeLessThan(6000);
});

test("filters hold together, and the newest come last", async () => {
  using audit = await auditFolder(async (desk) => {
    for (let index = 0; index < 1200; index += 400) {
      await desk.record({ ...entry, by: "bob", action: "apply", detail: { targets: ["web"] } });
      await desk.record({ ...entry, action: "secrets set", decision: "refused", resource: "db, web" });
    }
    await desk.record({ ...entry, principal: "slack:T1/U2", action: "secretsy" });
  });
  const store = await openStore(audit.file);
  const ns = async (...args: [Parameters<typeof readAudit>[1], number?]) => {
    const { entries, more } = await readAudit(store, args[0], args[1] ?? 100);
    return [entries.map(({ n }) => n), more];
  };
  expect(await ns({ by: "bob" })).toEqual([[1, 3, 5], false]);
  expect(await ns({ by: "slack:T1/U2" })).toEqual([[7], false]);
  expect(await ns({ action: "secrets" })).toEqual([[2, 4, 6], false]);
  expect(await ns({ refused: true }, 2)).toEqual([[4, 6], true]);
  expect(await ns({ deployment: "web" })).toEqual([[1, 2, 3, 4, 5, 6], false]);
  expect(await ns({ deployment: "web", by: "bob", refused: true })).toEqual([[], false]);
  expect(await ns({ since: Number.MAX_SAFE_INTEGER })).toEqual([[], false]);
  await store.close();
});

test("keys: private to their owner, refused where others can read them, and told apart when there are several", async () => {
  using audit = await auditFolder(async (desk) => desk.record({ ...entry, front: "engine" }));
  const [key = ""] = audit.keys;
  expect(readdirSync(audit.folder).filter((name) => name.startsWith("audit"))).toEqual(["audit-tester.key", "audit-tester.pub"]);
  expect(statSync(join(audit.folder, "audit-tester.key")).mode & 0o777).toBe(0o600);
  expect(fingerprintOf(key)).toMatch(/^SHA256:[\w+/]{43}$/u);
  expect(readPublicKeys(`# mine\n\n${publicKeyLine(key, "me")}\n`, "f")).toEqual([key]);
  expect(() => readPublicKeys("ssh-rsa AAAA x\n", "f")).toThrow(/Line 1 of f/u);

  chmodSync(join(audit.folder, "audit-tester.key"), 0o644);
  const store = await openStore(audit.file);
  const deskOf = (user: string) => createAuditDesk({ store, home: audit.folder, user, secrets: async () => [] });
  await expect(deskOf("tester").record({ ...entry, front: "engine" })).rejects.toThrow(/AUDIT_KEY_UNUSABLE.*mode 0644/u);
  writeFileSync(join(audit.folder, "audit-eve.key"), "nonsense", { mode: 0o600 });
  await expect(deskOf("eve").key()).rejects.toThrow(/holds no Ed25519 private key/u);
  await deskOf("../b b").record({ ...entry, front: "engine" });
  expect((await deskOf("x").trustedKeys()).size).toBe(2);
  await store.close();
  expect((await verifyEdited(audit, () => undefined)).findings[0]?.problem.message).toMatch(/not trusted here/u);
});

test("a copy is read without a byte being written, from a file that may only be read", async () => {
  using audit = await auditFolder(async (desk) => desk.record({ ...entry, front: "engine" }));
  const { openStoreCopy } = await import("../../../../src/core/adapters/store/sqlite/copy.ts");
  copyFileSync(audit.file, join(audit.folder, "copy.db"));
  chmodSync(join(audit.folder, "copy.db"), 0o400);
  const before = readdirSync(audit.folder);
  const copy = openStoreCopy(join(audit.folder, "copy.db"));
  expect(await copy.read({ stream: "audit" })).toHaveLength(1);
  copy.close();
  expect(readdirSync(audit.folder)).toEqual(before);
  writeFileSync(join(audit.folder, "text.db"), "no database, but long enough to be read as one ".repeat(40));
  expect(() => openStoreCopy(join(audit.folder, "text.db"))).toThrow(/STORE_/u);
  expect(() => openStoreCopy(join(audit.folder, "missing.db"))).toThrow(/STORE_UNAVAILABLE/u);
});

test("an entry is on record although its checkpoint cannot be written", async () => {
  using audit = await auditFolder(async () => undefined);
  const store = await openStore(audit.file);
  const trail = createAuditTrail({ store, clock: systemClock, signer: () => Promise.reject(new Error("no key")) });
  await expect(trail.record({ ...entry, front: "engine" })).rejects.toThrow("no key");
  await trail.record(entry);
  expect((await readAudit(store, {}, 10)).entries.map(({ n }) => n)).toEqual([1, 2]);
  await store.close();
});
