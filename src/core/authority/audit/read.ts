import type { Store, StoredEvent } from "../../ports.ts";
import { auditStream, type KeptEntry } from "./chain.ts";
import { newestOf } from "./newest.ts";

/** Which entries are wanted; what is absent does not matter. */
export interface AuditFilter {
  /** Ms since the epoch. */
  readonly since?: number;
  /** A person's id or a principal. */
  readonly by?: string;
  /** A command's id, or the first words of one: `lab` for `lab up`. */
  readonly action?: string;
  readonly refused?: boolean;
  readonly deployment?: string;
}

const page = 500;

/** The newest entries that a filter lets through, at most `limit`, oldest first; `more` when there are older ones, which were not counted. */
export async function readAudit(
  store: Pick<Store, "read">,
  filter: AuditFilter,
  limit: number,
): Promise<{ readonly entries: readonly KeptEntry[]; readonly more: boolean }> {
  const found: KeptEntry[] = [];
  const head = (await newestOf(store, auditStream, 0))?.version ?? 0;
  for (let end = head; end > 0; end -= page) {
    const events = await store.read({ stream: auditStream, after: Math.max(0, end - page), limit: Math.min(page, end) });
    for (const event of events.toReversed()) {
      const entry = entryOf(event);
      if (entry === undefined) continue;
      if (filter.since !== undefined && entry.time < filter.since) return { entries: found.toReversed(), more: false };
      if (!passes(entry, filter)) continue;
      if (found.length === limit) return { entries: found.toReversed(), more: true };
      found.push(entry);
    }
  }
  return { entries: found.toReversed(), more: false };
}

function entryOf({ type, data }: StoredEvent): KeptEntry | undefined {
  return type === "audit.recorded" && typeof data === "object" && data !== null ? (data as unknown as KeptEntry) : undefined;
}

function passes(entry: KeptEntry, { by, action, refused, deployment }: AuditFilter): boolean {
  if (by !== undefined && entry.by !== by && entry.principal !== by) return false;
  if (action !== undefined && entry.action !== action && !entry.action.startsWith(`${action} `)) return false;
  if (refused === true && entry.decision !== "refused") return false;
  return deployment === undefined || isAbout(entry, deployment);
}

/** True when the entry names the deployment: as its resource, or among its arguments. */
function isAbout({ resource, detail }: KeptEntry, deployment: string): boolean {
  if (resource !== undefined && resource.split(/[\s,]+/u).includes(deployment)) return true;
  if (typeof detail !== "object" || detail === null || Array.isArray(detail)) return false;
  return Object.entries(detail).some(
    ([key, value]) => /^(?:deployments?|targets?)$/u.test(key) && [value].flat().some((each) => each === deployment),
  );
}
