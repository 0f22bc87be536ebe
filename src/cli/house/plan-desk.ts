import { randomBytes } from "node:crypto";
import { settleOpen } from "../../core/authority/approvals/desk.ts";
import type { ApprovalDeps } from "../../core/authority/approvals/read.ts";
import type { Connector } from "../../core/adapters/ssh/connector.ts";
import type { PolicyDesk } from "../../core/authority/policy/desk.ts";
import { HalliganError, type Problem } from "../../core/errors.ts";
import type { House, LoadedCluster, PlanOptions } from "../../core/house.ts";
import type { ClusterNode } from "../../core/model/cluster.ts";
import type { NodeRoleId } from "../../core/model/ids.ts";
import { explain } from "../../core/plan/explain.ts";
import { withProviders } from "../../core/plan/cohorts.ts";
import type { Store } from "../../core/ports.ts";
import { movedNames, renamed, renamesOf } from "../../core/plan/renames.ts";
import { readApplied, readRemains, readStanding, takeable } from "../../core/run/applied.ts";
import { type Draft, type DraftInput, makeDraft } from "../../core/run/draft.ts";
import { earlierOutputs } from "../../core/run/earlier-outputs.ts";
import { makePlan, type PlanningOptions } from "../../core/run/planning.ts";
import { newestPlan, readPlan } from "../../core/run/requests.ts";
import { findDrift } from "../../core/run/drift.ts";
import { chooseProofs, declaredCapabilities, refuseUnknown } from "../../core/run/proving/choose.ts";
import { proveAll } from "../../core/run/proving/prove.ts";
import { createRedactor } from "../../core/run/redactor.ts";
import { verifyAll } from "../../core/run/verifying.ts";
import { systemClock } from "./clock.ts";
import { intake } from "./intake.ts";
import { keepFiles, readFiles, readKept } from "./files.ts";
import type { FreshFiles } from "./fresh-files.ts";
import type { InventoryDesk } from "./inventory-desk.ts";
import type { Links } from "./links.ts";
import { takeStandpoint } from "./standpoint.ts";
import { surelyAsked } from "./surely-asked.ts";
import { openSecrets, type SecretOpening } from "./secrets.ts";

const nodesAtOnce = 200;
const checksPerNode = 4;
/** How long a check of one node-role may take. */
export const checkDeadlineMs = 120_000;

/** What plans are made from. */
export interface PlanDeskOptions {
  readonly store: Store;
  /** Absolute path of the cluster file. */
  readonly file: string;
  readonly user: string;
  readonly approvals: ApprovalDeps;
  readonly policy: PolicyDesk;
  readonly inventory: InventoryDesk;
  readonly vault: SecretOpening["vault"];
  readonly readSecret: SecretOpening["read"];
  /** The files as this command read them first. */
  readonly read: FreshFiles["read"];
  /** Hears of nodes that are about to be connected to. */
  expectNodes(nodes: readonly ClusterNode[]): void;
  linksOf(loaded: LoadedCluster): Links;
  /** Closes a connection that is not needed any more. Absent where connections stay for whoever comes next. */
  readonly letGo?: Connector["letGo"];
}

/** Everything of a house that looks at nodes and changes none: plans, verification, explanations. */
export function createPlanDesk(options: PlanDeskOptions): Pick<House, "plan" | "verify" | "prove" | "drift" | "why"> {
  const { store, inventory, vault, readSecret, linksOf } = options;
  const load = async (): Promise<LoadedCluster> => (await options.read()).loaded;
  const secretsOf = (loaded: LoadedCluster, sealedOnly: boolean): ReturnType<typeof openSecrets> =>
    openSecrets(loaded.cluster, { store, vault, read: readSecret, sealedOnly });

  async function prepared(wanted: PlanOptions): Promise<{
    readonly loaded: LoadedCluster;
    readonly draft: Draft;
    readonly limit: Pick<PlanOptions, "limit">;
    readonly unreachable: ReadonlyMap<string, Problem>;
  }> {
    const { loaded } = await filesFor(wanted);
    const parts = { cluster: loaded.cluster, barclamps: loaded.barclamps, deployments: wanted.deployments };
    const first = firstDraft({ ...parts, facts: new Map() }, wanted.limit);
    const limit = wanted.limit === undefined ? {} : { limit: { ...wanted.limit, only: reachOf(first.graph, wanted.limit) } };
    const whole = wanted.limit === undefined ? first : firstDraft({ ...parts, facts: new Map() }, limit.limit);
    if (wanted.refresh !== "no") connectAhead(loaded, whole, wanted.signal);
    const { facts, unreachable } = await inventory.factsFor(loaded, whole, wanted);
    return { loaded, draft: whole.withFacts(facts), limit, unreachable };
  }

  /** What a plan is made from; new revisions get their numbers. */
  async function filesFor(wanted: PlanOptions): Promise<{ readonly loaded: LoadedCluster }> {
    const { source, by, refresh } = wanted;
    const seen = { by, at: systemClock.now(), head: source === undefined };
    if (source?.kind === "revision") return { loaded: await readKept(store, source.digest, options.file, { user: options.user }) };
    const files = source === undefined ? await options.read() : await readFiles(options.file, { user: options.user }, source.text);
    if (source === undefined && refresh !== "no") options.expectNodes(surelyAsked(files.loaded.cluster, wanted));
    await keepFiles(store, files, source === undefined ? seen : { ...seen, proposal: source });
    return files;
  }

  /** What a plan with bounds looks at. One that goes back to an older revision leaves alone what that says of others. */
  function reachOf(graph: Draft["graph"], { purpose, only }: NonNullable<PlanOptions["limit"]>): ReadonlySet<NodeRoleId> {
    return purpose.kind === "rollback" ? only : withProviders(graph, only);
  }

  /** @throws what prevents a plan whatever the nodes are like. */
  function firstDraft(input: DraftInput, limit: PlanOptions["limit"]): Draft {
    const draft = makeDraft({ ...input, ...(limit === undefined ? {} : { limit }) });
    const [problem, ...rest] = draft.problems;
    if (problem !== undefined) throw new HalliganError([problem, ...rest]);
    return draft;
  }

  /**
   * What stands and what was left, by the names that nodes have now. Where all of it stays, nothing of how it is taken away is read: that is most of
   * what is kept. @throws `NODE_NAME_REUSED`.
   */
  async function standing({ cluster }: LoadedCluster, { graph }: Draft): Promise<Pick<PlanningOptions, "applied" | "remains" | "renames">> {
    const remains = await readRemains(store);
    const placed: ReadonlyMap<string, unknown> = graph.byId;
    const known = await readStanding(store);
    const stays = [...known, ...remains].every(({ id }) => placed.has(id));
    const applied = stays ? known.map((each) => ({ ...each, undo: [] })) : await readApplied(store);
    const all = takeable(applied, remains);
    const [reused, ...more] = movedNames(all, cluster).filter((each) => each.code === "NODE_NAME_REUSED");
    if (reused !== undefined) throw new HalliganError([reused, ...more]);
    const renames = renamesOf(all, cluster);
    return { applied: renamed(applied, renames), remains: renamed(remains, renames), renames };
  }

  /**
   * Handshakes take longer than anything that is done here before the nodes are asked, so those that are asked first begin at once. Who needs the connection tells what is wrong
   * with it.
   */
  function connectAhead(loaded: LoadedCluster, draft: Draft, signal: AbortSignal): void {
    const link = linksOf(loaded);
    const nodes = new Set(draft.graph.nodeRoles.filter((each) => each.bound.selected).map((each) => each.bound.node.name));
    for (const node of [...nodes].slice(0, nodesAtOnce)) link(node, signal).catch(() => undefined);
  }

  return {
    async plan(planOptions) {
      const { loaded, draft, limit, unreachable } = await prepared(planOptions);
      const { lookup, masked, named } = await secretsOf(loaded, false);
      const at = systemClock.now();
      const stands = await standing(loaded, draft);
      // The policy judges what is shown, and what changes something. While nodes are asked, there is time to read its rules; whoever judges tells what is wrong with them.
      const readRules = (): Promise<unknown> => options.policy.current().catch(() => undefined);
      let rules = planOptions.alone === true ? readRules() : undefined;
      const plan = await makePlan({
        store,
        clock: systemClock,
        intake,
        draft,
        ...limit,
        revision: loaded.revision,
        secrets: lookup,
        masked,
        named,
        ...stands,
        ...(planOptions.restarts === undefined ? {} : { restarts: planOptions.restarts }),
        ...(planOptions.refresh === undefined ? {} : { refresh: planOptions.refresh }),
        by: planOptions.by,
        link: linksOf(loaded),
        runFollows: options.letGo !== undefined && planOptions.alone !== true,
        onAsked: ({ connection }, unchanged) => {
          if (!unchanged) rules ??= readRules();
          // Thousands of open connections are much of a large plan's memory.
          if (unchanged || planOptions.alone === true) options.letGo?.(connection);
        },
        unreachable,
        onProgress: planOptions.onProgress,
        signal: planOptions.signal,
        limits: { nodesAtOnce, checksPerNode, checkDeadlineMs },
      });
      // Plans are judged by the policy under which they were made, too: it is kept with what the plan would leave behind.
      const changes = plan.body.nodeRoles.some((each) => each.action !== "skip");
      const read = stands.renames.length === 0 ? { read: { applied: stands.applied, at } } : {};
      if (changes) await options.policy.record(plan, { bound: draft.graph.ranked, deployments: planOptions.deployments, loaded, ...read });
      // What is only proposed takes nothing from the votes on what is.
      if (planOptions.source?.kind !== "proposal") await settleOpen(options.approvals, plan, planOptions.by);
      return plan;
    },
    async drift({ records, renames, onProgress, signal }) {
      const standing = { applied: await readApplied(store), remains: [] };
      const past = { store, file: options.file, user: options.user, vault, read: readSecret };
      return await findDrift({
        records,
        renames,
        applied: standing.applied,
        standpoint: async (id) => await takeStandpoint(await readPlan(store, id), past, standing),
        link: linksOf(await load()),
        clock: systemClock,
        intake,
        limits: { nodesAtOnce, checksPerNode, checkDeadlineMs },
        onProgress,
        signal,
      });
    },
    async verify(planOptions) {
      const { loaded, draft, unreachable } = await prepared(planOptions);
      const { lookup, masked, named } = await secretsOf(loaded, false);
      const applied = await readStanding(store);
      return await verifyAll({
        draft,
        secrets: lookup,
        masked,
        named,
        applied,
        unreachable,
        link: linksOf(loaded),
        clock: systemClock,
        intake,
        deadlineMs: checkDeadlineMs,
        signal: planOptions.signal,
        onProgress: planOptions.onProgress,
        nodesAtOnce,
      });
    },
    async prove(wanted) {
      const { loaded, draft, unreachable } = await prepared(wanted);
      refuseUnknown(wanted.capabilities, declaredCapabilities(draft.graph));
      const { lookup, named } = await secretsOf(loaded, false);
      const applied = await readStanding(store);
      const standing = { active: new Set(applied.map((each) => each.id)), unreachable, capabilities: wanted.capabilities };
      return await proveAll(chooseProofs(draft.graph, standing), {
        standing,
        resolver: draft.resolver({ secrets: lookup, lateOutputs: earlierOutputs(applied) }),
        redactor: createRedactor(named),
        link: linksOf(loaded),
        clock: systemClock,
        token: () => randomBytes(4).toString("hex"),
        onProgress: (done, total, item) => wanted.onProgress({ what: "prove", done, total, item }),
        signal: wanted.signal,
      });
    },
    async why(id) {
      const loaded = await load();
      const facts = new Map([...(await inventory.knownFacts())].map(([node, { facts: each }]) => [node, each]));
      const draft = makeDraft({ cluster: loaded.cluster, barclamps: loaded.barclamps, deployments: [], facts });
      const applied = await readStanding(store);
      const { masked } = await secretsOf(loaded, true);
      const resolver = draft.resolver({ secrets: masked, lateOutputs: earlierOutputs(applied), seen: true });
      const plan = await newestPlan(store);
      const explained = explain({
        id: id as NodeRoleId,
        cluster: loaded.cluster,
        graph: draft.graph,
        resolver,
        ...(plan === undefined ? {} : { plan }),
      });
      if ("problem" in explained) throw new HalliganError([explained.problem]);
      return explained.why;
    },
  };
}
