/** Another process that writes to the audit: `node audit-actor.ts FOLDER WHO COUNT`; says each number once it is on record. */
import { writeSync } from "node:fs";
import { join } from "node:path";
import { createAuditDesk } from "../../src/cli/house/audit-desk.ts";
import { openStore } from "../../src/core/adapters/store/open.ts";

const [folder = "", who = "", count = "0"] = process.argv.slice(2);
const store = await openStore(join(folder, "state.db"));
const audit = createAuditDesk({ store, home: folder, user: "tester", secrets: async () => [] });
writeSync(1, "ready\n");
for (let index = 0; index < Number(count); index += 1) {
  const front = index % 10 === 9 ? "engine" : "cli";
  await audit.record({ by: who, principal: `local:${who}`, front, action: "status", decision: "allowed", detail: { index } });
  writeSync(1, `${index}\n`);
}
await store.close();
