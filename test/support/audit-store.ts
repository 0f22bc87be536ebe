import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { createAuditDesk } from "../../src/cli/house/audit-desk.ts";
import { openStore } from "../../src/core/adapters/store/open.ts";
import { openStoreCopy } from "../../src/core/adapters/store/sqlite/copy.ts";
import type { AuditDesk } from "../../src/core/authority/audit/desk.ts";
import { type Mark, type Verified, verifyAudit } from "../../src/core/authority/audit/verify.ts";

/** A folder with a store in which there is an audit. */
export interface AuditFolder extends Disposable {
  readonly folder: string;
  readonly file: string;
  readonly keys: ReadonlySet<string>;
}

/** Writes entries into a new store, and closes it. */
export async function auditFolder(write: (audit: AuditDesk) => Promise<void>): Promise<AuditFolder> {
  const folder = mkdtempSync(join(tmpdir(), "halligan-audit-"));
  const file = join(folder, "state.db");
  const store = await openStore(file);
  const audit = createAuditDesk({ store, home: folder, user: "tester", secrets: async () => [] });
  await write(audit);
  const keys = await audit.trustedKeys();
  await store.close();
  return { folder, file, keys, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Verifies a copy of the store after somebody wrote to it past Halligan. */
export async function verifyEdited(
  { file, keys }: AuditFolder,
  edit: (db: DatabaseSync) => void,
  marks: readonly Mark[] = [],
): Promise<Verified> {
  const copy = `${file}.edited`;
  copyFileSync(file, copy);
  const db = new DatabaseSync(copy);
  db.exec("PRAGMA journal_mode = DELETE");
  edit(db);
  db.close();
  const store = openStoreCopy(copy);
  try {
    return await verifyAudit({ store, trusted: keys, marks });
  } finally {
    store.close();
  }
}

const actor = fileURLToPath(new URL("./audit-actor.ts", import.meta.url));

/** Another process that writes `count` entries; killed (-9) so many ms after it is ready, if that is given. Gives the entries that were acknowledged. */
export function auditWriter(folder: string, who: string, count: number, killAfterMs?: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [actor, folder, who, String(count)], { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (chunk) => {
      if (text === "" && killAfterMs !== undefined) setTimeout(() => child.kill("SIGKILL"), killAfterMs);
      text += chunk;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0 || (killAfterMs !== undefined && signal === "SIGKILL"))
        resolve(text.split("\n").filter((line) => /^\d+$/u.test(line)).length);
      else reject(new Error(`the writer ended with ${code ?? signal}`));
    });
  });
}
