import { HalliganError } from "../../errors.ts";
import type { JournalEvent } from "../../journal/events.ts";
import type { NewEvent, Store } from "../../ports.ts";
import type { AuditEntry, AuditTrail } from "./trail.ts";

/** What engines do with runs, as events of theirs. */
type Recorded = Extract<JournalEvent, { type: "run.started" | "run.resumed" | "run.held" | "run.ended" }>;

/**
 * A store like the one given that also puts into the audit what engines begin, take over, hold and end. The run does not wait for it; `close` does. Where
 * it cannot be written `onFailure` is told, and the run goes on: that it was asked for is on record already.
 */
export function recordRuns(store: Store, audit: AuditTrail, onFailure: (error: HalliganError) => void): Store {
  const askedBy = new Map<string, string>();
  let recording: Promise<void> = Promise.resolve();

  function note(event: Recorded): void {
    if (event.type === "run.started") askedBy.set(event.run, event.by);
    const record = audit.record(entryOf(event, askedBy.get(event.run))).catch((error: unknown) => {
      if (!(error instanceof HalliganError)) throw error;
      onFailure(error);
    });
    recording = Promise.all([recording, record]).then(() => undefined);
  }

  return {
    async append(stream, events, options) {
      const done = await store.append(stream, events, options);
      if (stream.startsWith("run:") && !done.duplicate) for (const event of events.flatMap(recordedOf)) note(event);
      return done;
    },
    async close() {
      await recording;
      await store.close();
    },
    read: (query) => store.read(query),
    head: () => store.head(),
    subscribe: (query) => store.subscribe(query),
    get: (collection, key) => store.get(collection, key),
    list: (collection, prefix, part) => store.list(collection, prefix, part),
    keys: (collection) => store.keys(collection),
    put: (collection, key, value, rev) => store.put(collection, key, value, rev),
    delete: (collection, key, rev) => store.delete(collection, key, rev),
    trim: (stream) => store.trim(stream),
    compact: () => store.compact(),
    acquire: (lease, owner, ttlMs) => store.acquire(lease, owner, ttlMs),
    holder: (lease) => store.holder(lease),
    release: (lease) => store.release(lease),
  };
}

function recordedOf({ type, data }: NewEvent): readonly Recorded[] {
  switch (type) {
    case "run.started":
    case "run.resumed":
    case "run.held":
    case "run.ended":
      return [{ type, ...(data as object) } as Recorded];
    default:
      return [];
  }
}

function entryOf(event: Recorded, by: string | undefined): AuditEntry {
  const about = { by: by ?? "engine", principal: "engine", front: "engine", resource: event.run } as const;
  switch (event.type) {
    case "run.started":
      return {
        ...about,
        action: "run start",
        decision: "allowed",
        detail: { plan: event.plan, digest: event.digest, nodeRoles: event.nodeRoles, engine: event.engine },
      };
    case "run.resumed":
      return { ...about, action: "run resume", decision: "allowed", detail: { engine: event.engine } };
    case "run.held":
      return { ...about, action: "run held", decision: "refused", ...problemOf(event.problems) };
    case "run.ended":
      return {
        ...about,
        action: "run end",
        decision: "allowed",
        ...problemOf(event.problems),
        detail: { phase: event.phase, durationMs: event.durationMs },
      };
    default:
      return event satisfies never;
  }
}

function problemOf([first]: Extract<Recorded, { type: "run.held" }>["problems"]): Pick<AuditEntry, "code" | "reason"> {
  return first === undefined ? {} : { code: first.code, reason: first.message };
}
