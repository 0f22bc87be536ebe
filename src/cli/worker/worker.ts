import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { createConnector, createSshTransport } from "../../core/adapters/ssh/connector.ts";
import { lazyOpensshTransport, lazySsh2Transport } from "../../core/adapters/ssh/lazy-transports.ts";
import type { Vault } from "../../core/adapters/secrets/vault.ts";
import { openState } from "../../core/adapters/store/open.ts";
import type { WorkerEnd, WorkerWish } from "../../core/commands/local.ts";
import { fail, HalliganError, type Problem, problem } from "../../core/errors.ts";
import type { Plan } from "../../core/model/plan.ts";
import type { Logs, Store } from "../../core/ports.ts";
import type { JobSite } from "../../core/run/execute-job.ts";
import { readApplied, readRemains } from "../../core/run/applied.ts";
import { placeOf, siteWords } from "../../core/run/workers/places.ts";
import { enterWorker, type WorkerPresence } from "../../core/run/workers/presence.ts";
import { emptyTally } from "../../core/run/workers/tally.ts";
import { createWorker } from "../../core/run/workers/worker.ts";
import { systemClock } from "../house/clock.ts";
import { intake } from "../house/intake.ts";
import { engineOwner } from "../house/engine-process.ts";
import { isShared, openQueueAt } from "../house/executor.ts";
import { createLinks } from "../house/links.ts";
import { refuseMoved } from "../house/moved.ts";
import { checkDeadlineMs } from "../house/plan-desk.ts";
import { patienceMs } from "../house/run-desk.ts";
import { joinSharedFolder, ownFile } from "../house/shared-folder.ts";
import { takeStandpoint } from "../house/standpoint.ts";
import { storeAccess } from "../house/store-access.ts";
import { storeId } from "../house/store-id.ts";
import { createTargets } from "../house/targets.ts";
import { programVersion } from "../program-version.ts";
import { watchWorker, type WorkerState } from "./watch.ts";

/** Where a worker was started. */
export interface WorkerPlace {
  /** Absolute path of the cluster file, which need not be there: beside it are the worker's own keys. */
  readonly clusterFile: string;
  readonly state: string | undefined;
  readonly user: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const handshakesAtOnce = 48;
/** How often it is looked whether this worker can open the secrets, ms. */
const lookMs = 5_000;
/** Names that are tried where none was given. */
const namesTried = 100;

/** Works for the engines of a shared store until the signal; then what runs comes to its end. @throws `WORKER_STORE`, `WORKER_NAME_TAKEN`, `STORE_*`. */
export async function work(place: WorkerPlace, wish: WorkerWish): Promise<WorkerEnd> {
  const { state, clusterFile } = place;
  if (state === undefined || !isShared(state))
    throw fail("WORKER_STORE", { message: `The store ${state ?? join(dirname(clusterFile), ".halligan", "state.db")} is not shared.` });
  const home = join(dirname(clusterFile), ".halligan");
  joinSharedFolder(home);
  const access = storeAccess(place.environment);
  const { store, logs } = await openState({ url: state, logs: join(home, "logs") }, access);
  try {
    await refuseMoved(store);
    const kit = await createKit(place, { store, logs, home });
    const queue = await openQueueAt(state, access.password);
    try {
      return await present(place, wish, kit, queue);
    } finally {
      await queue.close();
      await kit.end();
    }
  } finally {
    await store.close();
  }
}

/** What a worker has for its work. */
interface Kit {
  readonly store: Store;
  prepare(plan: Plan): Promise<JobSite>;
  /** What keeps it from working, beside what belongs to single jobs. */
  trouble(): Promise<Problem | undefined>;
  end(): Promise<void>;
}

async function createKit(
  { clusterFile, user, environment }: WorkerPlace,
  { store, logs, home }: { readonly store: Store; readonly logs: Logs; readonly home: string },
): Promise<Kit> {
  const deps = { clock: systemClock, random: Math.random };
  const connector = createConnector({
    transport: createSshTransport({ ssh2: lazySsh2Transport(deps), openssh: lazyOpensshTransport(deps) }),
    maxHandshakes: handshakesAtOnce,
  });
  const targets = createTargets({ folder: dirname(clusterFile), environment, ask: async () => undefined });
  let vaulting: Promise<Vault> | undefined;
  const vault = (): Promise<Vault> => (vaulting ??= openVault(store, ownFile(home, "identity", user)));
  const scope = await storeId(store);
  return {
    store,
    async prepare(plan) {
      const standing = { applied: await readApplied(store), remains: await readRemains(store) };
      const { workshop, kept } = await takeStandpoint(plan, { store, file: clusterFile, user, vault, read: targets.read }, standing);
      const link = createLinks(kept.cluster.nodes, targets, connector);
      return { workshop, logs, clock: systemClock, intake, scope, link, limits: { patienceMs, checkDeadlineMs } };
    },
    async trouble() {
      if ((await store.list("secrets")).length === 0) return undefined;
      const box = await vault();
      if ((await box.recipients()).some((each) => each.recipient === box.recipient)) return undefined;
      return problem("NOT_A_RECIPIENT", {
        message: "The cluster's secrets are not sealed for this worker.",
        hint: `Whoever can open them runs \`halligan secrets recipients add ${box.recipient}\`.`,
      });
    },
    end: () => connector.end(),
  };
}

async function openVault(store: Store, identityFile: string): Promise<Vault> {
  const { createVault } = await import("../../core/adapters/secrets/vault.ts");
  return await createVault({ store, identityFile, now: systemClock.now, by: `worker on ${hostname()}` });
}

type Queue = Awaited<ReturnType<typeof openQueueAt>>;

/** Enters the list of workers, works, and leaves it. */
async function present({ user }: WorkerPlace, wish: WorkerWish, kit: Kit, queue: Queue): Promise<WorkerEnd> {
  const { store } = kit;
  const log = (line: string): void => void process.stderr.write(`${new Date(systemClock.now()).toISOString()} ${line}\n`);
  const version = programVersion();
  const owner = engineOwner();
  const names =
    wish.name === undefined ? Array.from({ length: namesTried }, (_, n) => (n === 0 ? hostname() : `${hostname()}-${n + 1}`)) : [wish.name];
  const about = { site: wish.site ?? null, host: hostname(), pid: process.pid, version, concurrency: wish.concurrency };
  const presence = await enterWorker({ store, clock: systemClock }, names, owner, about);
  if (presence === undefined) throw fail("WORKER_NAME_TAKEN", { message: `A worker called ${names.join(" or ")} is at work.` });
  let done = 0;
  const state: WorkerState = { tally: emptyTally, draining: false, trouble: undefined };
  const stop = new AbortController();
  const worker = createWorker({
    store,
    clock: systemClock,
    name: presence.name,
    owner,
    prepare: kit.prepare,
    leaving: stop.signal,
    log,
    onTally(tally) {
      state.tally = tally;
      void presence.show({ running: tally.running });
    },
  });
  const over = new AbortController();
  const end = (): void => stop.abort(new Error("it ends"));
  if (wish.signal.aborted) end();
  wish.signal.addEventListener("abort", end, { once: true });
  const following = worker.follow(over.signal);
  following.catch(end);
  try {
    const { site, concurrency, metrics: port } = wish;
    const watching = await watchWorker({ port, store, queue, presence, site, concurrency, state, log }, over.signal);
    watching.ended.catch(end);
    log(
      `${presence.name} works for ${siteWords(wish.site)}, ${wish.concurrency} jobs at once (process ${process.pid}, user ${user}, version ${version})`,
    );
    const shift = await queue.work(placeOf(wish.site, version), wish.concurrency, async (delivery, again, signal) => {
      await worker.handle(delivery, again, signal);
      done += 1;
    });
    await watchTrouble(kit, presence, shift, { log, state }, stop.signal);
    state.draining = true;
    await presence.show({ draining: true }, true).catch(() => undefined);
    log("takes nothing new; what runs comes to its end (once more ends it at once: others then take over)");
    await shift.end(presence.lost.aborted);
    over.abort();
    await Promise.all([following, watching.ended]);
    if (presence.lost.aborted) throw fail("WORKER_NAME_TAKEN", { message: `Another worker is called ${presence.name} now.` });
    return { name: presence.name, site: wish.site ?? null, done };
  } finally {
    over.abort();
    await presence.leave().catch(() => undefined);
    log("ended");
  }
}

/** Until the worker shall end: takes jobs while it could carry them out, and says on the list why when it could not. */
async function watchTrouble(
  kit: Kit,
  presence: WorkerPresence,
  shift: Awaited<ReturnType<Queue["work"]>>,
  { log, state }: { readonly log: (line: string) => void; readonly state: WorkerState },
  signal: AbortSignal,
): Promise<void> {
  const both = AbortSignal.any([signal, presence.lost]);
  let told = "";
  while (!both.aborted) {
    const trouble = await kit.trouble().catch((error: unknown) => {
      if (error instanceof HalliganError) return error.problems[0];
      throw error;
    });
    state.trouble = trouble;
    const now = trouble?.message ?? "";
    if (now !== told) {
      log(trouble === undefined ? "can work" : `cannot work: ${trouble.code} ${trouble.message} ${trouble.hint}`);
      await presence.show({ problem: trouble ?? null }, true).catch(() => undefined);
      if (trouble === undefined) await shift.resume();
      else await shift.pause();
      told = now;
    }
    await systemClock.sleep(lookMs, both).catch(() => undefined);
  }
}
