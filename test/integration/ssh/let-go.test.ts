import { queryObjects } from "node:v8";
import Client from "ssh2/lib/client.js";
import { expect, test } from "vitest";
import { startSshd } from "../../support/sshd.ts";
import { run, ssh2, targetOf } from "./rig.ts";

/** How many connections are still in memory. */
const kept = (): number => queryObjects(Client, { format: "count" });

test("nothing of a connection stays in memory once it is closed, however long the one who asked for it lives", async () => {
  const sshd = await startSshd();
  const asker = new AbortController();
  try {
    const before = kept();
    for (let count = 0; count < 6; count += 1) {
      const connection = await ssh2.connect(targetOf(sshd, "ssh2"), asker.signal);
      expect((await run(connection, "echo hello")).out).toBe("hello\n");
      await connection.close();
    }
    // What was closed last may still be in use by timers and by the system.
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(kept() - before).toBeLessThanOrEqual(1);
    expect(asker.signal.aborted).toBe(false);
  } finally {
    await sshd.stop();
  }
});
