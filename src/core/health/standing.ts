import { listApprovals } from "../authority/approvals/read.ts";
import { HalliganError, type Problem } from "../errors.ts";
import type { House } from "../house.ts";
import { fromStored, runStream } from "../journal/events.ts";
import type { ApprovalId, RunId } from "../model/ids.ts";
import type { EpochMs } from "../ports.ts";
import { standingIds } from "../run/applied.ts";
import { listRuns, readPlan, type RunEntry } from "../run/requests.ts";
import { evolve, hasEnded, initialState, type RunState } from "../run/state.ts";

/** Runs that ended no longer ago than this are told one by one, ms. */
const recentMs = 24 * 3_600_000;

/** A run that failed not long ago. */
export interface FailedRun {
  readonly run: RunId;
  readonly by: string;
  readonly endedAt: EpochMs;
  readonly nodeRoles: Readonly<Record<string, number>>;
}

/** How one cluster stands, read from its store alone. */
export interface ClusterStanding {
  readonly cluster: string;
  readonly at: EpochMs;
  /** How long the store took to answer, ms. */
  readonly roundTripMs: number;
  /** Position of the newest event. */
  readonly head: number;
  /** The engine that holds the lease: how long ago it was heard of, ms. */
  readonly engine: { readonly host: string; readonly pid: number; readonly silentMs: number } | undefined;
  /** Open runs, the oldest first. */
  readonly open: readonly RunState[];
  /** A run that could go on and that no engine has worked on since, as this process saw it. */
  readonly orphan: { readonly run: RunId; readonly by: string; readonly version: number; readonly since: EpochMs } | undefined;
  /** How many runs ended how. */
  readonly ended: Readonly<Record<"succeeded" | "failed" | "cancelled", number>>;
  /** Of the last 24 hours. */
  readonly failed: readonly FailedRun[];
  /** How many node-roles stand on the nodes. */
  readonly standing: number;
  /** Requests that have not ended, with when they were opened and when they end. */
  readonly approvals: readonly { readonly request: ApprovalId; readonly by: string; readonly openedAt: EpochMs }[];
}

/** The store did not answer. */
export interface ClusterAway {
  readonly cluster: string;
  readonly at: EpochMs;
  readonly problem: Problem;
}

/** What a look found. */
export type ClusterLook = ClusterStanding | ClusterAway;

/** Looks at one cluster again and again: of open runs it reads only what is new. */
export type Looker = () => Promise<ClusterLook>;

/** Makes one. It never rejects with a problem: a store that does not answer is an answer too. */
export function createLooker(cluster: string, house: Pick<House, "store" | "clock" | "findEngine">): Looker {
  const known: Memory = { runs: new Map(), orphan: undefined };
  return async () => {
    try {
      return await look(cluster, house, known);
    } catch (error) {
      if (!(error instanceof HalliganError)) throw error;
      return { cluster, at: house.clock.now(), problem: error.problems[0] };
    }
  };
}

interface Memory {
  readonly runs: Map<RunId, Followed>;
  orphan: ClusterStanding["orphan"];
}

interface Followed {
  readonly state: RunState;
  readonly version: number;
}

async function look(cluster: string, house: Pick<House, "store" | "clock" | "findEngine">, known: Memory): Promise<ClusterStanding> {
  const { store, clock } = house;
  const begun = clock.now();
  const head = await store.head();
  const at = clock.now();
  const runs = await listRuns(store);
  const open: RunState[] = [];
  for (const { run, phase } of runs) {
    const state = phase === "requested" ? await follow(house, run, known.runs) : undefined;
    if (state === undefined) known.runs.delete(run);
    else open.push(state);
  }
  const engine = await engineOf(cluster, house, at);
  const orphan = engine === undefined ? open.find(({ notBefore }) => notBefore === undefined || notBefore <= at) : undefined;
  known.orphan =
    orphan === undefined
      ? undefined
      : { run: orphan.run, by: orphan.by, version: known.runs.get(orphan.run)?.version ?? 0, since: known.orphan?.since ?? at };
  const failed = runs.flatMap((each) => (each.phase === "failed" ? failedRun(each, at) : []));
  return {
    cluster,
    at,
    roundTripMs: at - begun,
    head,
    engine,
    open,
    orphan: known.orphan,
    ended: {
      succeeded: runs.filter(({ phase }) => phase === "succeeded").length,
      failed: runs.filter(({ phase }) => phase === "failed").length,
      cancelled: runs.filter(({ phase }) => phase === "cancelled").length,
    },
    failed,
    standing: (await standingIds(store)).size,
    approvals: (await listApprovals({ store, clock }))
      .filter(({ end }) => end === undefined)
      .map(({ request, by, openedAt }) => ({ request, by, openedAt })),
  };
}

function failedRun(entry: Exclude<RunEntry, { phase: "requested" }>, now: EpochMs): readonly FailedRun[] {
  const endedAt = entry.endedAt ?? entry.at + entry.durationMs;
  return now - endedAt > recentMs ? [] : [{ run: entry.run, by: entry.by, endedAt, nodeRoles: entry.nodeRoles }];
}

/** The run as it is now; `undefined`: it has ended, or nobody got to ask for it. */
async function follow({ store }: Pick<House, "store">, run: RunId, known: Map<RunId, Followed>): Promise<RunState | undefined> {
  let { state, version } = known.get(run) ?? { state: undefined, version: 0 };
  for (let more = true; more; ) {
    const page = await store.read({ stream: runStream(run), after: version, limit: 1000 });
    for (const stored of page) {
      const event = fromStored(stored);
      version = stored.version;
      if (event === undefined) continue;
      if (state === undefined && event.type === "intent.run") state = initialState(event, (await readPlan(store, event.plan)).body);
      else if (state !== undefined) state = evolve(state, event);
    }
    more = page.length === 1000;
  }
  if (state === undefined || hasEnded(state.phase)) return undefined;
  known.set(run, { state, version });
  return state;
}

async function engineOf(cluster: string, house: Pick<House, "findEngine">, now: EpochMs): Promise<ClusterStanding["engine"]> {
  const engine = await house.findEngine(cluster);
  if (engine === undefined) return undefined;
  return { host: engine.host, pid: engine.pid, silentMs: Math.max(0, now - (engine.heardAt ?? now)) };
}
