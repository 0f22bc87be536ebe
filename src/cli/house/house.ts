import { join } from "node:path";
import { openLogs } from "../../core/adapters/logs.ts";
import type { Vault } from "../../core/adapters/secrets/vault.ts";
import { openStore } from "../../core/adapters/store/open.ts";
import { createConnector, createSshTransport } from "../../core/adapters/ssh/connector.ts";
import { createOpensshTransport } from "../../core/adapters/ssh/openssh-transport.ts";
import { createSsh2Transport } from "../../core/adapters/ssh/ssh2-transport.ts";
import { claimer, requestOf, settleOpen } from "../../core/authority/approvals/desk.ts";
import { makeEffective } from "../../core/authority/approvals/effective.ts";
import type { ApprovalDeps } from "../../core/authority/approvals/read.ts";
import { principalText } from "../../core/authority/principal.ts";
import { recordRuns } from "../../core/authority/audit/record-runs.ts";
import { HalliganError, type Problem, fail } from "../../core/errors.ts";
import type { House, LoadedCluster, PlanOptions } from "../../core/house.ts";
import type { NodeRoleId } from "../../core/model/ids.ts";
import type { Plan } from "../../core/model/plan.ts";
import { explain } from "../../core/plan/explain.ts";
import type { Fence } from "../../core/ports.ts";
import { carryOut } from "../../core/run/annealer.ts";
import { readApplied } from "../../core/run/applied.ts";
import { type Draft, makeDraft } from "../../core/run/draft.ts";
import { earlierOutputs } from "../../core/run/earlier-outputs.ts";
import { readKeptFacts } from "../../core/run/kept-facts.ts";
import { openRuns } from "../../core/run/queue.ts";
import { makePlan } from "../../core/run/planning.ts";
import { newestPlan, requestRun } from "../../core/run/requests.ts";
import { refuseOldSecrets } from "../../core/run/secret-needs.ts";
import type { RunState } from "../../core/run/state.ts";
import { verifyAll } from "../../core/run/verifying.ts";
import { createWorkshop } from "../../core/run/workshop.ts";
import { takeSecret } from "./ask-secret.ts";
import { createAuditDesk, tellUnrecorded } from "./audit-desk.ts";
import { createExecDesk } from "./exec-desk.ts";
import { everySecret } from "./every-secret.ts";
import { systemClock } from "./clock.ts";
import { engineLastWords, engineOwner, ensureEngine, findEngine } from "./engine-process.ts";
import { keepFiles, readFiles, readKept } from "./files.ts";
import { followRun } from "./follow.ts";
import { createFreshFiles } from "./fresh-files.ts";
import { createKeyAcceptor } from "./accept-key.ts";
import { endAtOnce } from "./at-once.ts";
import { createGate } from "./gate.ts";
import { createInventoryDesk } from "./inventory-desk.ts";
import { createLinks, type Links } from "./links.ts";
import { createHousePolicy } from "./policy.ts";
import { createAuthority, personBehind, type Prove, provePrincipal } from "./people-desk.ts";
import { createSecretDesk } from "./secret-desk.ts";
import { openSecrets, retireSecrets, versionsOf } from "./secrets.ts";
import { joinSharedFolder, ownFile } from "./shared-folder.ts";
import { storeId } from "./store-id.ts";
import { type AskSecret, createTargets } from "./targets.ts";

/** What the composition root knows. */
export interface HouseOptions {
  /** Absolute path of the cluster file. */
  readonly file: string;
  readonly folder: string;
  readonly stateUrl: string | undefined;
  readonly user: string;
  /** Proves who asks. */
  readonly prove: Prove;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly ask: AskSecret;
  /** Secrets that another process has asked for. */
  readonly answers?: Readonly<Record<string, string>>;
}

/** A house that can also carry out runs: what an engine process holds. */
export interface EngineHouse extends House {
  carryOut(run: string, plan: Plan, fence: Fence, signal: AbortSignal): Promise<RunState>;
}

const handshakesAtOnce = 48;
const nodesAtOnce = 100;
const checksPerNode = 4;
const checkDeadlineMs = 120_000;
const jobsAtOnce = 200;
/** A node that is away for longer while its job runs leaves the node-role `unknown`. */
const patienceMs = 15 * 60_000;

/** Opens the house of one cluster folder. Problems: those of the store. */
export async function openHouse(options: HouseOptions): Promise<EngineHouse> {
  const { file, folder } = options;
  const home = join(folder, ".halligan");
  joinSharedFolder(home);
  const kept = await openStore(options.stateUrl ?? join(home, "state.db"));
  const audit = createAuditDesk({ store: kept, home, user: options.user, secrets: () => everySecret(kept, vault) });
  const store = recordRuns(kept, audit, tellUnrecorded);
  const identityFile = ownFile(home, "identity", options.user);
  const logs = openLogs(join(home, "logs"));
  const deps = { clock: systemClock, random: Math.random };
  const ssh2 = createSsh2Transport(deps);
  const connector = createConnector({
    transport: createSshTransport({ ssh2, openssh: createOpensshTransport(deps) }),
    maxHandshakes: handshakesAtOnce,
  });
  const targets = createTargets(options, options.answers);
  let vaulting: Promise<Vault> | undefined;
  const vault = (): Promise<Vault> => (vaulting ??= openVault());
  const files = createFreshFiles(file, () => readFiles(file, { user: options.user }), systemClock.now);
  let loading: ReturnType<typeof readFiles> | undefined;
  const read = (): ReturnType<typeof readFiles> => (loading ??= files.read());
  const load = async (): Promise<LoadedCluster> => (await read()).loaded;
  const linksOf = (loaded: LoadedCluster): Links => createLinks(loaded.cluster.nodes, targets, connector);
  const authority = createAuthority(folder, store);
  const principal = await provePrincipal(options.prove, authority, audit).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  const policy = createHousePolicy({ store, clock: systemClock, folder, load, authority });
  // An engine's local user need not be anybody in people.yaml.
  const asker = (): Promise<string> => personBehind(principal, authority).catch(() => principalText(principal));
  const gate = createGate({ store, clock: systemClock, folder, authority, load, files, policy: policy.judge });
  const approvals: ApprovalDeps = { store, clock: systemClock, authority, policies: () => files.approvals() };
  const desk = createInventoryDesk({ store, clock: systemClock, load, linksOf, accept: createKeyAcceptor(targets, ssh2) });

  async function prepared(
    options: PlanOptions,
  ): Promise<{ readonly loaded: LoadedCluster; readonly draft: Draft; readonly unreachable: ReadonlyMap<string, Problem> }> {
    const loaded = await load();
    const parts = { cluster: loaded.cluster, barclamps: loaded.barclamps, deployments: options.deployments };
    const first = makeDraft({ ...parts, facts: new Map() });
    const [problem, ...rest] = first.problems;
    if (problem !== undefined) throw new HalliganError([problem, ...rest]);
    connectAhead(loaded, first, options.signal);
    const { facts, unreachable } = await desk.factsFor(loaded, first, options);
    return { loaded, draft: makeDraft({ ...parts, facts }), unreachable };
  }

  const house: EngineHouse = {
    file,
    folder,
    store,
    logs,
    clock: systemClock,
    principal,
    authority,
    person: () => personBehind(principal, authority),
    audit,
    secrets: createSecretDesk({
      store,
      vault,
      load,
      knownFacts: desk.knownFacts,
      read: targets.read,
      takeValue: takeSecret,
      ask: options.ask,
      identityFile,
      now: systemClock.now,
      by: asker,
    }),
    load,
    knownFacts: desk.knownFacts,
    discover: desk.discover,
    async plan(planOptions) {
      const { loaded, draft, unreachable } = await prepared(planOptions);
      await keepFiles(store, await read());
      const { lookup, masked, named } = await openSecrets(loaded.cluster, { store, vault, read: targets.read, sealedOnly: false });
      // While the nodes are asked, there is time to read the rules.
      policy.desk.current().catch(() => undefined);
      const plan = await makePlan({
        store,
        clock: systemClock,
        draft,
        revision: loaded.revision,
        secrets: lookup,
        masked,
        named,
        applied: await readApplied(store),
        by: planOptions.by,
        link: linksOf(loaded),
        unreachable,
        onProgress: planOptions.onProgress,
        signal: planOptions.signal,
        limits: { nodesAtOnce, checksPerNode, checkDeadlineMs },
      });
      await settleOpen(approvals, plan, planOptions.by);
      return plan;
    },
    async verify(planOptions) {
      const { loaded, draft, unreachable } = await prepared(planOptions);
      const { lookup, masked, named } = await openSecrets(loaded.cluster, { store, vault, read: targets.read, sealedOnly: false });
      const applied = await readApplied(store);
      return await verifyAll({
        draft,
        secrets: lookup,
        masked,
        named,
        applied,
        unreachable,
        link: linksOf(loaded),
        clock: systemClock,
        deadlineMs: checkDeadlineMs,
        signal: planOptions.signal,
        onProgress: planOptions.onProgress,
        nodesAtOnce,
      });
    },
    approvals,
    judge: gate,
    policy: policy.desk,
    async requestRun(plan, by, wish = {}) {
      const loaded = await load();
      if (plan.revision !== loaded.revision)
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
      if (changesAnything(plan) || (await openRuns(store)).length !== 1) return { run, engine: await house.ensureEngine() };
      const { carryOut, ensureEngine } = house;
      return { run, engine: await endAtOnce({ store, cluster: loaded.cluster.name, carryOut, ensureEngine }) };
    },
    execute: createExecDesk({ load, linksOf, secrets: () => everySecret(store, vault) }),
    findEngine: (cluster) => findEngine(store, cluster),
    async ensureEngine() {
      const { cluster } = await load();
      return await ensureEngine({
        store,
        clock: systemClock,
        cluster: cluster.name,
        clusterFile: file,
        folder,
        stateUrl: options.stateUrl,
        answers: targets.asked(),
      });
    },
    follow: (run, signal) =>
      followRun({
        store,
        clock: systemClock,
        run,
        signal,
        ensureEngine: () => house.ensureEngine(),
        lastWords: () => engineLastWords(folder),
      }),
    async why(id) {
      const loaded = await load();
      const facts = new Map([...(await desk.knownFacts())].map(([node, { facts: each }]) => [node, each]));
      const draft = makeDraft({ cluster: loaded.cluster, barclamps: loaded.barclamps, deployments: [], facts });
      const applied = await readApplied(store);
      const { masked } = await openSecrets(loaded.cluster, { store, vault, read: targets.read, sealedOnly: true });
      const resolver = draft.resolver({ secrets: masked, lateOutputs: earlierOutputs(applied), seen: true });
      const plan = await newestPlan(store);
      const explained = explain({
        id: id as NodeRoleId,
        cluster: loaded.cluster,
        graph: draft.graph,
        resolver,
        ...(plan === undefined ? {} : { plan: plan.body }),
      });
      if ("problem" in explained) throw new HalliganError([explained.problem]);
      return explained.why;
    },
    async carryOut(run, plan, fence, signal) {
      const kept = await readKept(store, plan.revision, file, { user: options.user });
      const draft = makeDraft({
        cluster: kept.cluster,
        barclamps: kept.barclamps,
        deployments: plan.body.deployments,
        facts: await readKeptFacts(store, plan.facts),
      });
      const { lookup, masked, named } = await openSecrets(kept.cluster, {
        store,
        vault,
        read: targets.read,
        sealedOnly: true,
        pinned: versionsOf(plan),
      });
      const applied = await readApplied(store);
      const workshop = createWorkshop({
        plan,
        draft,
        secrets: lookup,
        masked,
        named,
        applied: new Map(applied.map((each) => [each.id, each])),
        earlier: earlierOutputs(applied),
      });
      const limits = { maxJobs: jobsAtOnce, patienceMs, checkDeadlineMs };
      const state = await carryOut(
        run,
        {
          store,
          clock: systemClock,
          logs,
          fence,
          scope: await storeId(store),
          engine: engineOwner(),
          plan,
          workshop,
          gate,
          link: linksOf(kept),
          limits,
        },
        signal,
      );
      await retireSecrets(store, vault);
      return state;
    },
    async close() {
      await policy.close();
      await connector.end();
      await store.close();
    },
  };
  return house;

  /** Loaded at first need: a cluster without secrets starts a little faster. */
  async function openVault(): Promise<Vault> {
    const { createVault } = await import("../../core/adapters/secrets/vault.ts");
    return await createVault({
      store,
      identityFile,
      now: systemClock.now,
      by: await asker(),
    });
  }

  /** Handshakes take longer than anything that is done here before the nodes are asked, so they begin at once. Who needs the connection tells what is wrong with it. */
  function connectAhead(loaded: LoadedCluster, draft: Draft, signal: AbortSignal): void {
    const link = linksOf(loaded);
    const nodes = new Set(draft.graph.nodeRoles.filter((each) => each.bound.selected).map((each) => each.bound.node.name));
    for (const node of nodes) link(node, signal).catch(() => undefined);
  }
}

function changesAnything(plan: Plan): boolean {
  return plan.body.nodeRoles.some((each) => each.action !== "skip");
}
