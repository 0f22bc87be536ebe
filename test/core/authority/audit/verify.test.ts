import { generateKeyPairSync, sign } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Checkpoint,
  checkpointHash,
  entryHash,
  genesis,
  type KeptEntry,
  signedBytes,
} from "../../../../src/core/authority/audit/chain.ts";
import { verifyAudit } from "../../../../src/core/authority/audit/verify.ts";
import type { Json, StoredEvent } from "../../../../src/core/ports.ts";
import { type AuditFolder, auditFolder, verifyEdited } from "../../../support/audit-store.ts";

const entries = 24;
let audit: AuditFolder;

beforeAll(async () => {
  audit = await auditFolder(async (desk) => {
    for (let index = 1; index <= entries; index += 1) {
      await desk.record({
        by: index % 3 === 0 ? "bob" : "alice",
        principal: "local:alice",
        front: index % 8 === 0 ? "engine" : "cli",
        action: "apply",
        resource: "web",
        decision: index % 5 === 0 ? "refused" : "allowed",
        ...(index % 5 === 0 ? { code: "NOT_ALLOWED", reason: "no role" } : {}),
        detail: { deployments: ["web", "db"], index, flags: { yes: true, none: null } },
      });
    }
  });
});
afterAll(() => audit[Symbol.dispose]());

const read = (db: DatabaseSync, stream: string, version: number): Record<string, Json> =>
  JSON.parse(String(db.prepare("SELECT data FROM events WHERE stream = ? AND version = ?").get(stream, version)?.["data"]));
const write = (db: DatabaseSync, stream: string, version: number, data: unknown): void =>
  void db.prepare("UPDATE events SET data = ? WHERE stream = ? AND version = ?").run(JSON.stringify(data), stream, version);
const remove = (db: DatabaseSync, stream: string, version: number): void =>
  void db.prepare("DELETE FROM events WHERE stream = ? AND version = ?").run(stream, version);
/** Moves the versions behind one by so many places. */
const shift = (db: DatabaseSync, stream: string, after: number, by: 1 | -1): void => {
  const order = by === 1 ? "DESC" : "ASC";
  for (const row of db.prepare(`SELECT version FROM events WHERE stream = ? AND version > ? ORDER BY version ${order}`).all(stream, after))
    db.prepare("UPDATE events SET version = version + ? WHERE stream = ? AND version = ?").run(by, stream, Number(row["version"]));
};
const insert = (db: DatabaseSync, stream: string, version: number, type: string, data: unknown): void =>
  void db
    .prepare("INSERT INTO events (stream, version, type, at, data) VALUES (?, ?, ?, 0, ?)")
    .run(stream, version, type, JSON.stringify(data));

/** Paths of all values in a document. */
function paths(value: Json, at: readonly (string | number)[] = []): readonly (readonly (string | number)[])[] {
  if (typeof value !== "object" || value === null) return [at];
  return Object.entries(value).flatMap(([key, inner]) => paths(inner as Json, [...at, key]));
}
function replaced(value: Json, [first, ...rest]: readonly (string | number)[], by: Json | undefined): Json {
  if (first === undefined) return by ?? null;
  const copy: Record<string, Json> | Json[] = Array.isArray(value) ? [...value] : { ...(value as Record<string, Json>) };
  const record = copy as Record<string, Json>;
  if (rest.length === 0 && by === undefined) delete record[first];
  else record[first] = replaced(record[first] ?? null, rest, by);
  return copy as Json;
}

const place = fc.integer({ min: 1, max: entries });
const runs = { numRuns: 60 };

describe("an audit in a real store", () => {
  test("is whole as it was written", async () => {
    const found = await verifyEdited(audit, () => undefined);
    expect(found).toMatchObject({ entries, checkpoints: 3, uncovered: 0, found: 0, newest: { n: entries }, keys: [{ trusted: true }] });
  });

  test("any edit of any value of an entry is found", async () => {
    await fc.assert(
      fc.asyncProperty(place, fc.nat(), fc.option(fc.jsonValue(), { nil: undefined }), async (n, pick, value) => {
        let same = false;
        const found = await verifyEdited(audit, (db) => {
          const before = read(db, "audit", n);
          const all = paths(before);
          const after = replaced(before, all[pick % all.length] ?? [], value as Json | undefined);
          same = JSON.stringify(after) === JSON.stringify(before);
          write(db, "audit", n, after);
        });
        expect(found.found > 0).toBe(!same);
      }),
      runs,
    );
  });

  test("an edit with its own hash made anew is found", async () => {
    await fc.assert(
      fc.asyncProperty(place, async (n) => {
        const found = await verifyEdited(audit, (db) => {
          const { hash: _, ...open } = { ...read(db, "audit", n), by: "mallory" } as unknown as KeptEntry;
          write(db, "audit", n, { ...open, hash: entryHash(open) });
        });
        expect(found.findings.map((each) => each.what)).toContain(n % 8 === 0 ? "rewritten" : "unlinked");
      }),
      { numRuns: 30 },
    );
  });

  test("added values, numbers that JSON cannot hold, and other types of events are found", async () => {
    for (const sql of [
      `UPDATE events SET data = json_set(data, '$.extra', 1) WHERE stream = 'audit' AND version = 7`,
      `UPDATE events SET data = replace(data, '"none":null', '"none":1e999') WHERE stream = 'audit' AND version = 7`,
      `UPDATE events SET type = 'plan.made' WHERE stream = 'audit' AND version = 7`,
      `UPDATE events SET data = '"x"' WHERE stream = 'audit' AND version = 7`,
      `UPDATE events SET version = 1000 WHERE stream = 'audit' AND version = 7`,
    ]) {
      const found = await verifyEdited(audit, (db) => db.exec(sql));
      expect(
        found.findings.map((each) => each.n),
        sql,
      ).toContain(7);
    }
  });

  test("any two entries that changed places are found", async () => {
    await fc.assert(
      fc.asyncProperty(place, place, fc.boolean(), async (a, b, renumbered) => {
        fc.pre(a !== b);
        const found = await verifyEdited(audit, (db) => {
          const [first, second] = [read(db, "audit", a), read(db, "audit", b)];
          write(db, "audit", a, renumbered ? { ...second, n: a } : second);
          write(db, "audit", b, renumbered ? { ...first, n: b } : first);
        });
        expect(found.found).toBeGreaterThan(0);
      }),
      runs,
    );
  });

  test("any entry that was removed is found, the last one too, also when the others close up", async () => {
    await fc.assert(
      fc.asyncProperty(place, fc.boolean(), async (n, closed) => {
        const found = await verifyEdited(audit, (db) => {
          remove(db, "audit", n);
          if (closed) shift(db, "audit", n, -1);
        });
        expect(found.found).toBeGreaterThan(0);
      }),
      runs,
    );
  });

  test("any entry that was put in is found, however well it is made", async () => {
    await fc.assert(
      fc.asyncProperty(place, async (n) => {
        const found = await verifyEdited(audit, (db) => {
          const prev = n === 1 ? genesis : (read(db, "audit", n - 1)["hash"] as KeptEntry["hash"]);
          const { hash: _, ...open } = { ...read(db, "audit", n), n, prev, by: "mallory" } as unknown as KeptEntry;
          shift(db, "audit", n - 1, 1);
          insert(db, "audit", n, "audit.recorded", { ...open, hash: entryHash(open) });
        });
        expect(found.found).toBeGreaterThan(0);
      }),
      runs,
    );
  });

  test("all hashes made anew from an edit on are found by the next checkpoint", async () => {
    const found = await verifyEdited(audit, (db) => {
      let prev = read(db, "audit", 4)["hash"] as KeptEntry["hash"];
      for (let n = 5; n <= entries; n += 1) {
        const { hash: _, ...open } = { ...read(db, "audit", n), prev, by: "mallory" } as unknown as KeptEntry;
        prev = entryHash(open);
        write(db, "audit", n, { ...open, hash: prev });
      }
    });
    expect(found.findings.map(({ what, n }) => [what, n])).toEqual([
      ["rewritten", 8],
      ["rewritten", 16],
      ["rewritten", 24],
    ]);
  });

  test("a tail that was cut is found; with its checkpoints only by a mark kept elsewhere", async () => {
    const cut = (db: DatabaseSync): void => db.exec("DELETE FROM events WHERE stream = 'audit' AND version > 18");
    const withCheckpoints = (db: DatabaseSync): void => {
      cut(db);
      remove(db, "audit:checkpoints", 3);
    };
    expect((await verifyEdited(audit, cut)).findings.map(({ what, n }) => [what, n])).toEqual([["tail-cut", 24]]);
    const { newest } = await verifyEdited(audit, () => undefined);
    expect((await verifyEdited(audit, withCheckpoints)).found).toBe(0);
    const mark = { n: newest?.n ?? 0, hash: newest?.hash ?? genesis };
    expect((await verifyEdited(audit, withCheckpoints, [mark])).findings.map(({ what, n }) => [what, n])).toEqual([["tail-cut", 24]]);
    expect((await verifyEdited(audit, (db) => db.exec("DELETE FROM events"), [mark])).found).toBe(1);
    expect((await verifyEdited(audit, () => undefined, [{ n: 3, hash: genesis }])).findings[0]?.what).toBe("rewritten");
  });
});

describe("checkpoints", () => {
  const stream = "audit:checkpoints";

  test("any edit, swap and removal before the last one is found", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.nat(), fc.jsonValue(), async (version, pick, value) => {
        let same = false;
        const found = await verifyEdited(audit, (db) => {
          const before = read(db, stream, version);
          const all = paths(before);
          const after = replaced(before, all[pick % all.length] ?? [], value as Json);
          same = JSON.stringify(after) === JSON.stringify(before);
          write(db, stream, version, after);
        });
        expect(found.found > 0).toBe(!same);
      }),
      runs,
    );
    const swap = (db: DatabaseSync): void => {
      const [first, second] = [read(db, stream, 1), read(db, stream, 2)];
      write(db, stream, 1, second);
      write(db, stream, 2, first);
    };
    expect((await verifyEdited(audit, swap)).found).toBeGreaterThan(0);
    expect((await verifyEdited(audit, (db) => remove(db, stream, 1))).found).toBeGreaterThan(0);
    const closeUp = (db: DatabaseSync): void => {
      remove(db, stream, 2);
      shift(db, stream, 2, -1);
    };
    expect((await verifyEdited(audit, closeUp)).found).toBeGreaterThan(0);
  });

  test("one that is forged with another key, or with no key at all, does not count", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const key = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url").toString("base64");
    const forge = (db: DatabaseSync, own: boolean): void => {
      const last = read(db, stream, 3) as unknown as Checkpoint;
      const open = { v: 1 as const, n: entries, hash: last.hash, time: 1, prev: checkpointHash(last), key: own ? key : last.key };
      insert(db, stream, 4, "audit.checkpoint", { ...open, signature: sign(null, signedBytes(open), privateKey).toString("base64") });
    };
    const other = await verifyEdited(audit, (db) => forge(db, true));
    expect(other.findings.map(({ what, problem }) => [what, problem.message])).toEqual([
      ["checkpoint", `The checkpoint of entry ${entries} is signed by a key that is not trusted here: ${key}.`],
    ]);
    expect(other.keys).toContainEqual({ key, checkpoints: 1, trusted: false });
    const borrowed = await verifyEdited(audit, (db) => forge(db, false));
    expect(borrowed.findings[0]?.problem.message).toBe(`The signature of the checkpoint of entry ${entries} is not good.`);
  });
});

test("ten thousand entries", async () => {
  const events: StoredEvent[] = [];
  let prev = genesis;
  for (let n = 1; n <= 10_000; n += 1) {
    const open = {
      v: 1 as const,
      n,
      time: n,
      by: "a",
      principal: "local:a",
      front: "cli" as const,
      action: "plan",
      decision: "allowed" as const,
      prev,
    };
    prev = entryHash(open);
    events.push({ position: n, stream: "audit", version: n, at: n, type: "audit.recorded", data: { ...open, hash: prev } });
  }
  const store = {
    read: async ({ stream = "", after = 0, limit = 1000 }) => (stream === "audit" ? events.slice(after, after + limit) : []),
  };
  expect(await verifyAudit({ store, trusted: new Set(), marks: [] })).toMatchObject({ entries: 10_000, found: 0, last: { hash: prev } });
});
