import { type Problem, problem } from "../../errors.ts";
import { auditEvents } from "../../journal/audit-events.ts";
import type { Digest } from "../../model/ids.ts";
import type { Store, StoredEvent } from "../../ports.ts";
import { auditStream, type Checkpoint, checkpointHash, checkpointStream, entryHash, genesis, type KeptEntry } from "./chain.ts";
import { isSigned } from "./checkpoint.ts";

/** An entry's place and hash, as `audit verify` prints it and as somebody may have kept it elsewhere. */
export interface Mark {
  readonly n: number;
  readonly hash: Digest;
}

/** What is wrong in the audit. */
export interface Finding {
  readonly what: "edited" | "missing" | "unlinked" | "foreign" | "tail-cut" | "rewritten" | "checkpoint";
  /** The entry that it is about. */
  readonly n: number;
  readonly problem: Problem;
}

/** A key that signed checkpoints. */
export interface SigningKey {
  /** 32 bytes, base64. */
  readonly key: string;
  readonly checkpoints: number;
  /** It is one of the keys that the reader trusts. */
  readonly trusted: boolean;
}

/** Outcome of a verification. */
export interface Verified {
  readonly entries: number;
  readonly last?: Mark & { readonly time: number };
  readonly checkpoints: number;
  /** The newest checkpoint with a good signature by a trusted key. */
  readonly newest?: Mark & { readonly time: number; readonly key: string };
  /** Entries behind the newest checkpoint: whoever can write the store could have put others in their place, or cut them off. */
  readonly uncovered: number;
  readonly keys: readonly SigningKey[];
  /** The first ones. */
  readonly findings: readonly Finding[];
  readonly found: number;
}

/** What is verified, and what the reader brings along. */
export interface VerifyInput {
  readonly store: Pick<Store, "read">;
  /** Keys whose signatures count, base64. */
  readonly trusted: ReadonlySet<string>;
  /** Marks that somebody kept elsewhere. */
  readonly marks: readonly Mark[];
}

const mostFindings = 20;
const page = 1000;

/**
 * Follows the chain from its first entry to its last and compares it with the checkpoints. Every entry that was edited, removed, added or
 * moved is found as long as it stands before the newest trusted checkpoint or mark; an edit behind it is found unless all hashes from there
 * on were made anew, and a cut tail behind it is not found.
 */
export async function verifyAudit({ store, trusted, marks }: VerifyInput): Promise<Verified> {
  const findings = new Findings();
  const chained = await readCheckpoints(store, trusted, findings);
  const wanted = new Map<number, { readonly hash: string; readonly whose: string }[]>();
  const expect = (n: number, hash: string, whose: string): void => {
    wanted.set(n, [...(wanted.get(n) ?? []), { hash, whose }]);
  };
  for (const each of chained.good) expect(each.n, each.hash, `the checkpoint of entry ${each.n}`);
  for (const each of marks) expect(each.n, each.hash, `the mark ${each.n}:${each.hash} that was given`);

  let next = 1;
  let prev: string = genesis;
  let entries = 0;
  let last: Verified["last"];
  for await (const event of eventsOf(store, auditStream)) {
    entries += 1;
    const n = event.version;
    if (n !== next) findings.add("missing", next, missingWords(next, n));
    next = n + 1;
    const entry = entryIn(event);
    if (entry === undefined) {
      findings.add("foreign", n, `What stands at place ${n} of the audit is no entry.`);
      prev = "";
      continue;
    }
    const { hash, ...open } = entry;
    if (entryHash(open) !== hash || entry.n !== n) findings.add("edited", n, `Entry ${n} is not as it was written.`);
    else if (entry.prev !== prev && n === (last?.n ?? 0) + 1)
      findings.add("unlinked", n, `Entry ${n} does not follow the entry before it.`);
    for (const each of wanted.get(n) ?? [])
      if (each.hash !== hash) findings.add("rewritten", n, `Entry ${n} is not the one that ${each.whose} is about.`);
    wanted.delete(n);
    prev = hash;
    last = { n, hash, time: entry.time };
  }
  const end = next - 1;
  for (const [n, each] of wanted)
    if (n > end) findings.add("tail-cut", n, `The audit ends at entry ${end}, but ${each[0]?.whose ?? ""} says that there was entry ${n}.`);
  const newest = chained.good.at(-1);
  return {
    entries,
    ...(last === undefined ? {} : { last }),
    checkpoints: chained.count,
    ...(newest === undefined ? {} : { newest: { n: newest.n, hash: newest.hash, time: newest.time, key: newest.key } }),
    uncovered: Math.max(0, end - Math.max(newest?.n ?? 0, ...marks.map((each) => each.n))),
    keys: chained.keys,
    findings: findings.first,
    found: findings.count,
  };
}

/** Collects findings; the first ones are kept, the others counted. */
class Findings {
  readonly first: Finding[] = [];
  count = 0;

  add(what: Finding["what"], n: number, message: string): void {
    this.count += 1;
    if (this.first.length < mostFindings) this.first.push({ what, n, problem: problem("AUDIT_BROKEN", { message }) });
  }
}

/** Checkpoints with a good signature by a trusted key, in order; all else becomes a finding. */
async function readCheckpoints(
  store: Pick<Store, "read">,
  trusted: ReadonlySet<string>,
  findings: Findings,
): Promise<{ readonly good: readonly Checkpoint[]; readonly count: number; readonly keys: readonly SigningKey[] }> {
  const good: Checkpoint[] = [];
  const byKey = new Map<string, number>();
  let next = 1;
  let prev: string = genesis;
  let reached = 0;
  let count = 0;
  for await (const event of eventsOf(store, checkpointStream)) {
    count += 1;
    const say = (n: number, message: string): void => findings.add("checkpoint", n, message);
    if (event.version !== next) say(reached, `Checkpoints are missing behind the one of entry ${reached}.`);
    const linked = event.version === next;
    next = event.version + 1;
    const checkpoint = checkpointIn(event);
    if (checkpoint === undefined) {
      say(reached, `What stands at place ${event.version} of the checkpoints is none.`);
      continue;
    }
    const { n, key } = checkpoint;
    byKey.set(key, (byKey.get(key) ?? 0) + 1);
    if (!isSigned(checkpoint)) say(n, `The signature of the checkpoint of entry ${n} is not good.`);
    else if (!trusted.has(key)) say(n, `The checkpoint of entry ${n} is signed by a key that is not trusted here: ${key}.`);
    else if (linked && checkpoint.prev !== prev) say(n, `The checkpoint of entry ${n} does not follow the checkpoint before it.`);
    else if (n <= reached) say(n, `The checkpoint of entry ${n} stands behind the one of entry ${reached}.`);
    else good.push(checkpoint);
    reached = Math.max(reached, n);
    prev = checkpointHash(checkpoint);
  }
  return { good, count, keys: [...byKey].map(([key, checkpoints]) => ({ key, checkpoints, trusted: trusted.has(key) })) };
}

/** All events of a stream, page by page. */
async function* eventsOf(store: Pick<Store, "read">, stream: string): AsyncGenerator<StoredEvent> {
  for (let after = 0; ; ) {
    const events = await store.read({ stream, after, limit: page });
    yield* events;
    const last = events.at(-1);
    if (last === undefined) return;
    after = last.version;
  }
}

/** The entry as it stands in the store, with everything in it, since all of it is hashed; undefined when it is none. */
function entryIn({ type, data }: StoredEvent): KeptEntry | undefined {
  return type === "audit.recorded" && isFinite(data) && auditEvents["audit.recorded"].safeParse(data).success
    ? (data as unknown as KeptEntry)
    : undefined;
}

function checkpointIn({ type, data }: StoredEvent): Checkpoint | undefined {
  return type === "audit.checkpoint" && isFinite(data) && auditEvents["audit.checkpoint"].safeParse(data).success
    ? (data as unknown as Checkpoint)
    : undefined;
}

/** False where a number is none of JSON's, such as `1e999`: canonical JSON writes it as null, so that an edit would not be seen. */
function isFinite(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  return typeof value !== "object" || value === null || Object.values(value).every(isFinite);
}

function missingWords(from: number, found: number): string {
  return found - 1 === from ? `Entry ${from} is missing.` : `Entries ${from} to ${found - 1} are missing.`;
}
