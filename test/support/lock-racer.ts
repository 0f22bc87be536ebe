/** Another process that wants locks: `node lock-racer.ts STORE PERSON TIMES`; says on stdout, one line of JSON, how often it got and gave back the lock. */
import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../../src/cli/house/clock.ts";
import { openStore } from "../../src/core/adapters/store/open.ts";
import { releaseLocks, takeLocks } from "../../src/core/authority/locks/lock-desk.ts";
import { hasCode } from "../../src/core/errors.ts";

const [url = "", person = "", times = "0"] = process.argv.slice(2);
const store = await openStore(url);
let got = 0;
let refused = 0;
while (got < Number(times)) {
  try {
    await takeLocks({ store, clock: systemClock }, { deployments: ["web"], holder: person, reason: "race" });
  } catch (error) {
    if (!hasCode(error, "LOCK_HELD")) throw error;
    refused += 1;
    await sleep(1 + (refused % 5));
    continue;
  }
  got += 1;
  await store.append("held", [{ type: "in", data: { person } }]);
  await store.append("held", [{ type: "out", data: { person } }]);
  await releaseLocks({ store, clock: systemClock }, { deployments: ["web"], by: person });
}
await store.close();
writeSync(1, `${JSON.stringify({ got, refused })}\n`);
