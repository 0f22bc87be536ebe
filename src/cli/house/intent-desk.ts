import { hostname } from "node:os";
import { readClusterFolder } from "../../core/adapters/files/read-cluster.ts";
import { HalliganError, fail } from "../../core/errors.ts";
import type { PolicyDesk } from "../../core/authority/policy/desk.ts";
import type { IntentDesk } from "../../core/intent/desk.ts";
import type { Clock, Lease, Store } from "../../core/ports.ts";
import { keepFiles, readFiles, readKept } from "./files.ts";

/** How long somebody may write the file, git and its hooks included, before others no longer wait for them. */
const leaseTtlMs = 90_000;
const patienceMs = 20_000;

/** What the desk works with. */
export interface IntentDeskOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly file: string;
  readonly user: string;
  readonly policy: PolicyDesk;
}

let turns = 0;

/** The desk of one cluster file. */
export function createIntentDesk({ store, clock, file, user, policy }: IntentDeskOptions): IntentDesk {
  const defaults = { user };
  const acquire = async (owner: string): Promise<Lease> => {
    const until = clock.now() + patienceMs;
    for (;;) {
      const lease = await store.acquire(`intent:${file}`, owner, leaseTtlMs);
      if (lease !== undefined) return lease;
      if (clock.now() >= until) throw fail("INTENT_BUSY", { message: `Somebody else is writing ${file}.` });
      await clock.sleep(100);
    }
  };
  return {
    read: async () => (await readClusterFolder(file)).text,
    async check(text) {
      try {
        return { loaded: (await readFiles(file, defaults, text)).loaded, problems: [] };
      } catch (error) {
        if (error instanceof HalliganError) return { problems: error.problems };
        throw error;
      }
    },
    kept: async (revision) =>
      await readKept(store, revision, file, defaults).catch((error: unknown) => {
        if (error instanceof HalliganError) return undefined;
        throw error;
      }),
    judge: async (after) => await policy.judgeIntent(after),
    keep: async (text, seen) => await keepFiles(store, await readFiles(file, defaults, text), seen),
    async write(before, after) {
      const { replaceFile } = await import("../../core/adapters/intent/replace-file.ts");
      await replaceFile(file, before, after);
    },
    async prepareGit() {
      const { prepareGit } = await import("../../core/adapters/intent/git.ts");
      return await prepareGit(file);
    },
    async commitToGit(message, author) {
      const { commitToGit } = await import("../../core/adapters/intent/git.ts");
      return await commitToGit(file, message, author);
    },
    async exclusively(work) {
      turns += 1;
      const lease = await acquire(`${hostname()}:${process.pid}:${turns}`);
      try {
        return await work();
      } finally {
        await store.release(lease);
      }
    },
  };
}
