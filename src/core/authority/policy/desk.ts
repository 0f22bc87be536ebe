import { AtHand } from "../../at-hand.ts";
import { HalliganError, type Problem, problem } from "../../errors.ts";
import type { LoadedCluster } from "../../house.ts";
import type { Facts } from "../../model/facts.ts";
import type { Digest } from "../../model/ids.ts";
import type { Plan } from "../../model/plan.ts";
import type { BoundNodeRole } from "../../plan/graph.ts";
import { digestOf } from "../../plan/canonical.ts";
import type { Clock, EpochMs, Json, Store } from "../../ports.ts";
import { readStanding, standingIds } from "../../run/applied.ts";
import { createBreath, wholeGo } from "../../run/breath.ts";
import { makeDraft } from "../../run/draft.ts";
import type { Authority } from "../people.ts";
import { judgeHere } from "./engine.ts";
import { keepPolicy, keepState, type KeptSources, readKeptPolicy, readStateOf } from "./kept.ts";
import { loadPolicy, type PolicySource } from "./load-policy.ts";
import { noPlan, viewPlan } from "./plan-view.ts";
import { type PolicyReport, reportOf } from "./report.ts";
import type { Moment, PolicySet, Rule } from "./rule.ts";
import { futureState, presentState, type StateInput } from "./state.ts";
import { readWaivers, type Waiver } from "./waivers.ts";
import type { NodeFacts, PlanView, PolicyEngine, PolicyState, RuleVerdict, Surroundings, World } from "./world.ts";

/** What judging by policy needs. */
export interface PolicyDeps {
  readonly store: Store;
  readonly clock: Clock;
  /** Policy files as they are now: those that came with Halligan, and the cluster's own. */
  sources(): Promise<KeptSources>;
  load(): Promise<LoadedCluster>;
  authority(): Promise<Authority>;
  knownFacts(cluster: string): Promise<ReadonlyMap<string, { readonly facts: Facts; readonly at: EpochMs }>>;
  /** Judges the cluster's own rules. */
  engine(): Promise<PolicyEngine>;
}

/** A policy that is in force, with the digest of its files. */
export interface PolicyInForce {
  readonly policy: PolicySet;
  readonly digest: Digest;
  readonly sources: KeptSources;
}

/** Everything about the policy of one cluster. */
export interface PolicyDesk {
  /** The policy as the files have it now. @throws all problems of the files. */
  current(): Promise<PolicyInForce>;
  /** Notes with a new plan what it leaves behind and under which policy it was made. */
  record(plan: Plan, madeFrom: MadeFrom): Promise<void>;
  /** How the present policy judges a plan: before against after. */
  judgePlan(plan: Plan): Promise<PolicyReport>;
  /** How it judges what stands and what the files would leave behind, without asking nodes. */
  judgeFiles(deployments: readonly string[]): Promise<PolicyReport>;
  /** How its rules about intent judge a cluster file that is proposed, against the one that there is. */
  judgeIntent(after: LoadedCluster): Promise<PolicyReport>;
  /** How it judges what stands. */
  judgePresent(): Promise<PolicyReport>;
  /** By the present policy and by that under which the plan was made: both count. `problems`: files that cannot be read. */
  judgeStrictly(question: Question): Promise<{ readonly reports: readonly PolicyReport[]; readonly problems: readonly Problem[] }>;
  waivers(): Promise<readonly Waiver[]>;
}

/** What a plan was made from. */
export interface MadeFrom {
  readonly bound: readonly BoundNodeRole[];
  /** Deployments that were asked for; empty = all. */
  readonly deployments: readonly string[];
  readonly loaded: LoadedCluster;
  /** What stood, and when that was read. */
  readonly read?: { readonly applied: StateInput["applied"]; readonly at: EpochMs };
}

/** A moment in the life of a plan. */
export interface Question {
  readonly plan: Plan;
  readonly phase: Exclude<PlanView["phase"], "check">;
  readonly starting: readonly string[];
}

/** What stands was read when a plan was made; for so long it need not be read again to judge that plan. */
const freshMs = 30_000;

/** Makes the desk of one cluster. */
export function createPolicyDesk(deps: PolicyDeps): PolicyDesk {
  const { store, clock } = deps;
  const breath = createBreath(clock);
  const here = judgeHere(breath);

  let last: PolicyInForce | undefined;
  /** What the newest plan of this process was made from: it is judged as soon as it is made. */
  let made: { readonly plan: string; readonly at: EpochMs; readonly input: StateInput } | undefined;
  /** What the plan leaves behind that was asked about last: a run asks again and again, and it never changes. */
  let left: { readonly plan: string; readonly state: PolicyState } | undefined;

  async function stateOf(plan: string): Promise<PolicyState | undefined> {
    if (left?.plan !== plan) {
      const state = await readStateOf(store, plan);
      if (state === undefined) return undefined;
      left = { plan, state };
    }
    return left.state;
  }

  /** Files are read anew each time, and parsed when they are others than last time. */
  async function current(): Promise<PolicyInForce> {
    const sources = await deps.sources();
    const digest = digestOfSources(sources);
    if (last?.digest === digest) return last;
    const key = [digest, ...[...sources.shipped, ...sources.own].map(({ file }) => file)].join("\n");
    last = known.find(key) ?? inForceFrom(sources);
    known.keep(key, last);
    return last;
  }

  async function input({ loaded, deployments, bound, read }: InputSource): Promise<StateInput> {
    const applied = read !== undefined && clock.now() - read.at < freshMs ? read.applied : await readStanding(store);
    const kept = new Map<string, PolicyState>();
    for (const plan of new Set(applied.map((each) => each.plan))) {
      const state = await readStateOf(store, plan);
      if (state !== undefined) kept.set(plan, state);
    }
    return { cluster: loaded.cluster, bound: bound ?? boundOf(loaded, deployments), deployments, applied, kept };
  }

  async function around(cluster: string, deployments: readonly string[], policy: PolicySet): Promise<Surroundings> {
    const now = clock.now();
    const [authority, known] = await Promise.all([deps.authority(), deps.knownFacts(cluster)]);
    const facts: Record<string, NodeFacts> = {};
    for (const [node, seen] of known) facts[node] = factsAt(seen, now, policy.settings.factsMaxAgeMs);
    const people = authority.mode === "people" ? authority.people.people.size : 0;
    return {
      cluster: { name: cluster, deployments },
      now,
      authority: { mode: authority.mode, people },
      facts,
      timezone: policy.settings.timezone,
    };
  }

  async function judge(
    { policy, digest }: PolicyInForce,
    when: readonly Moment[],
    surroundings: Surroundings,
    after: World,
    before: World | undefined,
  ): Promise<PolicyReport> {
    const rules = policy.rules.filter((each) => !each.off && each.applies.some((moment) => when.includes(moment)));
    const worlds = before === undefined ? [after] : [before, after];
    const verdicts = await verdictsOf(rules, { surroundings, worlds, deadlineMs: policy.settings.deadlineMs });
    const now = surroundings.now;
    const ofWorld = (index: number): RuleVerdict[] => verdicts.flatMap((each) => each[index] ?? []);
    return reportOf({
      digest,
      rules,
      before: before === undefined ? undefined : ofWorld(0),
      after: ofWorld(worlds.length - 1),
      waivers: await readWaivers(store),
      now,
    });
  }

  async function verdictsOf(
    rules: readonly Rule[],
    job: { readonly surroundings: Surroundings; readonly worlds: readonly World[]; readonly deadlineMs: number },
  ): Promise<readonly (readonly RuleVerdict[])[]> {
    const trusted = rules.filter((each) => each.origin === "shipped");
    const own = rules.filter((each) => each.origin !== "shipped");
    const judged = await here.judge({ ...job, rules: trusted });
    if (own.length === 0) return judged;
    return [...judged, ...(await (await deps.engine()).judge({ ...job, rules: own.map(plain) }))];
  }

  /** The cluster as the files have it, or what the plan itself tells of it while they cannot be read. */
  async function clusterOf(plan: Plan): Promise<{
    readonly loaded: LoadedCluster | undefined;
    readonly view: (phase: PlanView["phase"], starting: readonly string[], standing: ReadonlySet<string>) => PlanView;
  }> {
    const loaded = await deps.load().catch((error: unknown) => {
      if (error instanceof HalliganError) return undefined;
      throw error;
    });
    const approvals = new Map(
      (loaded?.cluster.deployments ?? []).flatMap((each) => (each.approvals === undefined ? [] : [[each.name, each.approvals] as const])),
    );
    return { loaded, view: (phase, starting, standing) => viewPlan(plan.body, phase, starting, approvals, standing) };
  }

  async function judgePlanWith(force: PolicyInForce, { plan, phase, starting }: Question, compare: boolean): Promise<PolicyReport> {
    const { loaded, view } = await clusterOf(plan);
    const { cluster, deployments } = plan.body;
    let known = made?.plan === plan.id && clock.now() - made.at < freshMs ? made.input : undefined;
    const after =
      (await stateOf(plan.id)) ?? (loaded === undefined ? emptyState : futureState((known ??= await input({ loaded, deployments }))));
    const before = compare && loaded !== undefined ? presentState((known ??= await input({ loaded, deployments }))) : undefined;
    // A run asks while it changes what stands.
    const standing = compare && known !== undefined ? new Set<string>(known.applied.map(({ id }) => id)) : await standingIds(store);
    const names = loaded?.cluster.deployments.map((each) => each.name) ?? deployments;
    await breath(wholeGo);
    const surroundings = await around(cluster, names, force.policy);
    await breath(wholeGo);
    const when: readonly Moment[] = phase === "start" || phase === "batch" ? ["live"] : ["plan"];
    return await judge(
      force,
      when,
      surroundings,
      { state: after, plan: view(phase, starting, standing) },
      before === undefined ? undefined : { state: before, plan: noPlan },
    );
  }

  return {
    current,
    async record(plan, madeFrom) {
      // Not parsed here: that costs more than all the rest, and loading the files has told what is wrong with them.
      const sources = await deps.sources();
      const digest = digestOfSources(sources);
      await keepPolicy(store, digest, sources);
      made = { plan: plan.id, at: clock.now(), input: await input(madeFrom) };
      const state = futureState(made.input);
      left = { plan: plan.id, state };
      await keepState(store, plan.id, digest, state);
    },
    judgePlan: async (plan) => await judgePlanWith(await current(), { plan, phase: "plan", starting: [] }, true),
    async judgeFiles(deployments) {
      const force = await current();
      const loaded = await deps.load();
      const states = await input({ loaded, deployments });
      const surroundings = await around(
        loaded.cluster.name,
        loaded.cluster.deployments.map((each) => each.name),
        force.policy,
      );
      return await judge(
        force,
        ["propose", "plan"],
        surroundings,
        { state: futureState(states), plan: noPlan },
        { state: presentState(states), plan: noPlan },
      );
    },
    async judgeIntent(after) {
      const force = await current();
      const before = await deps.load();
      const names = after.cluster.deployments.map((each) => each.name);
      const surroundings = await around(after.cluster.name, names, force.policy);
      const stateOf = async (loaded: LoadedCluster): Promise<World> => ({
        state: futureState(await input({ loaded, deployments: [] })),
        plan: noPlan,
      });
      return await judge(force, ["propose"], surroundings, await stateOf(after), await stateOf(before));
    },
    async judgePresent() {
      const force = await current();
      const loaded = await deps.load();
      const surroundings = await around(
        loaded.cluster.name,
        loaded.cluster.deployments.map((each) => each.name),
        force.policy,
      );
      return await judge(
        force,
        ["live"],
        surroundings,
        { state: presentState(await input({ loaded, deployments: [] })), plan: noPlan },
        undefined,
      );
    },
    async judgeStrictly(question) {
      const problems: Problem[] = [];
      const policies: PolicyInForce[] = [];
      try {
        policies.push(await current());
      } catch (error) {
        if (!(error instanceof HalliganError)) throw error;
        problems.push(
          ...error.problems.map((each) => problem(each.code, { ...each, message: `The policy cannot be read: ${each.message}` })),
        );
      }
      const old = await readKeptPolicy(store, question.plan.id);
      if (old !== undefined && policies.every((each) => each.digest !== old.digest)) policies.push(inForceFrom(old.sources));
      const reports: PolicyReport[] = [];
      for (const each of policies) reports.push(await judgePlanWith(each, question, false));
      return { reports, problems };
    },
    waivers: () => readWaivers(store),
  };
}

type InputSource = Omit<MadeFrom, "bound"> & Partial<Pick<MadeFrom, "bound">>;

const emptyState: PolicyState = { nodes: [], nodeRoles: [], roles: [], settings: [] };

/** What desks of this process have read and hold: an engine judges by the policy that its plan was just judged by. */
const known = new AtHand<PolicyInForce>();

/** @throws all problems of the files. */
function inForceFrom(sources: KeptSources): PolicyInForce {
  const { policy, problems } = loadPolicy(sources.shipped, sources.own);
  const [first, ...rest] = problems;
  if (policy === undefined || first !== undefined) {
    throw new HalliganError([first ?? problem("BUG", { message: "The policy files gave neither rules nor a problem." }), ...rest]);
  }
  return { policy, digest: digestOfSources(sources), sources };
}

/** Digest of policy files: names without their folders, and texts. */
function digestOfSources({ shipped, own }: KeptSources): Digest {
  const plainly = (list: readonly PolicySource[]): Json => list.map(({ file, text }) => [file.slice(file.lastIndexOf("/") + 1), text]);
  return digestOf({ shipped: plainly(shipped), own: plainly(own) });
}

function boundOf(loaded: LoadedCluster, deployments: readonly string[]): readonly BoundNodeRole[] {
  const known = deployments.filter((name) => loaded.cluster.deployments.some((each) => each.name === name));
  const draft = makeDraft({ cluster: loaded.cluster, barclamps: loaded.barclamps, deployments: known, facts: new Map() });
  return draft.graph.ranked;
}

function factsAt({ facts, at }: { readonly facts: Facts; readonly at: EpochMs }, now: EpochMs, maxAgeMs: number): NodeFacts {
  const ageMs = Math.max(0, now - at);
  if (ageMs <= maxAgeMs) return { known: true, facts, ageMs };
  return { known: false, why: `seen ${Math.floor(ageMs / 3_600_000)} h ago, and facts count for ${Math.floor(maxAgeMs / 360_000) / 10} h` };
}

/** What goes to the worker: only what it evaluates. */
function plain({ id, scope, when, require, evidence, message, params }: Rule): Rule {
  return { id, scope, ...(when === undefined ? {} : { when }), require, evidence, message, params } as Rule;
}
