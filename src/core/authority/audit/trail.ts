import { hasCode } from "../../errors.ts";
import type { Clock, Json, Store } from "../../ports.ts";
import { bounded } from "./bounded.ts";
import { auditStream, entryHash, genesis, type KeptEntry } from "./chain.ts";
import { type CheckpointSigner, writeCheckpoint } from "./checkpoint.ts";
import { newestOf } from "./newest.ts";

/** One attempt, as the front end or the engine tells it. */
export interface AuditEntry {
  /** Who it was: a person's id, or the local user; for a stranger the principal. */
  readonly by: string;
  /** How they were known: `principalText`. */
  readonly principal: string;
  readonly front: "cli" | "tui" | "slack" | "engine";
  /** The command's id, or what the engine did: `run start`, `run end`, `run held`. */
  readonly action: string;
  /** What it was about: deployments, a run, nodes. */
  readonly resource?: string;
  readonly decision: "allowed" | "refused";
  /** The problem's code when it was refused or failed. */
  readonly code?: string;
  readonly reason?: string;
  /** Arguments, without secret values. Long texts and lists are cut. */
  readonly detail?: Json;
}

/** The record of everything attempted. */
export interface AuditTrail {
  /** Resolves when the entry is safely in the store. Entries of the engine are followed by a signed checkpoint. Problems: those of the store, `AUDIT_KEY_UNUSABLE`. */
  record(entry: AuditEntry): Promise<void>;
}

/** What a trail is made of. */
export interface TrailDeps {
  readonly store: Store;
  readonly clock: Clock;
  /** The key that signs checkpoints; opened at first need. */
  readonly signer: () => Promise<CheckpointSigner>;
  /** What takes known secret values out of the texts of this entry, if it may hold any: a person may have typed one. */
  readonly redactor?: (entry: AuditEntry) => Promise<((text: string) => string) | undefined>;
}

/** A checkpoint is signed after so many entries at the latest. */
const checkpointEvery = 64;

/** Makes the trail of a store. Any number of them, in any number of processes, write one chain. */
export function createAuditTrail({ store, clock, signer, redactor }: TrailDeps): AuditTrail {
  let known = 0;
  let last: Promise<void> = Promise.resolve();

  async function write(entry: AuditEntry): Promise<void> {
    const told = bounded(entry, (await redactor?.(entry)) ?? ((text) => text));
    for (;;) {
      const head = await newestOf(store, auditStream, known);
      const n = (head?.version ?? 0) + 1;
      const open = { v: 1 as const, n, time: clock.now(), ...told, prev: (head?.data as KeptEntry | undefined)?.hash ?? genesis };
      const kept: KeptEntry = { ...open, hash: entryHash(open) };
      try {
        await store.append(auditStream, [{ type: "audit.recorded", data: kept as unknown as Json }], { expected: n - 1 });
      } catch (error) {
        if (!hasCode(error, "VERSION_CONFLICT")) throw error; // else somebody was quicker: behind theirs, then
        continue;
      }
      known = n;
      if (entry.front === "engine" || n % checkpointEvery === 0) await writeCheckpoint({ store, clock, signer: await signer() }, kept);
      return;
    }
  }

  return {
    record(entry) {
      // One after the other within a process, so that it does not race with itself; a failure is told to whom it concerns only.
      const mine = last.then(() => write(entry));
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}
