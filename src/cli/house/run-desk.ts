import { hostname } from "node:os";
import { claimer, requestOf } from "../../core/authority/approvals/desk.ts";
import { makeEffective } from "../../core/authority/approvals/effective.ts";
import type { ApprovalDeps } from "../../core/authority/approvals/read.ts";
import { allOf, type Judge } from "../../core/authority/gate.ts";
import { followsFiles, previewOnly } from "../../core/authority/locks/staleness.ts";
import type { Authority } from "../../core/authority/people.ts";
import { type Principal, principalText } from "../../core/authority/principal.ts";
import { HalliganError, fail } from "../../core/errors.ts";
import type { EngineInfo, House, LoadedCluster } from "../../core/house.ts";
import type { RunId } from "../../core/model/ids.ts";
import type { Plan } from "../../core/model/plan.ts";
import type { Fence, Logs, Secret, Store } from "../../core/ports.ts";
import { carryOut } from "../../core/run/annealer.ts";
import { readApplied, readRemains } from "../../core/run/applied.ts";
import { limitsOf } from "../../core/run/label-limits.ts";
import { openRuns } from "../../core/run/queue.ts";
import { requestRun } from "../../core/run/requests.ts";
import { refuseOldSecrets } from "../../core/run/secret-needs.ts";
import type { RunState } from "../../core/run/state.ts";
import { createWorkerJudge } from "../../core/run/workers/worker-judge.ts";
import { programVersion } from "../program-version.ts";
import { endAtOnce } from "./at-once.ts";
import { systemClock } from "./clock.ts";
import { intake } from "./intake.ts";
import { createBehind } from "./behind.ts";
import { type EngineHere, startEngineHere } from "./engine-here.ts";
import { engineLastWords, engineOwner, type EngineStart, ensureEngine, findEngine } from "./engine-process.ts";
import { checkDeadlineMs } from "./plan-desk.ts";
import { followRun } from "./follow.ts";
import { createExecutor, isShared } from "./executor.ts";
import type { EngineHouse } from "./house.ts";
import type { FreshFiles } from "./fresh-files.ts";
import type { Links } from "./links.ts";
import { retireSecrets, type SecretOpening } from "./secrets.ts";
import { takeStandpoint } from "./standpoint.ts";
import { storeId } from "./store-id.ts";
import type { Targets } from "./targets.ts";

const jobsAtOnce = 200;
/** A plan with more node-roles gets an engine process, with a memory and a processor of its own. */
const nodeRolesHere = 2_000;
/** A node that is away for longer while its job runs leaves the node-role `unknown`. */
export const patienceMs = 15 * 60_000;

/** What runs are asked for and carried out with. */
export interface RunDeskOptions {
  readonly file: string;
  readonly folder: string;
  readonly stateUrl: string | undefined;
  /** Of a shared store whose address names no password file. */
  readonly storePassword: Secret | undefined;
  readonly user: string;
  readonly store: Store;
  readonly logs: Logs;
  readonly principal: Principal;
  readonly approvals: ApprovalDeps;
  readonly gate: Judge;
  readonly files: FreshFiles;
  readonly targets: Targets;
  readonly vault: SecretOpening["vault"];
  authority(): Promise<Authority>;
  load(): Promise<LoadedCluster>;
  linksOf(loaded: LoadedCluster): Links;
  /** Opens a house for an engine in this process, over the same connections; absent in a process that is no one person's command. */
  readonly openEngine?: (answers: Readonly<Record<string, string>>) => Promise<EngineHouse>;
}

/** What a run desk does. */
export type RunDesk = Pick<House, "requestRun" | "ensureEngine" | "standBehind" | "follow"> & {
  carryOut(run: string, plan: Plan, fence: Fence, signal: AbortSignal): Promise<RunState>;
  /** Hands a run that this process carries out to its standby; an engine process that waits for another machine's engine ends. */
  leave(): Promise<void>;
};

/** Asks for runs, sees to it that an engine is there, follows them, and carries them out where this process is the engine. */
export function createRunDesk(options: RunDeskOptions): RunDesk {
  const { file, folder, store, logs, principal, approvals, gate, files, targets, vault, authority, load, linksOf } = options;
  let here: EngineHere | undefined;
  const behind = createBehind();

  const engineStart = (cluster: string): EngineStart => ({
    store,
    clock: systemClock,
    cluster,
    clusterFile: file,
    folder,
    stateUrl: options.stateUrl,
    answers: targets.asked(),
  });

  /** Carries the run out in this process, which has just made its plan and has its connections; `undefined` where an engine process is to do it. */
  async function carryOutHere(run: RunId, plan: Plan, cluster: string): Promise<EngineInfo | undefined> {
    const { openEngine, stateUrl } = options;
    if (openEngine === undefined || (stateUrl !== undefined && isShared(stateUrl))) return undefined;
    if (here !== undefined || plan.body.nodeRoles.length > nodeRolesHere) return undefined;
    if ((await findEngine(store, cluster)) !== undefined) return undefined;
    here = await startEngineHere({ run, start: engineStart(cluster), open: () => openEngine(targets.asked()) });
    return here === undefined ? undefined : { host: hostname(), pid: process.pid, started: true };
  }

  const desk: RunDesk = {
    async requestRun(plan, by, wish = {}) {
      const preview = previewOnly(plan);
      if (preview !== undefined) throw new HalliganError([preview]);
      const loaded = await load();
      if (!followsFiles(plan, loaded.revision))
        throw fail("PLAN_OUTDATED", { message: `Plan ${plan.id} was made before the files were changed.` });
      const past = wish.breakglass === undefined ? { ...(await requestOf(approvals, plan)), ...wish } : wish;
      if (changesAnything(plan)) {
        const [holdup, ...others] = await gate({ phase: "request", plan, by, ...past });
        if (holdup !== undefined) throw new HalliganError([holdup.problem, ...others.map((each) => each.problem)]);
      }
      // Secrets that must be typed are asked for here, where a person is; the engine gets them over a pipe.
      for (const node of loaded.cluster.nodes) await Promise.all([targets.target(node), targets.become(node)]);
      const asked = await authority();
      await refuseOldSecrets(store, plan);
      const run = await requestRun(store, plan, by, systemClock.now(), {
        principal: principalText(principal),
        ...past,
        ...(asked.mode === "people" ? { people: asked.people.digest } : {}),
        ...(past.request === undefined ? {} : { claim: claimer(approvals, past.request, plan, by) }),
      });
      if (asked.mode === "people" && changesAnything(plan)) await makeEffective(store, plan.body, await files.approvals());
      const alone = (await openRuns(store)).length === 1;
      if (changesAnything(plan) || !alone) {
        const engine = alone && wish.here === true ? await carryOutHere(run, plan, loaded.cluster.name) : undefined;
        return { run, engine: engine ?? (await desk.ensureEngine()) };
      }
      return {
        run,
        engine: await endAtOnce({ store, cluster: loaded.cluster.name, carryOut: desk.carryOut, ensureEngine: desk.ensureEngine }),
      };
    },
    async ensureEngine() {
      const { cluster } = await load();
      return await ensureEngine(engineStart(cluster.name), here?.standby ?? behind.standby());
    },
    async standBehind(engine) {
      const { cluster } = await load();
      behind.follow(engineStart(cluster.name), engine);
    },
    async *follow(run, signal) {
      let ended = false;
      try {
        const surroundings = { ensureEngine: () => desk.ensureEngine(), lastWords: () => engineLastWords(folder) };
        for await (const step of followRun({ store, clock: systemClock, run, signal, ...surroundings })) {
          ended ||= step.event.type === "run.ended";
          yield step;
        }
      } finally {
        if (here?.run === run) await here.leave(ended);
        if (here?.run === run && ended) here = undefined;
      }
    },
    async leave() {
      behind.dismiss();
      await here?.leave(false);
    },
    async carryOut(run, plan, fence, signal) {
      const standing = { applied: await readApplied(store), remains: await readRemains(store) };
      const { workshop, kept } = await takeStandpoint(plan, { store, file, user: options.user, vault, read: targets.read }, standing);
      const scope = await storeId(store);
      const limits = { patienceMs, checkDeadlineMs };
      const site = { workshop, logs, clock: systemClock, intake, scope, link: linksOf(kept), limits };
      const { executor, end } = createExecutor({
        ...{ store, clock: systemClock, fence, run, owner: engineOwner(), site },
        ...{ stateUrl: options.stateUrl, password: options.storePassword, cluster: kept.cluster },
      });
      const { only = [], atOnce } = kept.cluster.workers ?? {};
      const judges = [gate, createWorkerJudge(store, kept.cluster.nodes, only, programVersion())];
      const bounds = { maxJobs: jobsAtOnce, ...(atOnce === undefined ? {} : { limitsOf: limitsOf(kept.cluster.nodes, atOnce) }) };
      const means = { store, clock: systemClock, fence, scope, engine: engineOwner(), plan, workshop, gate: allOf(judges), executor };
      try {
        const state = await carryOut(run, { ...means, limits: bounds }, signal);
        await retireSecrets(store, vault);
        return state;
      } finally {
        await end();
      }
    },
  };
  return desk;
}

function changesAnything(plan: Plan): boolean {
  return plan.body.nodeRoles.some((each) => each.action !== "skip");
}
