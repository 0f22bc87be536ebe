import { listApprovals } from "../authority/approvals/read.ts";
import { foldStream } from "../authority/locks/fold-stream.ts";
import { breakglassUses } from "../authority/locks/breakglass.ts";
import { freezesAhead, readFreezes } from "../authority/locks/freeze-state.ts";
import { readLocks } from "../authority/locks/lock-desk.ts";
import { locksHeld } from "../authority/locks/lock-state.ts";
import { HalliganError, type Problem, fail } from "../errors.ts";
import type { House } from "../house.ts";
import { type FreezeWindow, isOpen } from "../model/freeze-window.ts";
import type { StoreAbout } from "../model/store-about.ts";
import type { Store } from "../ports.ts";
import { openRuns } from "../run/queue.ts";
import { type Pace, type RunProgress, foldPace, progressOf } from "../run/pace.ts";
import { type KeptDrift, readDrift } from "../run/drift-kept.ts";
import { readStanding } from "../run/applied.ts";
import { readRun } from "../run/annealer.ts";
import { type RunEntry, listRuns, newestPlan, readPlan } from "../run/requests.ts";
import { readWorkers, type SeenWorker } from "../run/workers/presence.ts";
import { type NodeRoleProgress, type RunState, evolve, initialState } from "../run/state.ts";

import { type ApprovalRow, approvalRow } from "./authority/approval-document.ts";
import { type FreezeRow, freezeRow } from "./authority/freezes.ts";
import { type PolicyDocument, documentPolicy } from "./authority/policy-document.ts";
import { type LockRow, lockRow } from "./authority/locks.ts";

/** `status --json`. Times are ms since the epoch. */
export interface StatusDocument {
  readonly halligan: 1;
  readonly kind: "status";
  readonly cluster: string | null;
  readonly file: string;
  /** The engine that holds the cluster's lease. */
  readonly engine: { readonly host: string; readonly pid: number; readonly heardAt?: number } | null;
  /** Where the cluster's state is kept, and what the server's settings put at risk. */
  readonly store: StoreAbout;
  /** Workers that are there, and those that went without a word within a day; none on an embedded store. */
  readonly workers: readonly SeenWorker[];
  readonly activeRun: StatusRun | null;
  /** The newest run that has ended. */
  readonly lastRun: StatusRun | null;
  /** Id of the newest plan. */
  readonly lastPlan: string | null;
  /** Node-roles that are active, or that the newest run left otherwise. */
  readonly nodeRoles: readonly StatusNodeRole[];
  readonly nodes: readonly { readonly node: string; readonly seenAt: number | null }[];
  /** What holds people back at present, and what waits for them. */
  readonly standing: Standing;
  /** How rules judge what stands; `null` while the files cannot be read. */
  readonly policy: PolicyDocument | null;
  /** What looking for drift found last, without what was put back since; absent = nobody has looked. */
  readonly drift?: DriftStanding;
  readonly at: number;
  /** What is wrong with the files, if anything. */
  readonly problems: readonly Problem[];
}

/** What is known of drift from the last look. */
export interface DriftStanding {
  readonly at: number;
  readonly by: string;
  readonly checked: number;
  /** Ids of node-roles that are not as they were applied. */
  readonly drifted: readonly string[];
  /** Ids of those that could not be looked at. */
  readonly unchecked: readonly string[];
  /** Nodes on which something stands, and where nobody has looked yet. */
  readonly notLooked: readonly string[];
}

/** Requests that are open, locks that hold, freezes in force, runs that wait, uses of break-glass that nobody has reviewed. */
export interface Standing {
  /** Approval requests that are open. */
  readonly approvals: readonly ApprovalRow[];
  readonly locks: readonly LockRow[];
  readonly freezes: readonly FreezeRow[];
  /** In the order in which their turn comes; `halligan queue` tells why each waits. */
  readonly waiting: readonly { readonly run: string; readonly plan: string; readonly by: string; readonly notBefore: number | null }[];
  readonly reviews: readonly {
    readonly run: string;
    readonly plan: string;
    readonly by: string;
    readonly at: number;
    readonly reason: string;
  }[];
}

/** A run in `status`. */
export interface StatusRun {
  readonly run: string;
  readonly plan: string;
  readonly by: string;
  /** Who answers for it now, when it was handed over. */
  readonly owner?: string;
  /** The reason that was given for break-glass. */
  readonly breakglass?: string;
  readonly phase: RunState["phase"];
  readonly paused: boolean;
  readonly cancel: RunState["cancel"] | null;
  /** Why nothing more is started at present; `until`: when that ends by itself, if it is known. */
  readonly held: { readonly problems: readonly Problem[]; readonly since: number; readonly until?: number } | null;
  readonly requestedAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly progress: RunProgress;
}

/** Where one node-role stands. */
export interface StatusNodeRole {
  readonly id: string;
  readonly deployment: string;
  readonly state: NodeRoleProgress["state"];
  readonly run: string;
  readonly at: number;
  readonly problem?: Problem;
  /** Steps whose restarts were put off and wait for `restart`. */
  readonly restarts?: readonly string[];
}

/** Tells how a cluster stands, from its store and its files; no node is asked. */
export async function clusterStatus(house: House): Promise<StatusDocument> {
  const files = await loadOrProblems(house);
  const runs = await listRuns(house.store);
  const requested = runs.filter((each) => each.phase === "requested");
  // A run may have very many events: where it is the only one, they are read once.
  const queue = requested.length > 1 ? await openRuns(house.store) : [];
  const open = requested.find((each) => each.run === queue[0]?.run) ?? requested[0];
  const last = runs.findLast((each) => each.phase !== "requested");
  const active = open === undefined ? undefined : await unfold(house, open);
  const ended = last === undefined ? undefined : await unfold(house, last);
  const lastPlan = await newestPlan(house.store);
  const cluster = files.cluster?.name ?? lastPlan?.body.cluster;
  const stands = await nodeRoles(house, active?.state ?? ended?.state);
  return {
    halligan: 1,
    kind: "status",
    cluster: cluster ?? null,
    file: house.file,
    store: await house.about(),
    engine: cluster === undefined ? null : await engineOf(house, cluster),
    workers: await readWorkers(house.store),
    activeRun: active === undefined ? null : asStatusRun(active),
    lastRun: ended === undefined ? null : asStatusRun(ended),
    lastPlan: lastPlan?.id ?? null,
    nodeRoles: stands,
    nodes: await nodes(
      house,
      files.cluster?.nodes.map((node) => node.name),
      stands,
    ),
    standing: await standing(
      house,
      queue.length === 0 && active?.state.phase === "requested" ? [active.state] : queue,
      files.cluster?.freezes ?? [],
    ),
    policy: files.cluster === undefined ? null : await policyOf(house),
    ...(await driftOf(house, stands)),
    at: house.clock.now(),
    problems: files.problems,
  };
}

/** One run, as `status` tells it. @throws `RUN_NOT_FOUND`. */
export async function statusRunOf(house: House, run: string): Promise<StatusRun> {
  const entry = (await listRuns(house.store)).find((each) => each.run === run);
  const unfolded = entry === undefined ? undefined : await unfold(house, entry);
  if (unfolded === undefined) throw fail("RUN_NOT_FOUND", { message: `There is no run ${run}.` });
  return asStatusRun(unfolded);
}

type Waiting = Pick<RunState, "run" | "plan" | "by" | "owner" | "notBefore" | "startedAt">;

async function standing(house: House, queue: readonly Waiting[], windows: readonly FreezeWindow[]): Promise<Standing> {
  const { store, clock } = house;
  const now = clock.now();
  const freezes = freezesAhead(await readFreezes(store), windows, now).filter((freeze) => isOpen(freeze, now));
  const uses = await breakglassUses(store);
  const requests = (await listApprovals(house.approvals)).filter((each) => each.end === undefined);
  return {
    approvals: await Promise.all(requests.map((each) => approvalRow(house.approvals, each))),
    locks: locksHeld(await readLocks(store), now).map(lockRow),
    freezes: freezes.map(freezeRow),
    waiting: queue
      .filter((each) => each.startedAt === undefined)
      .map(({ run, plan, by, owner, notBefore }) => ({ run, plan, by: owner ?? by, notBefore: notBefore ?? null })),
    reviews: uses.filter((use) => use.reviewed === undefined).map(({ run, plan, by, at, reason }) => ({ run, plan, by, at, reason })),
  };
}

async function driftOf({ store }: House, stands: readonly StatusNodeRole[]): Promise<Pick<StatusDocument, "drift">> {
  const kept = await readDrift(store);
  if (kept === undefined) return {};
  const { at, by, checked, nodes: looked } = kept;
  const present = new Set(stands.map((each) => each.id));
  // What has another name since, or was forgotten, is found by the next look.
  const ids = (state: KeptDrift["state"]): readonly string[] =>
    kept.nodeRoles.filter((each) => each.state === state && present.has(each.id)).map((each) => each.id);
  const on = new Set(stands.filter((each) => each.state === "active").map(({ id }) => id.slice(0, id.indexOf("/"))));
  const notLooked = looked === undefined ? [] : [...on].filter((node) => !Object.hasOwn(looked, node));
  return { drift: { at, by, checked, drifted: ids("drifted"), unchecked: ids("unchecked"), notLooked } };
}

async function policyOf(house: House): Promise<PolicyDocument | null> {
  try {
    return documentPolicy(await house.policy.judgePresent());
  } catch (error) {
    if (error instanceof HalliganError) return null;
    throw error;
  }
}

interface Unfolded {
  readonly state: RunState;
  readonly pace: Pace;
}

async function loadOrProblems(house: House) {
  try {
    return { cluster: (await house.load()).cluster, problems: [] as readonly Problem[] };
  } catch (error) {
    if (error instanceof HalliganError) return { cluster: undefined, problems: error.problems as readonly Problem[] };
    throw error;
  }
}

async function unfold(house: House, { run }: RunEntry): Promise<Unfolded | undefined> {
  const events = await readRun(house.store, run);
  const [intent] = events;
  if (intent?.type !== "intent.run") return undefined; // asked for in the index only: its front end died in between
  let state = initialState(intent, (await readPlan(house.store, intent.plan)).body);
  const pace: Pace = new Map();
  for (const event of events) {
    state = evolve(state, event);
    foldPace(pace, event);
  }
  return { state, pace };
}

function asStatusRun({ state, pace }: Unfolded): StatusRun {
  const { run, plan, by, owner, breakglass, phase, paused, cancel, held, requestedAt, startedAt, endedAt } = state;
  const who = { by, ...(owner === undefined ? {} : { owner }), ...(breakglass === undefined ? {} : { breakglass: breakglass.reason }) };
  const times = { requestedAt, startedAt: startedAt ?? null, endedAt: endedAt ?? null };
  return { run, plan, ...who, phase, paused, cancel: cancel ?? null, held: held ?? null, ...times, progress: progressOf(state, pace) };
}

async function engineOf(house: House, cluster: string): Promise<StatusDocument["engine"]> {
  const engine = await house.findEngine(cluster);
  if (engine === undefined) return null;
  const { host, pid, heardAt } = engine;
  return { host, pid, ...(heardAt === undefined ? {} : { heardAt }) };
}

/** What is active, overlaid with what the newest run says otherwise. */
async function nodeRoles(house: House, newest: RunState | undefined): Promise<readonly StatusNodeRole[]> {
  const all = new Map<string, StatusNodeRole>();
  const forgotten = await forgottenAt(house.store);
  for (const { id, deployment, run, at, restarts } of await readStanding(house.store))
    all.set(id, { id, deployment, state: "active", run, at, ...(restarts === undefined ? {} : { restarts }) });
  for (const [id, { planned, state, since, problem }] of newest?.nodeRoles ?? []) {
    if (newest === undefined || state === "active" || state === "retired") continue;
    if (!all.has(id) && (forgotten.get(id) ?? -Infinity) >= since) continue;
    // Something else went wrong before it was touched, so what stands there still stands.
    if (all.has(id) && (state === "blocked" || state === "waiting" || state === "todo")) continue;
    all.set(id, { id, deployment: planned.deployment, state, run: newest.run, at: since, ...(problem === undefined ? {} : { problem }) });
  }
  return [...all.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** When node-roles were forgotten last, by id. */
async function forgottenAt(store: Store): Promise<ReadonlyMap<string, number>> {
  return await foldStream<Map<string, number>>(store, "standing", new Map(), (times, event) => {
    if (event.type === "noderole.forgotten") for (const id of event.ids) times.set(id, event.at);
    return times;
  });
}

/** Nodes of the file and those on which something stands; while the file cannot be read, all that were ever looked at. */
async function nodes(
  house: House,
  named: readonly string[] | undefined,
  stands: readonly StatusNodeRole[],
): Promise<StatusDocument["nodes"]> {
  const facts = await house.knownFacts();
  const standing = stands.map(({ id }) => id.slice(0, id.indexOf("/")));
  const all = new Set([...(named ?? facts.keys()), ...standing]);
  return [...all].map((node) => ({ node, seenAt: facts.get(node)?.at ?? null }));
}
